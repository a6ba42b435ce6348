import { parseMoment } from "../../core/time.ts";
import type { PrinterJson, StoreJson } from "../../answers/schemas.ts";
import { printerPage, storePage } from "../api/settings.ts";
import { pageQuery, parseQuery } from "../api/query.ts";
import type { Role } from "../gatekeeper.ts";
import { idempotencyField } from "./idempotency.ts";
import { html, type Html } from "./html.ts";
import { factList } from "./layout.ts";
import { agoTime, spanText, type Viewpoint } from "./times.ts";
import type { DashboardDeps, Frame } from "./visit.ts";

/** Where each store sends its webhooks, when it last did, and a test slip for each printer. */
export async function settingsPage(deps: DashboardDeps, query: string, role: Role): Promise<Frame> {
  const asked = parseQuery(pageQuery, query);
  const viewpoint = { now: deps.clock.now(), zone: "UTC" };
  const stores = await storePage(deps, asked);
  const printers = printerPage(deps, asked);
  const next = [stores.next_cursor, printers.next_cursor].filter((cursor) => cursor !== null);
  // Both lists go on from one place in the alphabet: the earlier, so that neither leaves a name out.
  const cursor = next.sort((a, b) => (decoded(a) < decoded(b) ? -1 : 1)).at(0);
  const body = html`<h1>Stores and printers</h1>
    <p class="muted">Changed by <code>relay apply</code>; a running relay follows within 2 s.</p>
    <h2>Printers</h2>
    ${printers.items.length === 0 && html`<p>None.</p>`}
    <ul class="cards">
      ${printers.items.map((printer) => printerCard(printer, role))}
    </ul>
    <h2>Stores</h2>
    ${stores.items.length === 0 && html`<p>None.</p>`}
    <ul class="cards">
      ${stores.items.map((store) => storeCard(store, viewpoint))}
    </ul>
    ${cursor !== undefined && html`<p class="more"><a href="/stores-and-printers?cursor=${cursor}">More</a></p>`}`;
  return { title: "Stores and printers", section: "/stores-and-printers", body };
}

function decoded(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString("latin1");
}

function printerCard(printer: PrinterJson, role: Role): Html {
  return html`<li id="printer-${printer.name}">
    <h3>${printer.name}</h3>
    ${factList([
      ["Endpoint", printer.endpoint],
      ["Slip", `${printer.language}, ${printer.columns} columns, order_txt ${printer.order_txt}`],
      ["Time zone", printer.time_zone],
      ["Buyer on the slip", printer.customer],
      ["To confirm within", spanText(printer.confirm_within_s * 1000)],
      ["Useful for", spanText(printer.useful_for_s * 1000)],
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
  return html`<li id="store-${store.name}">
    <h3>${store.name} <span class="tag">${store.platform}</span></h3>
    ${warning(store)}
    <p>Webhook address<br /><code class="address">${store.webhook_url}</code></p>
    ${factList([
      ["Last webhook", seenAt === null ? "never seen" : agoTime(seenAt, viewpoint)],
      ["Printer", html`<a href="#printer-${store.printer}">${store.printer}</a>`],
      ["Shop id", store.shop_id],
      ["Store's API", store.api?.url],
      ["Order id on the slip", store.order_id_from],
      ["Ignored when older than", store.ignore_older_than_s && spanText(store.ignore_older_than_s * 1000)],
      ["Test orders", store.test_orders === "ignore" ? "ignored" : null],
      ["Deliveries", html`<a href="/deliveries?store=${store.name}">of this store</a>`],
    ])}
  </li>`;
}

function warning({ platform, secret_count, trust_body }: StoreJson): Html | null {
  if (platform === "fastpod") {
    return trust_body
      ? html`<p class="note">trust_body: webhooks are believed without asking the store's API.</p>`
      : null;
  }
  if (secret_count > 0) return null;
  return html`<p class="warning">
    No secret: every webhook of this store is refused. Add it with relay apply.
  </p>`;
}
