import type { Decimal } from "./money.ts";
import type { UnixMs } from "./time.ts";

export const PLATFORM_NAMES = ["shopline", "shoplazza", "fastpod"] as const;
export type PlatformName = (typeof PLATFORM_NAMES)[number];

export const PAYMENT_STATES = [
  "paid",
  "unpaid",
  "partially_paid",
  "authorized",
  "refunding",
  "refunded",
  "partially_refunded",
  "failed",
] as const;
export type PaymentState = (typeof PAYMENT_STATES)[number];

/** One line of the order. Everything but the name may be missing; texts are clean single lines. */
export interface CancelledItem {
  /** As sent and normalised (`2`, `0.5`); null when the store did not say. */
  quantity: string | null;
  name: string;
  variant: string | null;
  sku: string | null;
  options: { name: string | null; value: string }[];
  note: string | null;
  /** Line total, in the currency's digits. */
  amount: Decimal | null;
}

/** Amounts of the order as the store sent them, each in the currency's own digits. Never recomputed. */
export type CancelledAmounts = Record<
  "subtotal" | "discount" | "delivery" | "delivery_tax" | "extra" | "tip" | "tax" | "total" | "refunded",
  Decimal | null
>;

/**
 * Each one line of text. `address`: street, second line, company; `town`: city, province, postcode, country.
 */
export type Buyer = Record<"name" | "phone" | "address" | "town", string | null>;

/**
 * The canonical fact: this order of this store was cancelled. What a platform calls things ends where this
 * begins. Every text is already clean (core/text.ts), every amount decimal, every time Unix ms.
 */
export interface Cancellation {
  /** The platform's own id of the order, every digit kept. With the store's name it is the dedupe key. */
  order_id: string;
  /** What people call the order (`#1001`); null when the store does not say. */
  order_name: string | null;
  created_at: UnixMs | null;
  cancelled_at: UnixMs | null;
  reason: string | null;
  merchant_note: string | null;
  buyer_note: string | null;
  /** Null: the store did not say. */
  handover: "delivery" | "collection" | null;
  shipping_method: string | null;
  payment: PaymentState | null;
  payment_method: string | null;
  /** ISO 4217, upper case. */
  currency: string | null;
  amounts: CancelledAmounts;
  buyer: Buyer;
  items: CancelledItem[];
  /** The store calls it a test order. */
  test: boolean;
  /** Names of the fields that were there and could not be understood; never their contents. */
  problems: string[];
}

/** Longest order id taken; a longer one is no order id, and the webhook is quarantined. */
export const ORDER_ID_CHARS_MAX = 100;
