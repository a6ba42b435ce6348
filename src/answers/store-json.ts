import { toRfc3339, type UnixMs } from "../core/time.ts";
import type { CancelledJson, ReconciledJson, StoreOrderJson, SubscribedJson } from "./store-schemas.ts";

/** What came of an act at a store, for the API and `--json`: field by field, as in json.ts. */
export function subscribedJson({ store, address, result, subscriptions }: SubscribedJson): SubscribedJson {
  const seen = subscriptions.map(({ id, topic, address: there, of_store }) => ({
    ...{ id, topic, address: there, of_store },
  }));
  return { store, address, result, subscriptions: seen };
}

export function reconciledJson(result: Omit<ReconciledJson, "since"> & { since: UnixMs }): ReconciledJson {
  const { store, since, listed, known, found, before, ignored, quarantined, deliveries } = result;
  return {
    ...{ store, since: toRfc3339(since), listed, known, found, before, ignored, quarantined, deliveries },
  };
}

export function storeOrderJson(order: StoreOrderJson): StoreOrderJson {
  const { store, order_id, order_name, cancelled, items, total } = order;
  return { store, order_id, order_name, cancelled, items, total };
}

export function cancelledJson(done: CancelledJson): CancelledJson {
  const { store, order_id, result, status, webhook_id, delivery_id, reason } = done;
  return { store, order_id, result, status, webhook_id, delivery_id, reason };
}
