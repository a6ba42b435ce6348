import type { AttemptOutcome, Delivery, Transition } from "./delivery.ts";
import { SECOND_MS, type UnixMs } from "./time.ts";

/** How soon a printer that was applied again gets what waited for it. */
const UNSENDABLE_AGAIN_MS = 60 * SECOND_MS;

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

/**
 * Nothing could be made to send: a printer that is not configured, a fault in setting the slip. The cloud has no part in
 * it, so neither the retry law nor the cloud's return bear on it.
 */
export function afterUnsendable(delivery: Delivery, detail: string, now: UnixMs): Transition {
  if (delivery.state !== "sending") return { set: {}, note: null };
  return {
    set: {
      lease_until: null,
      state: "pending",
      next_attempt_at: now + UNSENDABLE_AGAIN_MS,
      retry_step: 0,
      last_error: detail,
    },
    note: null,
  };
}
