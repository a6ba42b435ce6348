import { parseMoment } from "../../core/time.ts";
import type { PrinterJson } from "../../answers/schemas.ts";
import type { StoreJson } from "../../answers/store-schemas.ts";
import { printerPage, storePage } from "../api/settings.ts";
import { namedQuery, parseQuery } from "../api/query.ts";
import type { Role } from "../sessions.ts";
import { idempotencyField } from "./idempotency.ts";
import { searchForm } from "./find-form.ts";
import { html, type Html } from "./html.ts";
import { factList } from "./layout.ts";
import { firstSteps } from "./settings/first-steps.ts";
import { noticeOf } from "./settings/notices.ts";
import { LANGUAGE_NAMES } from "./settings/printer-fields.ts";
import { PLATFORM_TITLES } from "./settings/store-fields.ts";
import { addressBox } from "./settings/steps.ts";
import { clockText, type Viewpoint } from "../../answers/moments.ts";
import { agoTime } from "./times.ts";
import type { DashboardDeps, Frame } from "./visit.ts";

/** Every store and printer with what one looks for: where a store sends its webhooks, when it last did. */
export async function settingsPage(deps: DashboardDeps, query: string, role: Role): Promise<Frame> {
  const { done, ...given } = Object.fromEntries(new URLSearchParams(query));
  const asked = parseQuery(namedQuery, new URLSearchParams(given).toString());
  const viewpoint = { now: deps.clock.now(), zone: "UTC" };
  const stores = await storePage(deps, asked);
  const printers = printerPage(deps, asked);
  const next = [stores.next_cursor, printers.next_cursor].filter((cursor) => cursor !== null);
  // Both lists go on from one place in the alphabet: the earlier, so that neither leaves a name out.
  const cursor = next.sort((a, b) => (decoded(a) < decoded(b) ? -1 : 1)).at(0);
  const isStart = asked.cursor === undefined && asked.q === undefined;
  const isWhole = isStart && cursor === undefined;
  const more = new URLSearchParams({ ...given, cursor: cursor ?? "" });
  const body = html`${noticeOf(done ?? null)}
    <h1>Stores and printers</h1>
    ${!isWhole && nameForm(asked.q ?? "")}
    <div id="first-steps" data-live>${isStart && firstSteps(printers.items, stores.items, role)}</div>
    ${section(
      "Printers",
      "printer",
      role,
      printers.items.map((printer) => printerCard(printer, role)),
    )}
    <div id="stores" data-live>
      ${section(
        "Stores",
        "store",
        role,
        stores.items.map((store) => storeCard(store, viewpoint)),
      )}
    </div>
    ${printers.items.length + stores.items.length === 0 && !isStart && html`<p>None of that name.</p>`}
    ${cursor !== undefined && html`<p class="more"><a href="/stores-and-printers?${more.toString()}">More</a></p>`}
    ${asked.q !== undefined && html`<p class="more"><a href="/stores-and-printers">All of them</a></p>`}`;
  return { title: "Stores and printers", section: "/stores-and-printers", live: "/live", body };
}

/** Where there are more than one page has. */
function nameForm(value: string): Html {
  return searchForm({
    action: "/stores-and-printers",
    label: "Part of a store's or printer's name",
    placeholder: "Store or printer",
    value,
    more: null,
  });
}

function decoded(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString("latin1");
}

/** Where there is none yet, the first steps say how to add one. */
function section(title: string, noun: "printer" | "store", role: Role, cards: readonly Html[]): Html | null {
  if (cards.length === 0) return null;
  return html`<div class="section-head">
      <h2>${title}</h2>
      ${role === "admin" && html`<a class="button" href="/add-${noun}">Add a ${noun}</a>`}
    </div>
    <ul class="cards">
      ${cards}
    </ul>`;
}

function printerCard(printer: PrinterJson, role: Role): Html {
  return html`<li id="printer-${printer.name}">
    <h3 class="card-head"><a href="/printers/${printer.name}">${printer.name}</a></h3>
    ${factList([
      ["Slip", `${LANGUAGE_NAMES[printer.language]}, ${printer.columns} characters in a line`],
      ["Time zone", printer.time_zone],
      ["Deliveries", html`<a href="/deliveries?printer=${printer.name}">of this printer</a>`],
    ])}
    ${
      role === "admin" &&
      html`<form class="act" method="post" action="/printers/${printer.name}/test-slip">
        ${idempotencyField()}
        <button>Print a test slip</button>
      </form>`
    }
  </li>`;
}

function storeCard(store: StoreJson, viewpoint: Viewpoint): Html {
  const seenAt = parseMoment(store.last_webhook_at);
  const endsAt = parseMoment(store.next_expiry_at);
  const { platform } = store;
  const address =
    platform === "fastpod"
      ? html`<p class="address-box"><code class="address">${store.webhook_url}</code></p>`
      : addressBox(`address-${store.name}`, store.webhook_url);
  return html`<li id="store-${store.name}">
    <h3 class="card-head">
      <a href="/stores/${store.name}">${store.name}</a> <span class="tag">${PLATFORM_TITLES[platform]}</span>
    </h3>
    ${warning(store)} ${address}
    ${factList([
      ["Last webhook", seenAt === null ? "never seen" : agoTime(seenAt, viewpoint)],
      ["Printer", html`<a href="/printers/${store.printer}">${store.printer}</a>`],
      ["Old one valid", endsAt === null ? null : `until ${clockText(endsAt, viewpoint)} UTC`],
      ["Deliveries", html`<a href="/deliveries?store=${store.name}">of this store</a>`],
    ])}
  </li>`;
}

function warning({ platform, secret_count, token_count, trust_body }: StoreJson): Html | null {
  const [noun, count] = platform === "fastpod" ? ["token", token_count] : ["secret", secret_count];
  if (count === 0) {
    return html`<p class="warning">No ${noun}: every webhook of this store is refused.</p>`;
  }
  if (platform !== "fastpod" || !trust_body) return null;
  return html`<p class="note">trust_body: webhooks are believed without asking the store's API.</p>`;
}
