import type { AttemptOutcome, Delivery, OutcomeKind, Transition } from "../../src/core/delivery.ts";
import { testTicket } from "../../src/core/ticket.ts";

export const T0 = 1_800_000_000_000;
export const NO_JITTER = () => 0;
export const PRINTER = { endpoint: "cancelorder", confirm_within_s: 600, useful_for_s: 86_400 } as const;

export const FRESH: Delivery = {
  id: "01JD0000000000000000000000",
  kind: "cancellation",
  state: "pending",
  attention: null,
  platform: "shopline",
  store: "noodle-bar",
  printer: "kitchen",
  order_id: "1001",
  order_name: "#1001",
  cancelled_at: T0,
  reason: null,
  webhook_id: "01JD0000000000000000000001",
  reprint_of: null,
  reprint_number: null,
  attempt_count: 0,
  signed_at: null,
  retry_step: 0,
  unknown_count: 0,
  may_be_repeat: false,
  denied_count: 0,
  endpoint: null,
  next_attempt_at: T0,
  lease_until: null,
  useful_until: T0 + 86_400_000,
  confirm_by: null,
  created_at: T0,
  accepted_at: null,
  printed_at: null,
  last_error: null,
  traceparent: null,
  forgotten_at: null,
  ticket: testTicket("kitchen", T0),
};

export function outcome(kind: OutcomeKind, more: Partial<AttemptOutcome> = {}): AttemptOutcome {
  return {
    kind,
    detail: `it was ${kind}`,
    http_status: null,
    retry_after_ms: null,
    order_unknown: false,
    response: null,
    clock_skew_ms: null,
    ...more,
  };
}

export function claimed(delivery: Delivery, now: number): Delivery {
  return {
    ...delivery,
    state: "sending",
    lease_until: now + 75_000,
    attempt_count: delivery.attempt_count + 1,
  };
}

export function apply(delivery: Delivery, transition: Transition | null): Delivery {
  return { ...delivery, ...transition?.set };
}
