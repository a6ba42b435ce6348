import type { Buyer, Cancellation, CancelledItem, PaymentState } from "../../core/cancellation.ts";
import { sumAmounts, type Decimal } from "../../core/money.ts";
import { textOf } from "../../core/text.ts";
import { evidenceOf, fieldsOf, joined, type Fields } from "../fields.ts";
import { addressLine, handoverOf, nameIn, NAMELESS, phoneWith } from "../order-parts.ts";
import type { OrderBody, PlatformWords } from "../platform.ts";
import { createReader, type Doubt } from "../reader.ts";
import { verifyShopId } from "../shop.ts";
import { verifySignature } from "../signature.ts";

const SHAPE = { wrappers: ["order", "data"], ids: ["id"] };

/**
 * Shoplazza (myshoplaza.com), topic `orders/cancelled`: the order wrapped in `order`, signed with base64
 * HMAC-SHA256. Its `extra_info` (tax numbers), `browser_ip` and `payment_line` are never read.
 * @see shoplazza.dev: "Webhook Overview", "Webhook Properties", "Cancel Order" 2022-01; read 2026-11.
 *   Fixture: test/fixtures/shoplazza.webhook.orders_cancelled.reconstructed.json
 */
export const shoplazza: PlatformWords = {
  name: "shoplazza",
  verify: (request, store, now) => verifySignature(request, store, now, VENDOR),
  verifyShop: (request, store) => verifyShopId(request, store, "x-shoplazza-shop-domain"),
  ...createReader({
    shape: SHAPE,
    doubt: ({ order }) => whyNotCancelled(order),
    tell: ({ order_id, order }, _store, problems) => cancellationOf(order_id, fieldsOf(order, problems)),
  }),
  labels: (headers) => ({
    webhook_id: textOf(headers["x-shoplazza-deduplication-id"]),
    topic: textOf(headers["x-shoplazza-topic"]),
  }),
  kept_headers: [
    "content-type",
    "user-agent",
    "x-shoplazza-topic",
    "x-shoplazza-shop-domain",
    "x-shoplazza-api-version",
    "x-shoplazza-deduplication-id",
  ],
};

const VENDOR = {
  product: "Shoplazza",
  header: "X-Shoplazza-Hmac-Sha256",
  secret: "app's client secret from Shoplazza",
};

const STATUS_CHARS_MAX = 40;

/**
 * The status decides. The vendor's own example of a cancelled order has no time of cancellation, so the time is
 * asked only where there is no status.
 */
function whyNotCancelled(order: OrderBody): Doubt | null {
  const status = typeof order.status === "string" ? textOf(order.status, STATUS_CHARS_MAX) : null;
  if (status !== null) {
    if (/^cancell?ed$/i.test(status)) return null;
    return { kind: "ignored", reason: `the order's status is ${status}` };
  }
  const evidence = CANCELLED_AT.map((name) => evidenceOf(order[name]));
  if (evidence.includes("yes")) return null;
  return evidence.includes("unclear")
    ? { kind: "quarantined", reason: "there is no status, and cancelled_at is neither empty nor a time" }
    : { kind: "ignored", reason: "the order has neither a status nor a cancelled_at" };
}

/** The first from version 2025-06 on, the second in 2022-01. */
const CANCELLED_AT = ["cancelled_at", "canceled_at"];

