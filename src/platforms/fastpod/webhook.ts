import type { Buyer, Cancellation, CancelledItem, PaymentState } from "../../core/cancellation.ts";
import { validAt, valueOf } from "../../core/expiring.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { sumAmounts, type Decimal } from "../../core/money.ts";
import type { StoreSettings } from "../../core/settings.ts";
import { textOf } from "../../core/text.ts";
import type { UnixMs } from "../../core/time.ts";
import { rootOf } from "../body.ts";
import { evidenceOf, fieldsOf, joined, type Fields } from "../fields.ts";
import { addressLine, NAMELESS } from "../order-parts.ts";
import type { InboundRequest, OrderBody, Platform, PlatformWords, Refusal } from "../platform.ts";
import { createReader, type Doubt } from "../reader.ts";
import { knownToken } from "../signature.ts";

const SHAPE = { wrappers: ["data", "order"], ids: ["id", "order_id"] };

/**
 * FastPOD (fastpod.net). What its webhooks look like is not public, so they are held to be unsigned: a token in
 * the path authenticates, the body is a hint, and the API has the last word (unless `trust_body`). The same
 * reader serves the API's answer, `{status, message, data}`.
 * @see fastpodapi.apidog.io: "Cancel Order", order pages; the envelope with `event` is that of its nearest
 *   relative, docs.swiftpod.com; read 2026-11. Fixtures: test/fixtures/fastpod.*.json
 */
export const fastpodWebhook: PlatformWords = {
  name: "fastpod",
  verify,
  verifyNobody: ({ path_token }) => void knownToken(path_token, NOBODYS_TOKEN_HASHES),
  verifyShop: () => null,
  ...createReader({
    shape: SHAPE,
    doubt: ({ root, order }) => whyNotCancelled(root, order),
    tell({ root, order, order_id }, store, problems) {
      const event = fieldsOf(isObject(root.event) ? root.event : {}, problems, "event.");
      return cancellationOf(order_id, fieldsOf(order, problems), event, store);
    },
  }),
  labels: (_headers, body) => labelsOf(body),
  kept_headers: ["content-type", "user-agent"],
};

/** As many as most stores have. No token has this hash that anybody knows of. */
const NOBODYS_TOKEN_HASHES = ["0".repeat(64)];

function verify({ path_token }: InboundRequest, store: StoreSettings, now: UnixMs): Refusal | null {
  // Ended ones too at once: work done only for a store that there is would tell that there is one.
  const known = knownToken(path_token, store.token_hashes.map(valueOf));
  if (known !== null && validAt(store.token_hashes, now).includes(known)) return null;
  if (known !== null) {
    return {
      why: "ended_token",
      detail: `FastPOD calls an address of store ${store.name} whose token has ended: register the present one there, or make a new address.`,
    };
  }
  return {
    why: "unknown_token",
    detail: `The token at the end of the address is none of store ${store.name}: take the address as the relay prints it.`,
  };
}

function labelsOf(body: Buffer): ReturnType<Platform["labels"]> {
  const event = rootOf(body)?.event;
  return isObject(event)
    ? { webhook_id: textOf(event.uuid), topic: textOf(event.name) }
    : { webhook_id: null, topic: textOf(event) };
}

const CANCELLED_STATUSES = ["cancelled", "canceled", "in_production_cancelled"];
const CANCELLED_EVENT = /^orders?[._/: -]?cancell?ed$/i;
const STATUS_CHARS_MAX = 40;

/** Any one sign is enough: the signs of the webhook are a guess, and those of the API agree with each other. */
function whyNotCancelled(root: JsonObject, order: OrderBody): Doubt | null {
  const event = isObject(root.event) ? root.event : {};
  const statuses = [order.order_status, order.status, root.status, event.status]
    // The API's own `status: true` says that the request succeeded, and nothing of the order.
    .filter((status) => typeof status === "string")
    .map((status) => textOf(status, STATUS_CHARS_MAX)?.toLowerCase() ?? "")
    .filter((status) => status !== "");
  const cancelledAt = evidenceOf(order.cancelled_at);
  const isCancelled =
    cancelledAt === "yes" ||
    statuses.some((status) => CANCELLED_STATUSES.includes(status)) ||
    CANCELLED_EVENT.test(textOf(root.event) ?? textOf(event.name) ?? "");
  if (isCancelled) return null;
  if (cancelledAt === "unclear") {
    return { kind: "quarantined", reason: "cancelled_at is neither empty nor a time" };
  }
  const [status] = statuses;
  return {
    kind: "ignored",
    reason: status === undefined ? "the order has no status" : `the order's status is ${status}`,
  };
}

