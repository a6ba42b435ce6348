import type { Once } from "../once.ts";
import type { RelayDeps } from "../relay-deps.ts";
import { cancelOrder, cancelResult, lookUp } from "./cancel.ts";
import { reconcile } from "./reconcile.ts";
import type { CancelResult, ReconcileResult, StoreActs } from "./store-acts.ts";
import { subscribe } from "./subscribe.ts";
import { watch } from "./watch.ts";

export function createStoreActs(deps: RelayDeps, once: Once): StoreActs {
  /** A button pressed while a round asks the same store waits for what that comes to. */
  const underWay = new Map<string, Promise<ReconcileResult>>();
  return {
    subscribe: (store, by, options) => subscribe(deps, store, by, options),
    watch: (store) => watch(deps, store),
    reconcile(store, by, options = {}) {
      if (options.since !== undefined) return reconcile(deps, store, by, options);
      const running =
        underWay.get(store) ?? reconcile(deps, store, by, options).finally(() => underWay.delete(store));
      underWay.set(store, running);
      return running;
    },
    lookUp: (store, orderId) => lookUp(deps, store, orderId),
    async cancelOrder(store, orderId, options, by, key) {
      let came: CancelResult | undefined;
      const request = ["cancel at the store", store, orderId, JSON.stringify(options)];
      const result = await once(key, request, async (actKey) => {
        came = await cancelOrder(deps, store, orderId, options, by, actKey);
        const { webhook_id, status, delivery_id, reason } = came;
        return { receipt: { webhook_id, status, delivery_id, reason } };
      });
      if (!("receipt" in result)) throw new Error(`${request.join(" ")} is remembered as something else`);
      if (came !== undefined) return came;
      const before = result.told?.result === "already_cancelled";
      const id = result.told?.order_id ?? orderId;
      return cancelResult(store, id, before ? "already_cancelled" : "cancelled", result.receipt);
    },
  };
}
