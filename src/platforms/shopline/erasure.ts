import { phoneDigits } from "../../core/erasure.ts";
import { orderKey } from "../../core/order-key.ts";
import type { StoreSettings } from "../../core/settings.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import { textOf } from "../../core/text.ts";
import { orderIdOf, rootOf } from "../body.ts";
import type { Reading } from "../platform.ts";

/** Nobody has ordered so often; a list that is longer is not read in part. */
const ORDERS_MAX = 10_000;

/** All that the vendor lists for `customers/redact`. */
const BUYER_KEYS: readonly string[] = [
  "customer",
  "orders_to_redact",
  "shop_domain",
  "shop_id",
  "update_time",
];
/** All that the vendor lists for `merchants/redact`. */
const STORE_KEYS: readonly string[] = ["store_domain", "store_id", "update_time"];
/** What has one of these is about an order. */
const ORDER_KEYS: readonly string[] = ["id", "order", "data", "line_items", "cancelled_at"];

/**
 * SHOPLINE's requests to erase, where the body is one: `customers/redact` (a buyer asked for it) and `merchants/redact`
 * (48 h after the shop took the app away). The topic's header is not signed and decides nothing: the body's shape does,
 * so that no order, under whatever topic, erases anything.
 *
 * @returns null: it is none
 * @see developer.shopline.com, webhooks: "Delete customer data (gdpr specification)", "Store data delete (gdpr
 *   specification)"; read 2026-11. Fixtures: test/fixtures/shopline.webhook.*_redact.from-field-table.json
 */
export function erasureIn(body: Buffer, store: StoreSettings): Reading | null {
  const root = rootOf(body);
  if (root === null || ORDER_KEYS.some((key) => Object.hasOwn(root, key))) return null;
  if (isAboutBuyer(root)) return buyerErasure(root, store);
  return isAboutStore(root) ? storeErasure(root, store) : null;
}

/** Without a list of orders only what has no other field: a customer stands in every order, too. */
function isAboutBuyer(root: JsonObject): boolean {
  return Array.isArray(root.orders_to_redact) || (isObject(root.customer) && hasOnly(root, BUYER_KEYS));
}

function isAboutStore(root: JsonObject): boolean {
  const named = textOf(root.store_id) ?? textOf(root.store_domain);
  return named !== null && textOf(root.update_time) !== null && hasOnly(root, STORE_KEYS);
}

function hasOnly(root: JsonObject, keys: readonly string[]): boolean {
  return Object.keys(root).every((key) => keys.includes(key));
}

function buyerErasure(root: JsonObject, store: StoreSettings): Reading {
  if (whose(root, store) === "another") return quarantined("customers/redact", ANOTHER);
  const customer = isObject(root.customer) ? root.customer : {};
  const listed: readonly unknown[] = Array.isArray(root.orders_to_redact) ? root.orders_to_redact : [];
  if (listed.length > ORDERS_MAX) return quarantined("customers/redact", `more than ${ORDERS_MAX} orders`);
  const orders = listed
    .map(orderIdOf)
    .filter((order) => order !== null)
    .filter((order) => orderKey(order) !== "");
  const phone = textOf(customer.phone);
  const email = textOf(customer.email);
  const subject = {
    ...{ store: store.name, everything: false, orders: [...new Set(orders)] },
    phone: phone !== null && phoneDigits(phone) !== null ? phone : null,
    email: email !== null && EMAIL.test(email) ? email : null,
    customer_id: orderIdOf(customer.id),
  };
  if (orders.length === 0 && (subject.phone ?? subject.email ?? subject.customer_id) === null) {
    return quarantined("customers/redact", "it names no buyer and no order");
  }
  return { kind: "erasure", reason: "customers/redact: the buyer's data is being erased", subject };
}

/** A word without an `@` may be any field's value. */
const EMAIL = /^[^\s@]+@[^\s@]+$/;

/** One app has one address for these requests, whatever shops it serves: only the shop that is named is emptied. */
function storeErasure(root: JsonObject, store: StoreSettings): Reading {
  const shop = whose(root, store);
  if (shop === "another") return quarantined("merchants/redact", ANOTHER);
  if (shop === "unknown") {
    const advice = 'set the "shop_id" of this store, then replay this webhook';
    return quarantined("merchants/redact", `nobody knows whether this is the shop that it names: ${advice}`);
  }
  return {
    kind: "erasure",
    reason:
      "merchants/redact: the data of all buyers so far is erased; the store's secrets and tokens are yours to remove",
    subject: {
      ...{ store: store.name, everything: true, orders: [] },
      ...{ phone: null, email: null, customer_id: null },
    },
  };
}

const ANOTHER = "it names another shop than this store's, so nothing is erased";

function quarantined(topic: string, why: string): Reading {
  return { kind: "quarantined", reason: `${topic}: ${why}` };
}

/** Whose shop the request names, by its id, or else by its address. */
function whose(root: JsonObject, { shop_id, api }: StoreSettings): "this" | "another" | "unknown" {
  const id = textOf(root.shop_id) ?? textOf(root.store_id);
  if (id !== null && shop_id !== null) return id === shop_id.trim() ? "this" : "another";
  const domain = textOf(root.shop_domain) ?? textOf(root.store_domain);
  const own = api !== null && URL.canParse(api.url) ? new URL(api.url).hostname : "";
  // A shop may have further names; of SHOPLINE's own each has one.
  if (domain === null || !SHOPLINE_HOST.test(own) || !SHOPLINE_HOST.test(domain)) return "unknown";
  return domain.toLowerCase() === own ? "this" : "another";
}

const SHOPLINE_HOST = /^[a-z\d-]+\.myshopline\.com$/i;
