import type { Buyer, Cancellation, CancelledItem, PaymentState } from "../../core/cancellation.ts";
import { isMore, sumAmounts, type Decimal } from "../../core/money.ts";
import { textOf } from "../../core/text.ts";
import { evidenceOf, fieldsOf, joined, type Fields } from "../fields.ts";
import { addressLine, handoverOf, nameIn, NAMELESS, phoneWith } from "../order-parts.ts";
import type { InboundRequest, OrderBody, Platform, PlatformWords, Refusal } from "../platform.ts";
import { createReader, type Doubt } from "../reader.ts";
import { verifyShopId } from "../shop.ts";
import { verifySignature } from "../signature.ts";
import { erasureIn } from "./erasure.ts";

/** The cancel API answers with the order wrapped in `order`; webhooks send it bare. */
const SHAPE = { wrappers: ["order", "data"], ids: ["id"] };

const reader = createReader({
  shape: SHAPE,
  doubt: ({ order }) => whyNotCancelled(order),
  tell: ({ order_id, order }, _store, problems) => cancellationOf(order_id, fieldsOf(order, problems)),
});

/**
 * SHOPLINE (myshopline.com), topic `orders/cancelled`: the bare order, signed with lower-case hex HMAC-SHA256. Its
 * requests to erase are signed in the same way (erasure.ts).
 * @see developer.shopline.com: webhooks overview, "Verify the webhook signature", "Cancel order"; read 2026-11.
 *   Fixture: test/fixtures/shopline.webhook.orders_cancelled.from-docs.json
 */
export const shopline: PlatformWords = {
  name: "shopline",
  verify,
  verifyShop: (request, store) => verifyShopId(request, store, "x-shopline-shop-id", ["store_id", "shop_id"]),
  ...reader,
  read(body, store) {
    const reading = reader.read(body, store);
    return reading.kind === "quarantined" ? (erasureIn(body, store) ?? reading) : reading;
  },
  labels: (headers) => ({
    webhook_id: textOf(headers["x-shopline-webhook-id"]),
    topic: textOf(headers["x-shopline-topic"]),
  }),
  kept_headers: [
    "content-type",
    "user-agent",
    "x-shopline-topic",
    "x-shopline-shop-domain",
    "x-shopline-shop-id",
    "x-shopline-merchant-id",
    "x-shopline-api-version",
    "x-shopline-webhook-id",
  ],
};

const VENDOR = {
  product: "SHOPLINE",
  header: "X-Shopline-Hmac-Sha256",
  secret: "app secret from SHOPLINE's developer centre",
};

function verify(...[request, store, now]: Parameters<Platform["verify"]>): Refusal | null {
  const refusal = verifySignature(request, store, now, VENDOR);
  return refusal !== null && isOtherProduct(request) ? OTHER_PRODUCT : refusal;
}

/**
 * The platform of the same name at shoplineapp.com signs in the query (`?sign=`) and calls the topic
 * `order/cancel`. Only asked once the signature has failed, so that nothing authentic is turned away by it.
 * @see open-api.docs.shoplineapp.com, webhooks; read 2026-11
 */
function isOtherProduct({ headers, query }: InboundRequest): boolean {
  return query.sign !== undefined || /^order\//i.test(headers["x-shopline-topic"] ?? "");
}

const OTHER_PRODUCT: Refusal = {
  why: "other_product",
  detail:
    "This webhook comes from the SHOPLINE of shoplineapp.com (open.shopline.io), a different product with the same name. This relay takes webhooks of myshopline.com shops: subscribe to orders/cancelled there, and remove this subscription.",
};

function whyNotCancelled(order: OrderBody): Doubt | null {
  const evidence = evidenceOf(order.cancelled_at);
  if (evidence === "no") return { kind: "ignored", reason: "the order has no cancelled_at" };
  if (evidence === "unclear")
    return { kind: "quarantined", reason: "cancelled_at is neither empty nor a time" };
  return null;
}

