import type { UnixMs } from "../core/time.ts";
import type { EnqueueResult } from "../ledger/ledger.ts";

/** A webhook subscription as people may see it: a path token is `***`. */
export interface SeenSubscription {
  id: string;
  topic: string;
  address: string;
  /** `right`: this store's address; `wrong`: this store's path at another base; `other`: not of this store. */
  of_store: "right" | "wrong" | "other";
}

export interface SubscribeResult {
  store: string;
  /** The address that the store calls from now on; a path token is `***`. */
  address: string;
  /** `missing` and `wrong`: only with `check`, which changes nothing. */
  result: "existing" | "created" | "repaired" | "missing" | "wrong";
  /** The subscriptions of cancellations that the store has now. */
  subscriptions: SeenSubscription[];
}

export interface ReconcileResult {
  store: string;
  /** Orders changed since this moment were asked for. */
  since: UnixMs;
  /** Cancelled orders that the store listed. */
  listed: number;
  /** Of these: in the ledger already. */
  known: number;
  /** Brought to paper by this run. */
  found: number;
  /** Cancelled before the store was added (or before `since`). */
  before: number;
  /** Left out by the store's settings (test orders, `ignore_older_than_s`), or not cancelled after all. */
  ignored: number;
  /** Kept raw, because they could not be understood. */
  quarantined: number;
  /** Deliveries of the found ones. */
  deliveries: string[];
}

export interface ReconcileOptions {
  /** Overrides where the last run ended, and when the store was added. */
  since?: UnixMs;
  /** Awaited before each page; false: the relay is stopping. Without it the pages follow at once. */
  turn?: () => Promise<boolean>;
}

/** An order as the store's API tells it, for somebody who is about to cancel it. Nothing of the buyer. */
export interface OrderSummary {
  store: string;
  order_id: string;
  order_name: string;
  /** Cancelled at the store already. */
  cancelled: boolean;
  /** `2 x Beef noodle soup (Large)`. */
  items: string[];
  /** With its currency. */
  total: string | null;
}

export interface CancelOptions {
  reason: string;
  /** SHOPLINE alone; see `CancelRequest`. */
  restock?: boolean | undefined;
  email?: boolean | undefined;
  /** A decimal, to be refunded by the store. */
  amount?: string | undefined;
}

export interface CancelResult extends EnqueueResult {
  store: string;
  order_id: string;
  /** `already_cancelled`: the store had it cancelled before; its slip prints all the same if it never did. */
  result: "cancelled" | "already_cancelled";
}

/**
 * What the relay does at a store by its API. `by` names who did it (core/actor.ts).
 *
 * @throws `not_found` when there is no such store; `conflict` when it has no `api`, or the act cannot be done here;
 *   `store_refused` with the store's own words; `store_unavailable` when it cannot be asked now
 */
export interface StoreActs {
  /**
   * Has the store call this relay: once for good, however often it is asked for, and at the right address.
   * @throws `conflict` when RELAY_PUBLIC_URL is not an https address that others can reach
   */
  subscribe(
    store: string,
    by: string,
    options?: { check?: boolean; replace?: boolean },
  ): Promise<SubscribeResult>;
  /** Looks whether the subscription is there, and makes it again when it is gone. @returns whether it has done so */
  watch(store: string): Promise<boolean>;
  /**
   * Fetches the cancelled orders that no webhook brought, and prints them. Of what a store's API could invent a run
   * takes a bounded number, and fails: the next one goes on.
   */
  reconcile(store: string, by: string, options?: ReconcileOptions): Promise<ReconcileResult>;
  /**
   * @param order its id at the store, or the name that people call it where the platform can be asked by that (SHOPLINE)
   * @throws `store_refused` when the store has no such order
   */
  lookUp(store: string, order: string): Promise<OrderSummary>;
  /** Cancels the order, named as in `lookUp`, at the store and prints it at once. Under a `key` it is done once. */
  cancelOrder(
    store: string,
    order: string,
    options: CancelOptions,
    by: string,
    key?: string,
  ): Promise<CancelResult>;
}
