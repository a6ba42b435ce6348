import type { Alert } from "../core/alert.ts";
import { isHeld } from "../core/decide.ts";
import type { Delivery } from "../core/delivery.ts";
import type { Erasure } from "../core/erasure.ts";
import { parseJson } from "../core/json.ts";
import { nextExpiry, validAt } from "../core/expiring.ts";
import { proofsOf, type PrinterSettings, type StoreSettings } from "../core/settings.ts";
import type { Ticket } from "../core/ticket.ts";
import { toRfc3339, type UnixMs } from "../core/time.ts";
import { webhookPath } from "../core/webhook.ts";
import type { StoreWatch } from "../ledger/store-watch.ts";
import type {
  AttemptRecord,
  ConfirmationRecord,
  DeliveryDetail,
  EnqueueResult,
  Webhook,
  WebhookWithBody,
} from "../ledger/ledger.ts";
import type {
  AlertJson,
  DeliveryDetailJson,
  DeliveryJson,
  ErasureJson,
  PrinterJson,
  WebhookDetailJson,
  WebhookJson,
  ReceiptJson,
} from "./schemas.ts";
import type { StoreJson, StoreWatchJson } from "./store-schemas.ts";

/** From the ledger's rows to what the API and `--json` say: field by field, so that a new column is never told by accident. */
export function deliveryJson(row: Omit<Delivery, "ticket">): DeliveryJson {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    attention: row.attention,
    held: isHeld(row),
    platform: row.platform,
    store: row.store,
    printer: row.printer,
    order_id: row.order_id,
    order_name: row.order_name,
    cancelled_at: toRfc3339(row.cancelled_at),
    reason: row.reason,
    webhook_id: row.webhook_id,
    reprint_of: row.reprint_of,
    reprint_number: row.reprint_number,
    attempt_count: row.attempt_count,
    may_be_repeat: row.may_be_repeat,
    next_attempt_at: toRfc3339(row.next_attempt_at),
    useful_until: toRfc3339(row.useful_until),
    confirm_by: toRfc3339(row.confirm_by),
    created_at: toRfc3339(row.created_at),
    accepted_at: toRfc3339(row.accepted_at),
    printed_at: toRfc3339(row.printed_at),
    last_error: row.last_error,
    forgotten_at: toRfc3339(row.forgotten_at),
  };
}

export function deliveryDetailJson(detail: DeliveryDetail): DeliveryDetailJson {
  const { delivery, confirmations, webhook } = detail;
  const confirmation = confirmationThatCounts(delivery, confirmations);
  return {
    ...deliveryJson(delivery),
    attempts: detail.attempts.map(attemptJson),
    earlier_attempts: detail.earlier_attempts && cursorOf(detail.earlier_attempts),
    webhook: webhook === null ? null : webhookJson(webhook),
    ticket: ticketJson(delivery.ticket),
    confirmation: confirmation && confirmationJson(confirmation),
    history: detail.history.map(({ at, state, by, note }) => ({ at: toRfc3339(at), state, by, note })),
  };
}

/** The opaque place after one item. */
export function cursorOf(id: string): string {
  return Buffer.from(id, "latin1").toString("base64url");
}

/** The first that says what its state says, for what came after it changed nothing; else the latest. */
function confirmationThatCounts(
  { state }: Pick<Delivery, "state">,
  confirmations: readonly ConfirmationRecord[],
): ConfirmationRecord | null {
  const inOrder = confirmations.toSorted((a, b) => a.at - b.at);
  const wanted = state === "printed" ? "accepted" : state;
  return inOrder.find(({ verdict }) => verdict === wanted) ?? inOrder.at(-1) ?? null;
}

export function ticketJson(ticket: Ticket): DeliveryDetailJson["ticket"] {
  return {
    ...ticket,
    created_at: toRfc3339(ticket.created_at),
    cancelled_at: toRfc3339(ticket.cancelled_at),
  };
}

export function attemptJson(attempt: AttemptRecord): DeliveryDetailJson["attempts"][number] {
  return {
    kind: attempt.kind,
    number: attempt.number,
    started_at: toRfc3339(attempt.started_at),
    finished_at: toRfc3339(attempt.finished_at),
    duration_ms: attempt.finished_at - attempt.started_at,
    outcome: attempt.outcome,
    detail: attempt.detail,
    http_status: attempt.http_status,
    request: parsed(attempt.request),
    response: attempt.response,
    clock_skew_ms: attempt.clock_skew_ms,
  };
}

function confirmationJson(row: ConfirmationRecord): NonNullable<DeliveryDetailJson["confirmation"]> {
  const { verdict, message, time } = row;
  return { at: toRfc3339(row.at), verdict, message, time, raw: parsed(row.raw) };
}