function cancellationOf(orderId: string, order: Fields): Omit<Cancellation, "problems"> {
  const currency = order.currency("currency");
  const shippingLines = order.each("shipping_lines");
  const shippingMethod = joined(shippingLines.map((line) => line.text("title")));
  const buyer = buyerOf(order);
  const left = order.amount(currency, "current_total_price", "total_price");
  const back = refunded(order, currency);
  // Where all went back, a total of zero is what is left: it would be read as an order that cost nothing.
  const total = isMore(back, "0") && !isMore(left, "0") ? null : left;
  return {
    order_id: orderId,
    order_name: order.text("name"),
    created_at: order.moment("created_at"),
    cancelled_at: order.moment("cancelled_at"),
    reason: order.text("cancel_reason"),
    merchant_note: joined([order.text("note"), ...noteAttributes(order)], "; "),
    buyer_note: buyerNote(order),
    handover: handoverOf(shippingMethod, buyer),
    shipping_method: shippingMethod,
    payment: order.word(PAYMENT_WORDS, "financial_status"),
    payment_method: joined(order.texts("payment_gateway_names")),
    currency,
    amounts: {
      subtotal: order.amount(currency, "current_subtotal_price", "subtotal_price"),
      discount: order.amount(currency, "current_total_discounts", "total_discounts"),
      delivery: deliveryPrice(order, shippingLines, currency),
      delivery_tax: null,
      extra: null,
      tip: order.amount(currency, "total_tip_received"),
      tax: order.amount(currency, "current_total_tax", "total_tax"),
      total,
      // The present total may be what is left after it.
      refunded: isMore(back, total) ? null : back,
    },
    buyer,
    items: order.each("line_items").map((line) => itemOf(line, currency)),
    test: false,
  };
}

/** `pending`: the order stands and the money has not come. */
const PAYMENT_WORDS: ReadonlyMap<string, PaymentState> = new Map([
  ["unpaid", "unpaid"],
  ["pending", "unpaid"],
  ["authorized", "authorized"],
  ["partially_paid", "partially_paid"],
  ["paid", "paid"],
  ["partially_refunded", "partially_refunded"],
  ["refunded", "refunded"],
]);

/** The vendor describes them as the merchant's note log. */
function noteAttributes(order: Fields): string[] {
  return order
    .pairs("note_attributes")
    .map(({ name, value }) => (name === null ? value : `${name}: ${value}`));
}

/** What has gone back; null where one of them is in another currency. */
function refunded(order: Fields, currency: string | null): Decimal | null {
  const done = order
    .each("refunds")
    .flatMap((refund) => refund.each("transactions"))
    .filter((one) => one.text("kind") === "refund" && one.text("status") === "success");
  if (done.some((one) => (one.currency("currency") ?? currency) !== currency)) return null;
  return sumAmounts(
    done.map((one) => one.amount(currency, "amount")),
    currency,
  );
}

/** The order's own, which the vendor's page of this topic alone does not list; repeated with every payment. */
function buyerNote(order: Fields): string | null {
  const notes = [order.text("buyer_note")];
  for (const payment of order.each("payment_details")) notes.push(payment.text("buyer_note"));
  return joined([...new Set(notes)], "; ");
}

/** The lines' own prices; the total's `_set` in the vendor's example is a placeholder, so it comes second. */
function deliveryPrice(order: Fields, lines: Fields[], currency: string | null): Decimal | null {
  const ofLines = sumAmounts(
    lines.map((line) => line.amount(currency, "price")),
    currency,
  );
  const total = order.under("total_shipping_price_set").under("shop_money");
  return ofLines ?? total.amount(currency, "amount");
}

function buyerOf(order: Fields): Buyer {
  const shipping = order.under("shipping_address");
  const customer = order.under("customer");
  return {
    name: nameIn(shipping) ?? nameIn(customer),
    phone:
      shipping.text("phone") ??
      order.text("phone") ??
      phoneWith(customer.text("area_code"), customer.text("phone")),
    address: addressLine([shipping.text("address1"), shipping.text("address2"), shipping.text("company")]),
    town: addressLine([
      shipping.text("city"),
      shipping.text("province"),
      shipping.text("zip"),
      shipping.text("country", "country_code"),
    ]),
  };
}

function itemOf(line: Fields, currency: string | null): CancelledItem {
  const variant = line.text("variant_title");
  // Shops repeat the variant in it.
  const attribute = line.text("attribute") === variant ? [] : attributeOf(line.text("attribute"));
  const sku = line.text("sku");
  return {
    quantity: line.quantity("quantity"),
    name: line.text("title", "name") ?? sku ?? NAMELESS,
    variant,
    sku,
    options: [...line.pairs("properties"), ...attribute],
    note: null,
    amount: line.priced(currency, "price", "quantity"),
  };
}

/** What a buyer has chosen of the shop's, or typed behind a name of the shop's: that goes when the buyer is erased. */
function attributeOf(text: string | null): CancelledItem["options"] {
  if (text === null) return [];
  const [, name, value] = /^([^:]{1,60}): (.+)$/.exec(text) ?? [];
  return [name === undefined || value === undefined ? { name: null, value: text } : { name, value }];
}
