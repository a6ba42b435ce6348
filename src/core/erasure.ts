import { orderKey } from "./order-key.ts";
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

/** A shorter number is part of too many others. */
const PHONE_DIGITS_MIN = 7;
/** Longer than any number one can call (15 digits, E.164) with the zeros that are dialled before it. */
export const PHONE_DIGITS_MAX = 17;

/** @returns what is wrong with what is to be erased, for whoever asked; null: nothing */
export function subjectProblem(subject: ErasureSubject): string | null {
  const { store, everything, orders, phone, email, customer_id } = subject;
  if (!everything && orders.length === 0 && phone === null && email === null && customer_id === null) {
    return "nothing is named that could be erased: give an order, a phone or an e-mail";
  }
  if (store === null && (everything || orders.length > 0 || customer_id !== null)) {
    return "orders and a store's buyers are known by their store: name it";
  }
  if (orders.some((order) => orderKey(order) === "")) return "an order's id or name is empty";
  if (phone !== null && phoneDigits(phone) === null) {
    return `the phone has to have ${PHONE_DIGITS_MIN} to ${PHONE_DIGITS_MAX} digits, leading zeros not counted`;
  }
  if (email !== null && !/^\S+@\S+$/.test(email.trim())) return "the e-mail has to be a whole one";
  return null;
}

/** @returns the digits by which a number is known: without the zeros it is dialled with; null: it is no phone's */
export function phoneDigits(text: string): string | null {
  const digits = text.normalize("NFKC").replace(/\D/g, "").replace(/^0+/, "");
  return digits.length >= PHONE_DIGITS_MIN && digits.length <= PHONE_DIGITS_MAX ? digits : null;
}
