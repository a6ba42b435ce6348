import type { AttemptOutcome, Delivery, Verification } from "./core/delivery.ts";
import type { AttemptRecord } from "./ledger/ledger.ts";
import type { Traced } from "./observe/traceparent.ts";

// What a try leaves in the ledger for an operator to read.

/** Of one question to the store's API; the ledger numbers them. */
export function verifyAttempt(found: Verification, startedAt: number, finishedAt: number): AttemptRecord {
  const outcome =
    found.kind === "cancelled" ? "accepted" : found.kind === "unavailable" ? "unavailable" : "rejected";
  return {
    kind: "verify",
    number: 0,
    signed_at: null,
    started_at: startedAt,
    finished_at: finishedAt,
    outcome,
    detail: found.kind === "cancelled" ? "the store's API says cancelled" : found.detail,
    http_status: null,
    request: null,
    response: null,
    clock_skew_ms: null,
  };
}

/** Of one POST to the printer cloud. */
export function sendAttempt(
  { attempt_count, signed_at }: Delivery,
  { kind, detail, http_status, response, clock_skew_ms }: AttemptOutcome,
  sent: string | null,
  startedAt: number,
  finishedAt: number,
): AttemptRecord {
  return {
    kind: "send",
    number: attempt_count,
    signed_at,
    started_at: startedAt,
    finished_at: finishedAt,
    outcome: kind,
    detail,
    http_status,
    request: sent,
    response,
    clock_skew_ms,
  };
}

/** What becomes of an attempt that cannot even be made. */
export function unsendable(detail: string): AttemptOutcome {
  return {
    kind: "unavailable",
    detail,
    http_status: null,
    retry_after_ms: null,
    order_unknown: false,
    response: null,
    clock_skew_ms: null,
  };
}

/** The trace to which an act on a delivery belongs. */
export function tracedOf({ id, webhook_id, traceparent }: Delivery, ended_at: number): Traced {
  return { root: webhook_id ?? id, traceparent, ended_at };
}
