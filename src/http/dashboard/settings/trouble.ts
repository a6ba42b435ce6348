import type { Alert } from "../../../core/alert.ts";
import type { Delivery } from "../../../core/delivery.ts";
import { inPlaceOf, otherSlipsOf } from "../../../answers/other-slips.ts";
import { sentence } from "../../../answers/verdict.ts";
import { html, type Html } from "../html.ts";
import { alertRows, deliveryRows, webhookRows } from "../rows.ts";
import type { Viewpoint } from "../../../answers/moments.ts";
import type { DashboardDeps } from "../visit.ts";

const ROWS_MAX = 5;
/** Among so many those are looked for that still trouble somebody. */
const LOOKED_AT = 25;
/** Open ones of all stores and printers. */
const ALERTS_MAX = 1000;

type Of = { store: string } | { printer: string };

/** What of this store or printer needs a person: what is wrong with itself, then its orders and webhooks, newest first. */
export async function openTrouble(
  deps: Pick<DashboardDeps, "ledger" | "settings">,
  of: Of,
  viewpoint: Viewpoint,
): Promise<Html> {
  const { ledger } = deps;
  const [deliveries, webhooks, open] = await Promise.all([
    troubled(ledger, of),
    "store" in of ? ledger.listWebhooks({ ...of, status: "quarantined", limit: ROWS_MAX + 1 }) : [],
    ledger.listAlerts({ state: "open", limit: ALERTS_MAX }),
  ]);
  const own = open.filter((alert) => isOwn(alert, of));
  if (own.length + deliveries.length + webhooks.length === 0) {
    return html`<h2>Open trouble</h2>
      <p class="calm">None.</p>`;
  }
  const printers = new Set(deps.settings().printers.map(({ name }) => name));
  const seen = ({ printer }: Delivery): Viewpoint => ({ ...viewpoint, gone: !printers.has(printer) });
  const more = Math.max(deliveries.length, webhooks.length) > ROWS_MAX;
  return html`<section class="urgent" aria-labelledby="trouble">
    <h2 id="trouble">Open trouble</h2>
    ${own.length > 0 && alertRows(own.map(withoutName), viewpoint, pathOf(of))}
    ${deliveries.length > 0 && (await deliveryRows(deps, deliveries.slice(0, ROWS_MAX), seen))}
    ${webhooks.length > 0 && (await webhookRows(deps, webhooks.slice(0, ROWS_MAX), viewpoint))}
    ${more && html`<p class="muted">The newest ${ROWS_MAX} of each.</p>`}
  </section>`;
}

/** One whose reprint has printed, or is on its way, troubles nobody any more. */
async function troubled(ledger: DashboardDeps["ledger"], of: Of): Promise<Delivery[]> {
  const found = await ledger.listDeliveries({ ...of, attention: true, limit: LOOKED_AT });
  const othersOf = await otherSlipsOf(ledger, found);
  return found.filter((delivery) => inPlaceOf(delivery, othersOf(delivery)) === null);
}

/** On its own page a store need not be named again. */
function withoutName(alert: Alert): Alert {
  const start = `Store ${alert.store ?? ""} `;
  return alert.text.startsWith(start) ? { ...alert, text: sentence(alert.text.slice(start.length)) } : alert;
}

function pathOf(of: Of): string {
  return "store" in of ? `/stores/${of.store}` : `/printers/${of.printer}`;
}

/** Of the store or printer itself; alerts of its orders and webhooks stand in their own rows. */
function isOwn({ type, store, printer, delivery_id, webhook_id }: Alert, of: Of): boolean {
  if (delivery_id !== null || webhook_id !== null) return false;
  if ("store" in of) return store === of.store;
  return printer === of.printer || (type === "cloud.lost" && printer === null);
}
