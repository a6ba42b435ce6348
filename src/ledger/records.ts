import type { Confirmation, DeliveryState, OutcomeKind } from "../core/delivery.ts";
import type { UnixMs } from "../core/time.ts";

// What is kept beside a delivery, line by line.

export interface AttemptRecord {
  /** `verify` asks the store's API, `send` posts to Goodcom. */
  kind: "verify" | "send";
  /**
   * For `send`: the delivery's `attempt_count` when it was claimed. For `verify`: hand in 0, and the ledger counts
   * them from 1.
   */
  number: number;
  /** `send`: what it was signed with. */
  signed_at: UnixMs | null;
  started_at: UnixMs;
  finished_at: UnixMs;
  /** `verify`: accepted = cancelled there, rejected = not cancelled there. */
  outcome: OutcomeKind;
  detail: string;
  http_status: number | null;
  /** Masked JSON text of what was sent; null for `verify`. */
  request: string | null;
  response: string | null;
  clock_skew_ms: number | null;
}

export interface ConfirmationRecord extends Confirmation {
  at: UnixMs;
  /** What was called back, as JSON text, bounded. */
  raw: string;
}

export interface HistoryEntry {
  at: UnixMs;
  /** The state after it. */
  state: DeliveryState;
  /** `relay`, `printer`, `operator`, `cli`; the latter two with a name where one is known: `operator Ana`. */
  by: string;
  note: string;
}
