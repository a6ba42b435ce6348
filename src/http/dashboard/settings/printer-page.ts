import type { PrinterSettings, StoreSettings } from "../../../core/settings.ts";
import type { UnixMs } from "../../../core/time.ts";
import type { Role } from "../../sessions.ts";
import { idempotencyField } from "../idempotency.ts";
import { html, type Html } from "../html.ts";
import { factList } from "../layout.ts";
import { spanText, type Viewpoint } from "../../../answers/moments.ts";
import { agoTime } from "../times.ts";
import type { DashboardDeps, Frame } from "../visit.ts";
import { noticeOf } from "./notices.ts";
import { LANGUAGE_NAMES } from "./printer-fields.ts";
import { openTrouble } from "./trouble.ts";

/** One printer: does it print, what is it set to, and what can be done. */
export async function printerPage(
  deps: DashboardDeps,
  printer: PrinterSettings,
  role: Role,
  done: string | null,
): Promise<Frame> {
  const { name } = printer;
  const viewpoint = { now: deps.clock.now(), zone: printer.time_zone, named: true };
  const users = deps.settings().stores.filter((store) => store.printer === name);
  const body = html`${noticeOf(done)}
    <p class="crumbs muted"><a href="/stores-and-printers">Stores and printers</a></p>
    <h1>${name} <span class="tag">printer</span></h1>
    <div id="state" data-live>${await lastPrinted(deps, name, viewpoint)}</div>
    ${role === "admin" && testSlip(name)}
    <div id="trouble-now" data-live>${await openTrouble(deps, { printer: name }, viewpoint)}</div>
    <h2>Stores that print here</h2>
    <div id="stores" data-live>${usersOf(users, role)}</div>
    <h2>Settings</h2>
    <div id="settings" data-live>
      ${facts(printer, await deps.ledger.changedAt("printer", name), viewpoint)}
    </div>
    ${role === "admin" && acts(name)}`;
  return { title: `Printer ${name}`, section: "/stores-and-printers", live: "/live", body };
}

async function lastPrinted({ ledger }: DashboardDeps, printer: string, viewpoint: Viewpoint): Promise<Html> {
  const [last] = await ledger.listDeliveries({ printer, state: "printed", limit: 1 });
  const at = last?.printed_at ?? null;
  if (last === undefined || at === null) {
    return html`<p>
      No slip was confirmed at this printer yet. A test slip shows whether key and sign pass.
    </p>`;
  }
  return html`<p>
    Last confirmed <a href="/deliveries/${last.id}">${last.order_name}</a>, ${agoTime(at, viewpoint)}.
  </p>`;
}

function testSlip(name: string): Html {
  return html`<form class="act" method="post" action="/printers/${name}/test-slip">
    ${idempotencyField()}
    <button class="strong">Print a test slip</button>
    <p class="muted">
      Shows that the cloud takes the key and the sign, and that the printer prints and is confirmed. Its ruler
      must fill one line: if it breaks, or room is left, set other columns. No store has a part in it.
    </p>
  </form>`;
}

function usersOf(users: readonly StoreSettings[], role: Role): Html {
  if (users.length === 0) {
    return html`<p>None yet. ${role === "admin" && html`<a href="/add-store">Add a store</a>`}</p>`;
  }
  return html`<ul class="plain">
    ${users.map(({ name }) => html`<li><a href="/stores/${name}">${name}</a></li>`)}
  </ul>`;
}

function facts(printer: PrinterSettings, changedAt: UnixMs | null, viewpoint: Viewpoint): Html {
  return factList([
    ["API key", "set"],
    ["Secret key", printer.secret_key === "" ? "none" : "set"],
    [
      "Sign",
      html`${printer.sign.algorithm}, <code>${printer.sign.template}</code>, ${printer.sign.case} case`,
    ],
    ["Slip", `${LANGUAGE_NAMES[printer.language]}, ${printer.columns} characters in a line`],
    ["Time zone", printer.time_zone],
    ["The buyer on it", printer.customer],
    ["Sent as", `${printer.endpoint}, order_txt ${printer.order_txt}`],
    ["Order's time as", printer.created_key === "both" ? "Create_time and CreateTime" : printer.created_key],
    ["Confirmed within", spanText(printer.confirm_within_s * 1000)],
    ["Useful for", spanText(printer.useful_for_s * 1000)],
    ["Success words", printer.success.join(", ")],
    ["Changed", changedAt !== null && agoTime(changedAt, viewpoint)],
    ["Deliveries", html`<a href="/deliveries?printer=${printer.name}">of this printer</a>`],
  ]);
}

function acts(name: string): Html {
  return html`<p class="buttons">
    <a class="button" href="/printers/${name}/edit">Edit</a>
    <a class="button" href="/printers/${name}/remove">Remove</a>
  </p>`;
}