function cancellationOf(orderId: string, order: Fields): Omit<Cancellation, "problems"> {
  const currency = order.currency("currency", "currency_code");
  const shippingLine = order.under("shipping_line");
  const shippingMethod = shippingMethodOf(shippingLine);
  const buyer = buyerOf(order);
  // Read for its problems alone: whyNotCancelled has decided on it.
  order.text("status");
  return {
    order_id: orderId,
    order_name: order.text("number"),
    created_at: order.moment("placed_at", "created_at"),
    cancelled_at: order.moment(...CANCELLED_AT, "updated_at"),
    reason: order.text("cancel_reason"),
    merchant_note: order.text("note"),
    buyer_note: order.text("customer_note"),
    handover: handoverOf(shippingMethod, buyer),
    shipping_method: shippingMethod,
    payment: order.word(PAYMENT_WORDS, "financial_status"),
    payment_method: order.text("payment_method"),
    currency,
    amounts: {
      subtotal: order.amount(currency, "sub_total"),
      discount: order.amount(currency, "total_discount"),
      delivery:
        order.amount(currency, "total_shipping") ?? shippingLine.amount(currency, "shipping_price", "price"),
      delivery_tax: order.amount(currency, "shipping_tax_total"),
      extra: order.amount(currency, "additional_total") ?? additionalPrices(order, currency),
      tip: order.amount(currency, "total_tip_received"),
      tax: order.amount(currency, "total_tax", "tax_total"),
      total: order.amount(currency, "total_price"),
      refunded: order.amount(currency, "total_refund_price"),
    },
    buyer,
    items: order.each("line_items").map((line) => itemOf(line, currency)),
    test: false,
  };
}

/** In 2022-01 a name; in 2026-01, by its page of a new order, `shipping_name`, and when it comes or is collected. */
function shippingMethodOf(line: Fields): string | null {
  return joined([
    line.text("name", "title", "shipping_name"),
    line.under("business_info").text("time_remark"),
  ]);
}

/** A payment that was cancelled was never made; one whose refund failed is still the shop's. */
const PAYMENT_WORDS: ReadonlyMap<string, PaymentState> = new Map([
  ["waiting", "unpaid"],
  ["paying", "unpaid"],
  ["unpaid", "unpaid"],
  ["cancelled", "unpaid"],
  ["canceled", "unpaid"],
  ["paid", "paid"],
  ["refund_failed", "paid"],
  ["partially_paid", "partially_paid"],
  ["authorized", "authorized"],
  ["refunding", "refunding"],
  ["refunded", "refunded"],
  ["partially_refunded", "partially_refunded"],
  ["failed", "failed"],
]);

/** The vendor spells the list's name without its first i. */
function additionalPrices(order: Fields, currency: string | null): Decimal | null {
  const charges = [...order.each("additional_prices"), ...order.each("addtional_prices")];
  return sumAmounts(
    charges.map((charge) => charge.amount(currency, "price")),
    currency,
  );
}

function buyerOf(order: Fields): Buyer {
  const shipping = order.under("shipping_address");
  const customer = order.under("customer");
  const street = shipping.text("address");
  const line1 = shipping.text("address1");
  return {
    name: nameIn(shipping) ?? nameIn(customer),
    phone: phoneWith(shipping.text("phone_area_code"), shipping.text("phone")) ?? customer.text("phone"),
    // Where there is an `address`, it is the street, and `address1` the second line.
    address: addressLine([
      ...(street === null ? [line1, shipping.text("address2")] : [street, line1]),
      shipping.text("company"),
    ]),
    town: addressLine([
      shipping.text("area"),
      shipping.text("city"),
      shipping.text("province"),
      shipping.text("zip"),
      shipping.text("country", "country_code"),
    ]),
  };
}

function itemOf(line: Fields, currency: string | null): CancelledItem {
  const sku = line.text("sku");
  return {
    quantity: line.quantity("quantity"),
    name: line.text("product_title", "title", "name") ?? sku ?? NAMELESS,
    variant: line.text("variant_title"),
    sku,
    options: optionsOf(line),
    note: line.text("note"),
    amount: line.amount(currency, "total", "total_price") ?? line.priced(currency, "price", "quantity"),
  };
}

/** The variant's, and what a buyer was asked beside it; what stands in both is said once. */
function optionsOf(line: Fields): CancelledItem["options"] {
  const known = line.pairs("properties");
  const custom = line.pairs("custom_properties");
  const isKnown = ({ name, value }: CancelledItem["options"][number]): boolean =>
    known.some((one) => one.name === name && one.value === value);
  return [...known, ...custom.filter((one) => !isKnown(one))];
}
