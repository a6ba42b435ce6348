import type { PlatformName } from "./cancellation.ts";
import type { Ticket } from "./ticket.ts";
import type { UnixMs } from "./time.ts";

/**
 * A delivery is the duty to get one ticket onto one printer.
 *
 * - `verifying`: the webhook proves nothing by itself; the store's API is being asked. Cancelled there →
 *   `pending`; not cancelled there → `void`; no answer → asked again on the retry law.
 * - `pending`: to be sent when `next_attempt_at` comes. Without one it is held: it was sent as often as paper
 *   allows, and waits for the cloud to accept another delivery, for an operator, or for its end.
 * - `sending`: one attempt is under way, and nobody else may start another until `lease_until`.
 * - `accepted`: the cloud took it. Now a person at the printer confirms.
 * - `printed`: the printer confirmed. Final.
 * - `rejected`: staff refused it on the printer. Final, but for a later "accepted" of the same slip.
 * - `dead`: out of time, or refused by the cloud for good. An operator may redrive it.
 * - `void`: the store says the order is not cancelled. A later webhook of the same order revives it.
 *
 * A confirmation lands in any state, however late: paper outranks what we believed.
 */
export const DELIVERY_STATES = [
  "verifying",
  "pending",
  "sending",
  "accepted",
  "printed",
  "rejected",
  "dead",
  "void",
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export const DELIVERY_KINDS = ["cancellation", "reprint", "test"] as const;
export type DeliveryKind = (typeof DELIVERY_KINDS)[number];

/** Why a person should look at a delivery. The latest reason stands; the history has them all. */
export const ATTENTIONS = ["repeat_limit", "unconfirmed", "dead", "verify_failing", "rejected"] as const;
export type Attention = (typeof ATTENTIONS)[number];

export interface Delivery {
  /** ULID: sorts by time. */
  id: string;
  kind: DeliveryKind;
  state: DeliveryState;
  attention: Attention | null;
  platform: PlatformName | null;
  store: string | null;
  printer: string;
  order_id: string;
  order_name: string;
  cancelled_at: UnixMs | null;
  reason: string | null;
  webhook_id: string | null;
  /** The delivery this one prints again. */
  reprint_of: string | null;
  /** 1 and up for `REPRINT n`. */
  reprint_number: number | null;
  /** POSTs to Goodcom begun so far. */
  attempt_count: number;
  /** What its latest attempt is signed with; no other attempt of it has the same. Null: not sent yet. */
  signed_at: UnixMs | null;
  /** Steps taken on the retry law since the state last changed. */
  retry_step: number;
  /** Attempts since the last redrive of which nobody knows whether they printed. */
  unknown_count: number;
  /** Sticky: some attempt may have printed, so every further slip says `MAY BE A REPEAT`. */
  may_be_repeat: boolean;
  /** Looks at the store's API that said "not cancelled". */
  denied_count: number;
  /** `submitorder` once `cancel_then_submit` has fallen back. */
  endpoint: "submitorder" | null;
  next_attempt_at: UnixMs | null;
  lease_until: UnixMs | null;
  useful_until: UnixMs;
  /** When an unconfirmed `accepted` delivery is to be alerted. */
  confirm_by: UnixMs | null;
  created_at: UnixMs;
  accepted_at: UnixMs | null;
  printed_at: UnixMs | null;
  last_error: string | null;
  /** The W3C trace its webhook belongs to; null: none was named, or tracing was off. */
  traceparent: string | null;
  /** When its buyer was erased: what is known of it since then is known without one. Null: never. */
  forgotten_at: UnixMs | null;
  ticket: Ticket;
}

/** How a try ended. `unavailable` surely did not print; of `unknown` nobody can tell. */
/** An outage of a day leaves some 17,000 attempts on a delivery: they are shown in parts, and so many with it. */
export const ATTEMPTS_SHOWN_MAX = 200;

export const OUTCOMES = ["accepted", "rejected", "unavailable", "unknown"] as const;
export type OutcomeKind = (typeof OUTCOMES)[number];

export interface AttemptOutcome {
  kind: OutcomeKind;
  /** One line for the operator: the cloud's own words, or what went wrong on the way; no secret. */
  detail: string;
  /** HTTP status, null when no answer came. */
  http_status: number | null;
  retry_after_ms: number | null;
  /** Rejected only: the cloud's words say that it does not know the order (`cancel_then_submit`). */
  order_unknown: boolean;
  /** The answer's first bytes, as text; null when none came. */
  response: string | null;
  /** Our clock minus the answer's `Date`, null when it had none. */
  clock_skew_ms: number | null;
}

/** What asking the store's API brought. */
export type Verification =
  | {
      kind: "cancelled";
      ticket: Ticket;
      order_name: string;
      cancelled_at: UnixMs | null;
      reason: string | null;
    }
  /** By the store's settings its webhook is believed meanwhile: nobody was asked. */
  | { kind: "trusted"; detail: string }
  /** `order_unknown`: the API knows of no such order at all. */
  | { kind: "not_cancelled"; detail: string; order_unknown?: true }
  | { kind: "ignored"; detail: string }
  /** `refused`: the API answers, and does not take the token. */
  | { kind: "unavailable"; detail: string; retry_after_ms: number | null; refused: boolean };

export const VERDICTS = ["accepted", "rejected", "unrecognised"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What the printer cloud called back. */
export interface Confirmation {
  verdict: Verdict;
  /** The printer's or the staff's words, clean, null when there were none. */
  message: string | null;
  /** The time it promised or printed, as it wrote it. */
  time: string | null;
}

/** What happens to a delivery's row; the ledger writes it in the transaction that read the delivery. */
export interface Transition {
  set: Partial<
    Pick<
      Delivery,
      | "state"
      | "attention"
      | "order_name"
      | "cancelled_at"
      | "reason"
      | "retry_step"
      | "unknown_count"
      | "may_be_repeat"
      | "denied_count"
      | "endpoint"
      | "next_attempt_at"
      | "lease_until"
      | "useful_until"
      | "confirm_by"
      | "accepted_at"
      | "printed_at"
      | "last_error"
      | "ticket"
    >
  >;
  /** One line for the history, or null when the row changes but nothing worth telling happened. */
  note: string | null;
  /** Somebody wants it to go out again: where another slip of its order was sent, the ledger sets `may_be_repeat`. */
  heeds_other_slips?: true;
}
