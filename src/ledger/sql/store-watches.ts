import type { UnixMs } from "../../core/time.ts";
import type { StoreWatch, WatchChange } from "../store-watch.ts";
import { prepare, type Work } from "./statement.ts";

/** Of `WatchLedger`, what is read and written here. `record` is run inside the group commit. */
export interface StoreWatches {
  /** @param store of this one alone */
  all(store?: string): Work<StoreWatch[]>;
  record(store: string, change: WatchChange): Work<void>;
  known(store: string, orderIds: readonly string[]): Work<string[]>;
  isQuarantined(store: string, platformWebhookId: string): Work<boolean>;
}

const COLUMNS = [
  "reconciled_at",
  "reconcile_error",
  "subscribed_at",
  "subscription_id",
  "checked_at",
  "check_error",
] as const satisfies readonly (keyof WatchChange)[];

/** One look for orders: by the index of the dedupe. */
export const KNOWN_ORDERS = `
  SELECT order_id FROM deliveries
  WHERE kind = 'cancellation' AND store = :store AND state NOT IN ('void', 'verifying')
    AND order_id IN (SELECT value FROM json_each(:ids))`;

export const QUARANTINED = `
  SELECT 1 FROM webhooks INDEXED BY webhooks_quarantined
  WHERE status = 'quarantined' AND store = :store AND platform_webhook_id = :id LIMIT 1`;

export function createStoreWatches(): StoreWatches {
  const WATCHES = `
    SELECT name AS store, coalesce(since, created_at) AS since, reconciled_to, reconciled_at, reconcile_error,
      coalesce(found_count, 0) AS found_count, subscribed_at, subscription_id, checked_at, check_error
    FROM stores LEFT JOIN store_watches ON store = name`;
  const all = prepare<[], StoreWatch>(`${WATCHES} ORDER BY name`);
  const one = prepare<[string], StoreWatch>(`${WATCHES} WHERE name = ?`);
  const ONCE = "ON CONFLICT (store) DO NOTHING";
  const MAKE = "INSERT INTO store_watches (store, since) SELECT name, created_at FROM stores WHERE name = ?";
  // Another relay may be removing the store.
  const make = prepare<[string]>(`${MAKE} ${ONCE}`, `${MAKE} FOR KEY SHARE ${ONCE}`);
  const sets = Object.fromEntries(
    COLUMNS.map((column) => [
      column,
      prepare<[unknown, string]>(`UPDATE store_watches SET ${column} = ? WHERE store = ?`),
    ]),
  );
  const forward = prepare<object>(
    `UPDATE store_watches SET reconciled_to = :to
     WHERE store = :store AND (reconciled_to IS NULL OR reconciled_to < :to OR reconciled_to > :now)`,
  );
  const back = prepare<[UnixMs, string, UnixMs]>(
    "UPDATE store_watches SET since = ? WHERE store = ? AND since > ?",
  );
  const count = prepare<[number, string]>(
    "UPDATE store_watches SET found_count = found_count + ? WHERE store = ?",
  );
  const known = prepare<object, string>(KNOWN_ORDERS).pluck();
  const quarantined = prepare<object, 1>(QUARANTINED).pluck();

  return {
    all: (store) => (store === undefined ? all.all() : one.all(store)),
    *record(store, change) {
      yield* make.put(store);
      for (const column of COLUMNS) {
        const set = sets[column];
        if (change[column] !== undefined && set !== undefined) yield* set.put(change[column], store);
      }
      const { reconciled_to: to, reconciled_at: now, since, found } = change;
      if (to !== undefined && to !== null) {
        yield* forward.put({ store, to, now: now ?? Number.MAX_SAFE_INTEGER });
      }
      if (since !== undefined) yield* back.put(since, store, since);
      if (found !== undefined && found > 0) yield* count.put(found, store);
    },
    known: (store, orderIds) => known.all({ store, ids: orderIds }),
    *isQuarantined(store, id) {
      return (yield* quarantined.get({ store, id })) !== undefined;
    },
  };
}
