import type { HttpDeps } from "../../src/http/deps.ts";
import type { CancelResult, OrderSummary, SubscribeResult } from "../../src/stores/store-acts.ts";

const T0 = Date.UTC(2026, 10, 24, 2, 13, 0);

/** What the stores of the bench have; a test changes it. */
export interface Shop {
  subscribed: SubscribeResult;
  order: OrderSummary;
  cancelled: Pick<CancelResult, "result" | "status" | "delivery_id" | "reason">;
}

export function createShop(): Shop {
  return {
    subscribed: {
      store: "noodle-bar",
      address: "https://relay.test/webhooks/shopline/noodle-bar",
      result: "created",
      subscriptions: [
        {
          ...{ id: "sub-1", topic: "orders/cancelled", of_store: "right" },
          address: "https://relay.test/webhooks/shopline/noodle-bar",
        },
      ],
    },
    order: {
      ...{ store: "noodle-bar", order_id: "21057", order_name: "#1001", cancelled: false },
      items: ["2 x Beef noodle soup (Large)"],
      total: "24.00 EUR",
    },
    cancelled: { result: "cancelled", status: "accepted", delivery_id: "DL6", reason: null },
  };
}

type StoreActsOfHttp = Pick<HttpDeps["relay"], "subscribe" | "reconcile" | "lookUp" | "cancelOrder">;

/** @param act writes down what was asked for, and fails while the bench says so */
export function scriptedStoreActs(
  { shop }: { shop: Shop },
  act: (what: string) => Promise<unknown>,
): StoreActsOfHttp {
  return {
    async subscribe(store, by, options = {}) {
      await act(`subscribe ${store} by ${by} ${JSON.stringify(options)}`);
      return { ...shop.subscribed, store };
    },
    async reconcile(store, by, { since } = {}) {
      await act(`reconcile ${store} by ${by}${since === undefined ? "" : ` since ${since}`}`);
      return {
        ...{ store, since: since ?? T0, listed: 16, known: 13, found: 2, before: 1, ignored: 0 },
        ...{ quarantined: 0, deliveries: ["DL4", "DL5"] },
      };
    },
    async lookUp(store, order_id) {
      await act(`look up ${order_id} of ${store}`);
      return { ...shop.order, store, order_id };
    },
    async cancelOrder(store, order_id, options, by, key) {
      const under = key === undefined ? "" : ` under ${key}`;
      await act(`cancel ${order_id} of ${store} by ${by}${under}: ${JSON.stringify(options)}`);
      return { store, order_id, webhook_id: "WH6", ...shop.cancelled };
    },
  };
}
