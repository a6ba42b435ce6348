import type { PrinterSettings, StoreSettings } from "../../src/core/settings.ts";
import type { Ticket } from "../../src/core/ticket.ts";
import type {
  AttemptRecord,
  ClaimQuery,
  InboundEntry,
  NewDelivery,
  NewWebhook,
} from "../../src/ledger/ledger.ts";

/** 2026-11-03T12:00:00Z */
export const NOON = Date.UTC(2026, 10, 3, 12);
export const HOUR = 3_600_000;

/** Ids of the ULID's form that sort by `n`. */
export function idOf(prefix: string, n: number): string {
  return `01${prefix.padEnd(8, "0")}${String(n).padStart(16, "0")}`.toUpperCase();
}

export function aTicket(told: Partial<Ticket> = {}): Ticket {
  return {
    kind: "cancellation",
    platform: "shopline",
    store: "noodle-bar",
    order_id: "21057",
    order_name: "#1001",
    created_at: NOON - HOUR,
    cancelled_at: NOON,
    cancelled_at_known: true,
    reason: "客户取消",
    merchant_note: null,
    buyer_note: null,
    handover: "delivery",
    shipping_method: null,
    payment: "refunded",
    payment_method: "Visa",
    currency: "TWD",
    amounts: {
      subtotal: "100.00",
      discount: null,
      delivery: null,
      delivery_tax: null,
      extra: null,
      tip: null,
      tax: null,
      total: "100.00",
      refunded: "100.00",
    },
    buyer: { name: "王小明", phone: "+886 900 000 000", address: "1 Road", town: "Taipei" },
    items: [
      { quantity: "2", name: "牛肉麵", variant: null, sku: null, options: [], note: null, amount: "100.00" },
    ],
    problems: [],
    ...told,
  };
}

export function aWebhook(n: number, told: Partial<NewWebhook> = {}): NewWebhook {
  return {
    id: idOf("WEBH", n),
    platform: "shopline",
    store: "noodle-bar",
    platform_webhook_id: "f81d4fae",
    topic: "orders/cancelled",
    headers: { "content-type": "application/json", "x-shopline-topic": "orders/cancelled" },
    body: Buffer.from(`{"id":"21057","n":${n}}`),
    received_at: NOON,
    ...told,
  };
}

/** Its order is its own unless told otherwise. */
export function aDelivery(n: number, told: Partial<NewDelivery> = {}): NewDelivery {
  return {
    id: idOf("DLVR", n),
    kind: "cancellation",
    state: "pending",
    platform: "shopline",
    store: "noodle-bar",
    printer: "kitchen",
    reprint_of: null,
    order_id: `order-${n}`,
    order_name: `#${1000 + n}`,
    cancelled_at: NOON - 1000,
    reason: "customer",
    ticket: aTicket(),
    created_at: NOON,
    useful_until: NOON + 24 * HOUR,
    ...told,
  };
}

export function anEntry(n: number, told: Partial<NewDelivery> = {}): InboundEntry {
  return { webhook: aWebhook(n), delivery: aDelivery(n, told) };
}

export function dueQuery(told: Partial<ClaimQuery> = {}): ClaimQuery {
  return { state: "pending", now: NOON, lease_until: NOON + 75_000, limit: 100, ...told };
}

export function anAttempt(told: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    kind: "send",
    number: 1,
    signed_at: NOON,
    started_at: NOON,
    finished_at: NOON + 200,
    outcome: "accepted",
    detail: "the cloud took it",
    http_status: 200,
    request: '{"api_key":"********"}',
    response: "{}",
    clock_skew_ms: -40,
    ...told,
  };
}

export function aPrinter(name: string, told: Partial<PrinterSettings> = {}): PrinterSettings {
  return {
    name,
    api_key: `marked-api-key-${name}`,
    secret_key: `marked-secret-key-${name}`,
    sign: { algorithm: "md5", template: "{api_key}{cur_time}{secret_key}", case: "lower" },
    time_zone: "Asia/Taipei",
    language: "en",
    columns: 32,
    order_txt: "plain",
    endpoint: "cancelorder",
    created_key: "both",
    customer: "full",
    confirm_within_s: 600,
    useful_for_s: 86_400,
    success: ["0", "200"],
    ...told,
  };
}

export function aStore(name: string, told: Partial<StoreSettings> = {}): StoreSettings {
  return {
    name,
    platform: "shopline",
    printer: "kitchen",
    secrets: [`marked-app-secret-${name}`, "marked-previous-secret"],
    token_hashes: ["ab".repeat(32)],
    shop_id: "1644828244663",
    api: {
      url: "https://demo.myshopline.com",
      token: `marked-api-token-${name}`,
      version: "v20250601",
      allow_host: null,
    },
    order_id_from: "id",
    ignore_older_than_s: null,
    currency: null,
    trust_body: true,
    test_orders: "print",
    ...told,
  };
}
