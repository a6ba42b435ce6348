import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/**
 * SHOPLINE `orders/cancelled` bodies as the vendor documents them, with 1 to 6 line items: 4 to 12 KB. All that
 * tells one order from another stands at the end, so that a request costs the load little (signing.ts).
 */
export interface BodyTemplate {
  /** All of the body but its end. */
  prefix: Buffer;
  /** The end of the body of one order: as long for all. */
  tail: (run: string, count: number) => string;
}

export const TEMPLATES_MAX = 24;
const LINE_ITEMS_MAX = 6;
/** Buyer, order's name and id close the body: digits of fixed width. */
const COUNT_DIGITS = 12;

const FIXTURE = new URL(
  "../../test/fixtures/shopline.webhook.orders_cancelled.from-docs.json",
  import.meta.url,
);
/** The vendor's example names every field there is; a shop's order has these only sometimes. */
const SELDOM = [
  "fulfillments",
  "refunds",
  "company",
  "billing_address",
  "client_details",
  "adjust_price_set",
  "current_total_duties_set",
  "deduct_member_point_amount_set",
  "total_outstanding_set",
  "total_line_items_price_set",
  "current_subtotal_price_set",
  "current_total_discounts_set",
  "current_total_tax_set",
  "current_total_price_set",
  "total_discounts_set",
  "total_tax_set",
  "discount_codes",
  "discount_applications",
  "tax_lines",
  "subtotal_price_set",
  "total_tip_received_set",
];
const GOODS = [
  ["Beef noodle soup", "Large / hand-cut"],
  ["Cucumber with garlic 涼拌小黃瓜", "Small"],
  ["Soy milk 豆漿", "Warm, no sugar"],
  ["Linen shirt, relaxed fit", "Sand / L"],
  ["Ceramic pour-over dripper", "02, white"],
  ["Steamed pork bun", "Box of 6"],
  ["Jasmine tea, loose leaf", "250 g tin"],
  ["Trail running socks", "Grey / 42-44"],
] as const;
const BUYERS = ["Tom Washington", "陳美玲", "Amélie Dufour", "Nguyễn Văn An", "Siti Rahma"] as const;

type Json = Record<string, unknown>;

/** @param cancelledAt one moment for all, RFC 3339: recent, or every slip would be marked late */
export function bodyTemplates(cancelledAt: string): BodyTemplate[] {
  const example = JSON.parse(readFileSync(FIXTURE, "utf8")) as Json;
  return Array.from({ length: TEMPLATES_MAX }, (_, index) => {
    const { shipping_address, ...rest } = orderOf(example, index, cancelledAt);
    const address = JSON.stringify(shipping_address).slice(0, -1);
    const buyer = BUYERS[index % BUYERS.length] ?? BUYERS[0];
    return {
      prefix: Buffer.from(JSON.stringify(rest).slice(0, -1)),
      tail(run, count) {
        const digits = digitsOfCount(count);
        const delivered = `"shipping_address":${address},"name":"${buyer} ${digits}"}`;
        return `,${delivered},"name":"#${digits}","id":"${run}${digits}"}`;
      },
    };
  });
}

export function orderIdOf(run: string, count: number): string {
  return run + digitsOfCount(count);
}

function digitsOfCount(count: number): string {
  return String(count).padStart(COUNT_DIGITS, "0");
}

function orderOf(example: Json, index: number, cancelledAt: string): Json {
  const [line = {}] = example.line_items as Json[];
  const rest = without(example, ["id", "name", ...SELDOM]);
  return {
    ...rest,
    cancelled_at: cancelledAt,
    store_id: "1644828244663",
    checkout_id: digitsOf(`checkout ${index}`, 22),
    cart_token: hexOf(`cart ${index}`),
    checkout_token: hexOf(`checkout token ${index}`),
    customer: { ...(rest.customer as Json), id: digitsOf(`customer ${index}`, 10) },
    shipping_address: without(rest.shipping_address as Json, ["name"]),
    line_items: Array.from({ length: 1 + (index % LINE_ITEMS_MAX) }, (_, n) => lineOf(line, index, n)),
  };
}

/** Ids, prices and names differ from line to line, or bodies would shrink better than real ones do. */
function lineOf(example: Json, index: number, n: number): Json {
  const key = `line ${index} ${n}`;
  const line = without(example, ["duties"]);
  const [title, variant_title] = GOODS[(index + n) % GOODS.length] ?? GOODS[0];
  const amount = `${digitsOf(key, 2)}.${digitsOf(`${key} cents`, 2)}`;
  const money = { amount, currency_code: "USD" };
  return {
    ...line,
    id: digitsOf(`${key} id`, 20),
    title,
    name: title,
    variant_title,
    price: amount,
    price_set: { presentment_money: money, shop_money: money },
    product_id: digitsOf(`${key} product`, 26),
    variant_id: digitsOf(`${key} variant`, 26),
    sku: hexOf(key).slice(0, 12).toUpperCase(),
    image_url: `https://d2n979dmt31clo.cloudfront.net/image/store/4211449909/1667384795847/${hexOf(`${key} image`)}`,
    quantity: 1 + (n % 3),
  };
}

function without(object: Json, fields: readonly string[]): Json {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));
}

function hexOf(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}

/** Decimal digits that are the same in every run, none of them a leading zero. */
function digitsOf(key: string, length: number): string {
  const number = BigInt(`0x${createHash("sha256").update(key).digest("hex")}`).toString();
  return `${1 + (number.charCodeAt(0) % 9)}${number.slice(1, length)}`;
}
