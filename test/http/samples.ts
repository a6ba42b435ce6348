import type { Alert } from "../../src/core/alert.ts";
import type { Delivery } from "../../src/core/delivery.ts";
import { testTicket } from "../../src/core/ticket.ts";
import type { AttemptRecord, DeliveryDetail, WebhookWithBody } from "../../src/ledger/ledger.ts";
import type { StoreWatch } from "../../src/ledger/store-watch.ts";

/** 2027-01-15T08:00:00Z, where the manual clock stands; 16:00 in Taipei. */
export const NOW = 1_800_000_000_000;

export function aDelivery(own: Partial<Delivery> = {}): Delivery {
  const ticket = { ...testTicket("kitchen", NOW - 60_000), kind: "cancellation" as const };
  return {
    id: "DL1",
    kind: "cancellation",
    state: "printed",
    attention: null,
    platform: "shopline",
    store: "noodle-bar",
    printer: "kitchen",
    order_id: "21071234567890123456",
    order_name: "#1001",
    cancelled_at: NOW - 60_000,
    reason: "customer",
    webhook_id: "WH1",
    reprint_of: null,
    reprint_number: null,
    attempt_count: 1,
    signed_at: NOW - 59_500,
    retry_step: 0,
    unknown_count: 0,
    may_be_repeat: false,
    denied_count: 0,
    endpoint: null,
    next_attempt_at: null,
    lease_until: null,
    useful_until: NOW + 86_340_000,
    traceparent: null,
    forgotten_at: null,
    confirm_by: null,
    created_at: NOW - 60_000,
    accepted_at: NOW - 59_000,
    printed_at: NOW - 55_000,
    last_error: null,
    ticket: { ...ticket, order_id: "21071234567890123456", order_name: "#1001", reason: "customer" },
    ...own,
  };
}

export function anAttempt(own: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    kind: "send",
    number: 1,
    signed_at: NOW - 59_500,
    started_at: NOW - 59_500,
    finished_at: NOW - 59_000,
    outcome: "accepted",
    detail: "accepted",
    http_status: 200,
    request: '{"api_key":"***","order_id":"21071234567890123456","long":9007199254740993}',
    response: "{}",
    clock_skew_ms: 12,
    ...own,
  };
}

export function aWebhook(own: Partial<WebhookWithBody> = {}): WebhookWithBody {
  const body =
    own.body === undefined ? Buffer.from('{"id":"21071234567890123456","name":"#1001"}') : own.body;
  return {
    id: "WH1",
    platform: "shopline",
    store: "noodle-bar",
    status: "accepted",
    reason: null,
    delivery_id: "DL1",
    platform_webhook_id: "sender-7",
    topic: "orders/cancelled",
    headers: { "x-shopline-topic": "orders/cancelled" },
    origin: "webhook",
    body_bytes: body?.length ?? 44,
    received_at: NOW - 60_000,
    ...own,
    body,
  };
}

export function aDetail(own: Partial<Delivery> = {}): DeliveryDetail {
  return {
    delivery: aDelivery(own),
    attempts: [anAttempt()],
    earlier_attempts: null,
    confirmations: [
      { at: NOW - 57_000, verdict: "unrecognised", message: "paper low", time: null, raw: "cut {" },
      { at: NOW - 55_000, verdict: "accepted", message: "OK", time: "16:00", raw: '{"status":"1"}' },
    ],
    history: [
      { at: NOW - 60_000, state: "pending", by: "relay", note: "received" },
      { at: NOW - 59_000, state: "accepted", by: "relay", note: "the cloud accepted it" },
      { at: NOW - 55_000, state: "printed", by: "printer", note: "the printer confirmed: OK" },
    ],
    webhook: aWebhook(),
  };
}

/** Of a store whose API is asked, and whose webhooks were registered by hand. */
export function aWatch(own: Partial<StoreWatch> = {}): StoreWatch {
  return {
    store: "noodle-bar",
    since: NOW - 86_400_000,
    reconciled_to: NOW - 300_000,
    reconciled_at: NOW - 300_000,
    reconcile_error: null,
    found_count: 2,
    subscribed_at: null,
    subscription_id: null,
    checked_at: null,
    check_error: null,
    ...own,
  };
}

export function anAlert(own: Partial<Alert> = {}): Alert {
  return {
    id: "al_000000000001",
    type: "delivery.dead",
    severity: "critical",
    state: "open",
    matter: "delivery.dead DL1",
    delivery_id: "DL1",
    webhook_id: null,
    order_id: "21071234567890123456",
    order_name: "#1001",
    store: "noodle-bar",
    printer: "kitchen",
    reason: "refused by the cloud: sign error",
    text: "Order #1001 (noodle-bar → kitchen): the cancellation will not print. Refused by the cloud: sign error",
    count: 1,
    gathered: false,
    raised_at: NOW - 60_000,
    told_at: NOW - 59_000,
    closed_at: null,
    ended: null,
    ...own,
  };
}
