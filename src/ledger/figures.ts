import type { DeliveryState } from "../core/delivery.ts";
import type { HistogramFigures } from "../core/histogram.ts";
import type { UnixMs } from "../core/time.ts";

// What a ledger tells in figures.

export interface LedgerCounts {
  by_state: Record<DeliveryState, number>;
  /** The longest-due waiting delivery's `next_attempt_at`; null when none is due. */
  oldest_due_at: UnixMs | null;
}

/** How the ledger itself does, as measured where it works; counted since it was opened. */
export interface LedgerVitals {
  /** Seconds from the beginning of a transaction to when it was durable; also of those that failed. */
  commit_s: HistogramFigures;
  /** How many calls shared a transaction. */
  commit_calls: HistogramFigures;
  /** Size of the write-ahead log's file. */
  wal_bytes: number | null;
}

/** A step of a delivery that figures over time count. */
export type DeliveryStep =
  /** `received`: begun, by whatever; `failed`: became `dead` or `rejected`. */
  | { step: "received" | "failed"; at: UnixMs }
  /** The printer confirmed, so long after the delivery began. */
  | { step: "printed"; at: UnixMs; since_received_ms: number };

export interface PastQuery {
  /** Where to go on: a page's `next_place`, null to begin with the latest. */
  place: number | null;
  since: UnixMs;
  /** Lines of history to look at. */
  limit: number;
}

export interface PastSteps {
  /** Latest first; none of before `since`. */
  steps: DeliveryStep[];
  /** Null: there are no more. */
  next_place: number | null;
}
