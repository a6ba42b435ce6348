import { html, type Html } from "../html.ts";
import { deliveryRows, webhookRows } from "../rows.ts";
import type { Viewpoint } from "../times.ts";
import type { DashboardDeps } from "../visit.ts";

const ROWS_MAX = 5;

/** What of this store or printer needs a person, newest first. */
export async function openTrouble(
  { ledger }: Pick<DashboardDeps, "ledger">,
  of: { store: string } | { printer: string },
  viewpoint: Viewpoint,
): Promise<Html> {
  const [deliveries, webhooks] = await Promise.all([
    ledger.listDeliveries({ ...of, attention: true, limit: ROWS_MAX + 1 }),
    "store" in of ? ledger.listWebhooks({ ...of, status: "quarantined", limit: ROWS_MAX + 1 }) : [],
  ]);
  if (deliveries.length + webhooks.length === 0) {
    return html`<h2>Open trouble</h2>
      <p class="calm">None: nothing needs a person.</p>`;
  }
  const more = Math.max(deliveries.length, webhooks.length) > ROWS_MAX;
  return html`<section class="urgent" aria-labelledby="trouble">
    <h2 id="trouble">Open trouble</h2>
    ${deliveries.length > 0 && deliveryRows(deliveries.slice(0, ROWS_MAX), () => viewpoint)}
    ${webhooks.length > 0 && webhookRows(webhooks.slice(0, ROWS_MAX), viewpoint)}
    ${more && html`<p class="muted">The newest ${ROWS_MAX} of each.</p>`}
  </section>`;
}
