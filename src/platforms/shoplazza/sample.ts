import type { JsonObject } from "../../core/json.ts";
import { MINUTE_MS, SECOND_MS, type UnixMs } from "../../core/time.ts";
import type { SampleOrder } from "../sample-order.ts";

/** As Shoplazza writes a moment. */
export function shoplazzaMoment(ms: UnixMs): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

/** A bakery's order for collection, cancelled before the cake is lettered. */
export function shoplazzaSampleOrder({ now, order_id, order_name }: SampleOrder): {
  order: JsonObject & { id: string };
} {
  const at = shoplazzaMoment;
  return {
    order: {
      id: order_id,
      number: order_name,
      status: "cancelled",
      financial_status: "refunding",
      fulfillment_status: "initialled",
      cancel_reason: "Party moved to next week",
      note: "Birthday cake shelf, top row",
      customer_note: "Candles for six, please.",
      payment_method: "credit_card",
      currency: "EUR",
      sub_total: "57.40",
      total_discount: "5.00",
      total_tax: "3.67",
      total_shipping: "0.00",
      shipping_tax_total: "0.00",
      additional_total: "1.50",
      addtional_prices: [{ name: "Cake box", price: "1.50" }],
      total_tip_received: "2.00",
      total_price: "55.90",
      total_refund_price: "0.00",
      discount_applications: "[]",
      created_at: at(now - 42 * MINUTE_MS),
      placed_at: at(now - 41 * MINUTE_MS),
      updated_at: at(now - 4 * SECOND_MS),
      cancelled_at: at(now - 4 * SECOND_MS),
      shipping_line: { name: "Store pickup" },
      customer: { first_name: "Ava", last_name: "Lindqvist", phone: "+46 70 174 06 05" },
      shipping_address: null,
      payment_line: null,
      line_items: [
        {
          product_title: "Strawberry cream cake",
          variant_title: "12 slices",
          quantity: 1,
          price: "42.00",
          total: "42.00",
          sku: "CAKE-STRAW-12",
          note: "No nuts",
          properties: [{ name: "Lettering", value: "Happy 6th birthday, Nils!" }],
          refund_quantity: 0,
        },
        {
          product_title: "Cinnamon bun",
          variant_title: "",
          quantity: 4,
          price: "3.85",
          total: "15.40",
          sku: "BUN-CIN",
          note: "",
          properties: [],
          refund_quantity: 0,
        },
      ],
      tags: "",
    },
  };
}

/** The same order before that, bare: paid, and not collected. */
export function shoplazzaOpenOrder(sample: SampleOrder): JsonObject & { id: string } {
  const { order } = shoplazzaSampleOrder(sample);
  const { placed_at } = order;
  return {
    ...order,
    ...{ status: "placed", financial_status: "paid", cancel_reason: "" },
    ...{ updated_at: placed_at, cancelled_at: null },
  };
}
