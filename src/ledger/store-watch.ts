import type { UnixMs } from "../core/time.ts";

/** What the relay remembers of its dealings with one store's API. */
export interface StoreWatch {
  store: string;
  /** Of what was cancelled before, nothing is fetched: the moment at which the store was added, by a right clock. */
  since: UnixMs;
  /** Up to here everything cancelled at the store is in the ledger; null: no run has ended well yet. */
  reconciled_to: UnixMs | null;
  /** End of the last run, well or not. */
  reconciled_at: UnixMs | null;
  /** Why the last run failed; null: it did not. */
  reconcile_error: string | null;
  /** How many cancellations reconciliation has brought that no webhook had. */
  found_count: number;
  /** When the relay first saw its subscription in place; null: never, so that nobody misses it. */
  subscribed_at: UnixMs | null;
  /** The store's own id of it, as last seen. */
  subscription_id: string | null;
  /** End of the last look at the subscription, well or not. */
  checked_at: UnixMs | null;
  /** Why the last look failed, or why a gone subscription could not be made again; null: all is well. */
  check_error: string | null;
}

/** What a run or a look leaves; what is missing stays as it is. `found` is added to `found_count`. */
export type WatchChange = Partial<Omit<StoreWatch, "store" | "found_count"> & { found: number }>;

/** The part of the ledger about stores that are asked, and not only listened to. */
export interface WatchLedger {
  /** Of every store in the settings, by name. @param store of this one alone; none where it is not there */
  storeWatches(store?: string): Promise<StoreWatch[]>;
  /**
   * `reconciled_to` goes forward: of two runs at the same time the further one holds; but one after `reconciled_at`, of
   * a clock that was set back since, does not. `since` only ever goes back. A store that is no longer there is left alone.
   */
  recordWatch(store: string, change: WatchChange): Promise<void>;
  /** Which of these orders of the store have a cancellation in the ledger that is neither `void` nor `verifying`. */
  knownOrders(store: string, orderIds: readonly string[]): Promise<string[]>;
  /** Whether the store has a quarantined entry of this `platform_webhook_id`. */
  isQuarantined(store: string, platformWebhookId: string): Promise<boolean>;
}