function cancellationOf(
  orderId: string,
  order: Fields,
  event: Fields,
  store: StoreSettings,
): Omit<Cancellation, "problems"> {
  const { currency } = store;
  const buyer = buyerOf(order);
  return {
    order_id: orderId,
    // Beside an `id`, which is the platform's, its nearest relative calls the merchant's own `order_id`.
    order_name: order.text("reference_id", "order_id"),
    created_at: order.moment("created_at"),
    // The last change comes last: an order without any time would never count as history.
    cancelled_at: order.moment("cancelled_at") ?? event.moment("timestamp") ?? order.moment("updated_at"),
    // Not among the documented fields of an order; read in case it comes.
    reason: order.text("cancel_reason", "reason"),
    merchant_note: null,
    buyer_note: order.text("gift_message"),
    handover: buyer.address !== null || buyer.town !== null ? "delivery" : null,
    shipping_method: shippingMethodOf(order.text("shipping_method")),
    payment: order.word(PAYMENT_WORDS, "payment_status"),
    payment_method: order.text("payment_method"),
    currency,
    amounts: {
      subtotal: order.amount(currency, "item_total"),
      discount: order.amount(currency, "discount_total"),
      delivery: order.amount(currency, "shipping_total"),
      delivery_tax: null,
      extra: extraFees(order, currency),
      tip: null,
      tax: null,
      total: order.amount(currency, "order_total"),
      refunded: null,
    },
    buyer,
    items: order.each("line_items").map((line) => itemOf(line, currency)),
    test: order.flag("test_order"),
  };
}

const PAYMENT_WORDS: ReadonlyMap<string, PaymentState> = new Map([
  ["unpaid", "unpaid"],
  ["pending", "unpaid"],
  ["paid", "paid"],
  ["partially_paid", "partially_paid"],
  ["refunded", "refunded"],
  ["partially_refunded", "partially_refunded"],
  ["failed", "failed"],
]);

/** `surchage` is the vendor's spelling. */
function extraFees(order: Fields, currency: string | null): Decimal | null {
  const fees = [
    order.amount(currency, "surcharge_total"),
    order.amount(currency, "labeling_fee"),
    order.amount(currency, "peak_season_surchage", "peak_season_surcharge"),
  ];
  return sumAmounts(fees, currency);
}

function buyerOf(order: Fields): Buyer {
  const address = order.under("address");
  return {
    name: address.text("name"),
    phone: address.text("phone"),
    address: addressLine([address.text("street1"), address.text("street2"), address.text("company")]),
    town: addressLine([
      address.text("city"),
      address.text("state"),
      address.text("zip"),
      address.text("country"),
    ]),
  };
}

function itemOf(line: Fields, currency: string | null): CancelledItem {
  const sku = line.text("sku");
  return {
    quantity: line.quantity("quantity"),
    name: line.text("name") ?? sku ?? NAMELESS,
    variant: joined([line.text("style"), line.text("color"), line.text("size")], " / "),
    sku,
    options: [],
    note: null,
    amount: line.amount(currency, "price") ?? line.priced(currency, "unit_price", "quantity"),
  };
}

/** @see fastpodapi.apidog.io, "List Orders", `shipping_method`; read 2026-11. Any other number tells a cook nothing. */
const SHIPPING_METHODS: ReadonlyMap<string, string> = new Map([
  ["1", "Standard"],
  ["2", "Priority"],
  ["3", "Express"],
  ["4", "Prime"],
]);

function shippingMethodOf(text: string | null): string | null {
  return text !== null && /^\d+$/.test(text) ? (SHIPPING_METHODS.get(text) ?? null) : text;
}
