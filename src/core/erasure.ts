import type { UnixMs } from "./time.ts";

/**
 * Whose data is to be erased. What is given is joined by "or": an order that is named, or one whose buyer has the
 * phone, the e-mail or the store's id of them.
 */
export interface ErasureSubject {
  /** Null: of every store. Only with a phone or an e-mail: ids and names of orders are a store's own. */
  store: string | null;
  /** All that came of the store until then. */
  everything: boolean;
  /** Ids or names, as people write them: a leading `#` and case do not count. */
  orders: string[];
  phone: string | null;
  email: string | null;
  /** The store's own id of the buyer. */
  customer_id: string | null;
}

/** What was asked for, durable before anything is erased; done once the whole ledger was looked through. */
export interface Erasure {
  /** A ULID. */
  id: string;
  /** Null once it is done: what it was about is what was to be forgotten. */
  subject: ErasureSubject | null;
  /** Outlives the subject. */
  store: string | null;
  asked_at: UnixMs;
  /** `cli`, with the name of who asked where it is known, or `store`. */
  by: string;
  done_at: UnixMs | null;
  /** Found so far: deliveries without their buyer, and webhooks of none without their body. */
  deliveries: number;
  webhooks: number;
}

export type NewErasure = Pick<Erasure, "id" | "asked_at" | "by"> & { subject: ErasureSubject };

/** One batch of one erasure, in one transaction. */
export interface ErasureQuery {
  erasure: NewErasure;
  /** Rows looked at, at most. */
  limit: number;
  now: UnixMs;
  /** Only counts what would go; the erasure need not have begun. */
  dry_run?: boolean;
}

export interface ErasedBatch {
  deliveries: number;
  webhooks: number;
  /** The whole ledger was looked through. */
  done: boolean;
  /** Nothing was done: the write-ahead log is large, and a reader keeps it from being reset. */
  waiting: boolean;
  /**
   * Only with `done`: a reader keeps the write-ahead log from being cut, so what was erased can still be found in its
   * old pages. A further call for the same erasure only tries that again.
   */
  log_left: boolean;
}