/** The value of kept JSON text; what is none (it may have been cut) stays text. */
function parsed(text: string | null): unknown {
  if (text === null) return null;
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

export function webhookJson(row: Webhook): WebhookJson {
  return {
    id: row.id,
    platform: row.platform,
    store: row.store,
    status: row.status,
    reason: row.reason,
    delivery_id: row.delivery_id,
    platform_webhook_id: row.platform_webhook_id,
    topic: row.topic,
    body_bytes: row.body_bytes,
    received_at: toRfc3339(row.received_at),
    origin: row.origin,
  };
}

export function webhookDetailJson(row: WebhookWithBody): WebhookDetailJson {
  return {
    ...webhookJson(row),
    headers: row.headers,
    body: row.body?.toString("utf8") ?? null,
    body_base64: row.body?.toString("base64") ?? null,
  };
}

export function receiptJson({ status, webhook_id, delivery_id, reason }: EnqueueResult): ReceiptJson {
  return { status, webhook: webhook_id, delivery: delivery_id, reason };
}

export function alertJson(alert: Alert): AlertJson {
  return {
    id: alert.id,
    type: alert.type,
    severity: alert.severity,
    state: alert.state,
    matter: alert.matter,
    text: alert.text,
    reason: alert.reason,
    delivery_id: alert.delivery_id,
    webhook_id: alert.webhook_id,
    order_id: alert.order_id,
    order_name: alert.order_name,
    store: alert.store,
    printer: alert.printer,
    count: alert.count,
    gathered: alert.gathered,
    raised_at: toRfc3339(alert.raised_at),
    told_at: toRfc3339(alert.told_at),
    closed_at: toRfc3339(alert.closed_at),
    ended: alert.ended,
  };
}

/** Nothing of whom it was about. */
export function erasureJson({
  id,
  store,
  asked_at,
  by,
  done_at,
  deliveries,
  webhooks,
}: Erasure): ErasureJson {
  return {
    ...{ id, store, asked_at: toRfc3339(asked_at), by },
    ...{ done_at: toRfc3339(done_at), deliveries, webhooks },
  };
}

/** Where a store's platform sends its webhooks; FastPOD's token is known to nobody but whoever made it. */
export function webhookAddress(publicUrl: string, store: StoreSettings): string {
  return publicUrl + webhookPath(store, "{your token}");
}

/** What the relay has seen of a store. */
export interface StoreSeen {
  lastWebhookAt: UnixMs | null;
  /** Told of a store that has an `api`. */
  watch: StoreWatch | undefined;
}

/** @param now of secrets and tokens those count that are valid then; how many, and until when, never which */
export function storeJson(
  store: StoreSettings,
  publicUrl: string,
  { lastWebhookAt, watch }: StoreSeen,
  now: UnixMs,
): StoreJson {
  return {
    name: store.name,
    platform: store.platform,
    printer: store.printer,
    webhook_url: webhookAddress(publicUrl, store),
    shop_id: store.shop_id,
    secret_count: validAt(store.secrets, now).length,
    token_count: validAt(store.token_hashes, now).length,
    next_expiry_at: toRfc3339(nextExpiry(proofsOf(store), now)),
    // Only where it leads: a query string may carry a key.
    api: store.api === null ? null : apiJson(store.api),
    order_id_from: store.order_id_from,
    ignore_older_than_s: store.ignore_older_than_s,
    currency: store.currency,
    trust_body: store.trust_body,
    test_orders: store.test_orders,
    last_webhook_at: toRfc3339(lastWebhookAt),
    watch: store.api === null || watch === undefined ? null : watchJson(watch),
  };
}

function apiJson({ url, version, allow_host }: NonNullable<StoreSettings["api"]>): StoreJson["api"] {
  return { url: bareAddress(url), version, allow_host };
}

function watchJson(watch: StoreWatch): StoreWatchJson {
  return {
    since: toRfc3339(watch.since),
    reconciled_to: toRfc3339(watch.reconciled_to),
    reconciled_at: toRfc3339(watch.reconciled_at),
    reconcile_error: watch.reconcile_error,
    found_count: watch.found_count,
    subscribed_at: toRfc3339(watch.subscribed_at),
    checked_at: toRfc3339(watch.checked_at),
    check_error: watch.check_error,
  };
}

export function bareAddress(address: string): string {
  if (!URL.canParse(address)) return "";
  const { origin, pathname } = new URL(address);
  return pathname === "/" ? origin : origin + pathname;
}

export function printerJson(printer: PrinterSettings): PrinterJson {
  return {
    name: printer.name,
    sign: printer.sign,
    time_zone: printer.time_zone,
    language: printer.language,
    columns: printer.columns,
    order_txt: printer.order_txt,
    endpoint: printer.endpoint,
    created_key: printer.created_key,
    customer: printer.customer,
    confirm_within_s: printer.confirm_within_s,
    useful_for_s: printer.useful_for_s,
    success: printer.success,
  };
}
