import { isHeld } from "../core/decide.ts";
import type { Delivery } from "../core/delivery.ts";
import { parseJson } from "../core/json.ts";
import type { PrinterSettings, StoreSettings } from "../core/settings.ts";
import { toRfc3339, type UnixMs } from "../core/time.ts";
import type { AttemptRecord, DeliveryDetail, Webhook, WebhookWithBody } from "../ledger/ledger.ts";

type Facts = Record<string, unknown>;

/**
 * What `--json` prints: the same fields as the HTTP API (test/cli/facts.test.ts compares the two), field by
 * field, so that nothing new is told by accident. Times RFC 3339 in UTC; in lists nothing of the buyer.
 */
export function deliveryFacts(row: Delivery): Facts {
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
  };
}

/** One delivery with all that is known of it. */
export function detailFacts(detail: DeliveryDetail): Facts {
  const { delivery, webhook } = detail;
  const latest = detail.confirmations.toSorted((a, b) => a.at - b.at).at(-1);
  return {
    ...deliveryFacts(delivery),
    attempts: detail.attempts.map(attemptFacts),
    webhook: webhook === null ? null : webhookFacts(webhook),
    ticket: {
      ...delivery.ticket,
      created_at: toRfc3339(delivery.ticket.created_at),
      cancelled_at: toRfc3339(delivery.ticket.cancelled_at),
    },
    confirmation:
      latest === undefined ? null : { ...latest, at: toRfc3339(latest.at), raw: parsed(latest.raw) },
    history: detail.history.map(({ at, state, by, note }) => ({ at: toRfc3339(at), state, by, note })),
  };
}

export function attemptFacts(attempt: AttemptRecord): Facts {
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

/** The value of kept JSON text; what is none (it may have been cut) stays text. */
function parsed(text: string | null): unknown {
  if (text === null) return null;
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

export function webhookFacts(row: Webhook): Facts {
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
  };
}

export function webhookDetailFacts(row: WebhookWithBody): Facts {
  return {
    ...webhookFacts(row),
    headers: row.headers,
    body: row.body?.toString("utf8") ?? null,
    body_base64: row.body?.toString("base64") ?? null,
  };
}

/** @param publicUrl base of the webhook addresses */
export function storeFacts(store: StoreSettings, publicUrl: string, lastWebhookAt: UnixMs | null): Facts {
  return {
    name: store.name,
    platform: store.platform,
    printer: store.printer,
    webhook_url: webhookAddress(publicUrl, store),
    shop_id: store.shop_id,
    secret_count: store.secrets.length,
    token_count: store.token_hashes.length,
    api: store.api === null ? null : { url: bareAddress(store.api.url), version: store.api.version },
    order_id_from: store.order_id_from,
    ignore_older_than_s: store.ignore_older_than_s,
    currency: store.currency,
    trust_body: store.trust_body,
    test_orders: store.test_orders,
    last_webhook_at: toRfc3339(lastWebhookAt),
  };
}

/** Where the platform sends this store's webhooks; FastPOD's token is known to nobody but whoever made it. */
export function webhookAddress(publicUrl: string, store: StoreSettings): string {
  const path = `${publicUrl}/webhooks/${store.platform}/${store.name}`;
  return store.platform === "fastpod" ? `${path}/{your token}` : path;
}

/** A query string may carry a key. */
function bareAddress(address: string): string {
  const { origin, pathname } = new URL(address);
  return pathname === "/" ? origin : origin + pathname;
}

export function printerFacts(printer: PrinterSettings): Facts {
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

/** `2026-11-03 12:04:05`, UTC: short enough for a table; `-` where there is none. */
export function shortTime(at: UnixMs | null): string {
  return at === null ? "-" : toRfc3339(at).slice(0, 19).replace("T", " ");
}
