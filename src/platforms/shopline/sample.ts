import type { JsonObject } from "../../core/json.ts";
import { MINUTE_MS, SECOND_MS, type UnixMs } from "../../core/time.ts";
import type { SampleOrder } from "../sample-order.ts";

const TAIPEI_OFFSET_MS = 8 * 60 * MINUTE_MS;

/** As SHOPLINE writes a moment. */
export function shoplineMoment(ms: UnixMs): string {
  return new Date(ms + TAIPEI_OFFSET_MS).toISOString().replace(/\.\d+Z$/, "+08:00");
}

/** A noodle bar's order, cancelled while the soup is on. */
export function shoplineSampleOrder({ now, order_id, order_name }: SampleOrder): JsonObject & { id: string } {
  const at = shoplineMoment;
  return {
    id: order_id,
    name: order_name,
    created_at: at(now - 9 * MINUTE_MS),
    updated_at: at(now - 3 * SECOND_MS),
    cancelled_at: at(now - 3 * SECOND_MS),
    cancel_reason: "Buyer ordered to the wrong address",
    note: "Regular guest, offer a new order",
    note_attributes: [],
    currency: "TWD",
    current_subtotal_price: "585.00",
    current_total_discounts: "30.00",
    current_total_tax: "0.00",
    current_total_price: "615.00",
    total_tip_received: "0.00",
    financial_status: "paid",
    fulfillment_status: null,
    payment_gateway_names: ["LINE Pay"],
    payment_details: [{ buyer_note: "No coriander, please. Ring twice." }],
    order_source: "web",
    email: "mei-ling@example.com",
    phone: "0912345678",
    customer: { first_name: "Mei-Ling", last_name: "Chen", area_code: "+886", phone: "912345678" },
    shipping_address: {
      name: "Mei-Ling Chen",
      address1: "No. 25, Lane 12, Yongkang St.",
      address2: "4F",
      city: "Da'an District",
      province: "Taipei City",
      zip: "106",
      country: "Taiwan",
      phone: "0912345678",
    },
    shipping_lines: [{ title: "Scooter courier", price: "60.00" }],
    line_items: LINE_ITEMS,
    refunds: [],
    tags: "",
  };
}

/** The same order before that: paid, and nothing of it shipped. */
export function shoplineOpenOrder(sample: SampleOrder): JsonObject & { id: string } {
  const order = shoplineSampleOrder(sample);
  return { ...order, updated_at: order.created_at, cancelled_at: "", cancel_reason: "" };
}

const LINE_ITEMS: JsonObject[] = [
  {
    id: "401",
    title: "Braised beef noodle soup 紅燒牛肉麵",
    variant_title: "Large",
    quantity: 2,
    price: "220.00",
    sku: "NB-01-L",
    properties: [
      { name: "Noodles", value: "Wide, hand-cut" },
      { name: "Spice", value: "Medium" },
      { name: "Extra", value: "Soft-boiled egg" },
    ],
  },
  {
    id: "402",
    title: "Cucumber with garlic 涼拌小黃瓜",
    variant_title: null,
    quantity: 1,
    price: "65.00",
    sku: "SD-04",
    properties: [],
  },
  {
    id: "403",
    title: "Soy milk 豆漿",
    variant_title: "Warm",
    quantity: 2,
    price: "40.00",
    sku: "DR-02-W",
    properties: [{ name: "Sugar", value: "None" }],
  },
];
