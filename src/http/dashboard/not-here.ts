import { nearOrders } from "../../answers/near-orders.ts";
import { webhookNaming } from "../../answers/order-of-webhook.ts";
import { sentence } from "../../answers/verdict.ts";
import type { Delivery } from "../../core/delivery.ts";
import { orderKey } from "../../core/order-key.ts";
import type { Settings } from "../../core/settings.ts";
import type { Webhook } from "../../ledger/ledger.ts";
import { html, type Html } from "./html.ts";
import { fetchForm } from "./settings/store-api.ts";
import type { DashboardDeps } from "./visit.ts";

// What a search says of an order that is not among the deliveries it found.

/** Named one by one. */
const STORES_MAX = 5;

/**
 * Of an order that no delivery is of: a webhook tells of it, or those with the same digits may be meant.
 * @returns null: nothing is known
 */
export async function whatElse(
  ledger: DashboardDeps["ledger"],
  which: string,
  rowsOf: (near: readonly Delivery[]) => Promise<Html>,
): Promise<Html | null> {
  const webhook = await webhookNaming(ledger, which);
  if (webhook !== null) {
    return html`<p>
        No delivery of <b>${which}</b> is in the ledger, so nothing was printed. A webhook of ${webhook.store}
        names it and is <b>${webhook.status}</b>. ${sentence(webhook.reason ?? UNSAID)}
      </p>
      <p class="more"><a href="/webhooks/${webhook.id}">That webhook</a></p>`;
  }
  const near = await nearOrders(ledger, which);
  if (near.length === 0) return null;
  return html`<p>No order is called exactly <b>${which}</b>. With the same digits there is:</p>
    ${await rowsOf(near)}`;
}

/** Why an order has no slip: what came was no cancellation, was not understood, was refused, or nothing came. */
export async function notHere(...asked: Parameters<typeof whatElse>): Promise<Html> {
  const known = await whatElse(...asked);
  if (known !== null) return known;
  const [ledger, which] = asked;
  const refused = await ledger.listAlerts({ state: "open", type: "webhook.refused", limit: STORES_MAX });
  return html`<p>
      No delivery of <b>${which}</b> is in the ledger, and no webhook that was
      <a href="/webhooks?status=ignored">ignored</a> or
      <a href="/webhooks?status=quarantined">quarantined</a> lately names it. If the store did cancel the
      order, it has not told the relay, or its webhook was refused.
    </p>
    <p>
      ${
        refused.length === 0
          ? html`No alert <code>webhook.refused</code> is open: no store's webhooks are being refused. A
              mistyped address raises none: compare the one in the shop's admin with
              <a href="/stores-and-printers">the store's here</a>.`
          : html`Webhooks are being refused, by the alert <code>webhook.refused</code> of
              ${refused.map(({ store }) => store !== null && html`<a href="/stores/${store}">${store}</a> `)}`
      }
    </p>`;
}

const UNSAID = "nobody wrote down why";

/**
 * Beside what was found: a store's order of this number of which only a webhook tells. Another store's of the same
 * number has printed, say, or others have the number in their ids: neither is the one that was asked for.
 */
export async function alsoNamed(
  ledger: DashboardDeps["ledger"],
  which: string,
  found: readonly Delivery[],
): Promise<Html | null> {
  if (!/\p{N}/u.test(which)) return null;
  const key = orderKey(which);
  const whole = found.filter(({ order_id, order_name }) =>
    [order_id, order_name].map(orderKey).includes(key),
  );
  const webhook = await webhookNaming(ledger, which, {
    told: new Set(whole.map(({ store }) => store)),
    // An ignored one told of no cancellation, and most orders have such.
    ...(whole.length > 0 && { statuses: ["quarantined"] as const }),
  });
  return webhook && apartFromFound(webhook, which);
}

function apartFromFound({ id, store, status, reason }: Webhook, which: string): Html {
  return html`<p class="note">
    Of ${store}, <b>${which}</b> has no delivery, so nothing was printed:
    <a href="/webhooks/${id}">a webhook</a> names it and is <b>${status}</b>. ${sentence(reason ?? UNSAID)}
  </p>`;
}

/** A store with an API can be asked what no webhook brought. */
export function fetchMissed({ stores }: Settings): Html[] {
  return stores
    .filter(({ api }) => api !== null)
    .slice(0, STORES_MAX)
    .map(({ name }) =>
      fetchForm(
        name,
        `Fetch what was missed at ${name}`,
        html`Asks the store for cancelled orders and prints those that no webhook brought.
          <a href="/stores/${name}#store-api">When it was last asked</a>`,
      ),
    );
}
