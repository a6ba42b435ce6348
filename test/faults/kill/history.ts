import type { DeliveryState } from "../../../src/core/delivery.ts";

/** A webhook's 200, as the store saw it. */
export interface Answer {
  order: string;
  /** `accepted` or `duplicate`; anything else is a violation here. */
  status: string;
  webhook: string;
  delivery: string;
}

/** One slip, as the cloud saw it. */
export interface PaperSlip {
  order: string;
  delivery: string;
  /** It says `MAY BE A REPEAT`. */
  marked: boolean;
}

/** What stores and cloud saw of the relay: the memory that no kill can touch. In the order of happening. */
export interface History {
  answers: readonly Answer[];
  slips: readonly PaperSlip[];
  /** Deliveries whose confirmation the relay took with a 200. */
  confirmed: ReadonlySet<string>;
  /** Answers to webhooks that were neither 200 nor 503. */
  refusals: readonly string[];
}

/** What is in the ledger's file. */
export interface LedgerFacts {
  /** `PRAGMA integrity_check`: `ok`, or what is wrong. */
  integrity: string;
  /** Rows that `PRAGMA foreign_key_check` names. */
  broken_keys: number;
  webhooks: ReadonlySet<string>;
  deliveries: readonly { id: string; order: string; state: DeliveryState }[];
}
