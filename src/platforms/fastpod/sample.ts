import type { JsonObject } from "../../core/json.ts";
import { MINUTE_MS, SECOND_MS, type UnixMs } from "../../core/time.ts";
import type { SampleOrder } from "../sample-order.ts";

/** As FastPOD writes a moment: with microseconds. */
export function fastpodMoment(ms: UnixMs): string {
  return new Date(ms).toISOString().replace(/(\.\d{3})Z$/, "$1000Z");
}

/** A tee shop's order, cancelled before it goes to print: as the API answers it, and as the webhook hints at it. */
export function fastpodSampleOrder({ now, order_id, order_name }: SampleOrder): JsonObject & { id: string } {
  const at = fastpodMoment;
  return {
    id: order_id,
    reference_id: order_name,
    order_status: "cancelled",
    cancel_reason: "Wrong size ordered",
    test_order: false,
    item_total: 46.5,
    shipping_total: 6.99,
    surcharge_total: 2,
    labeling_fee: 0,
    peak_season_surchage: 0,
    discount_total: 0,
    order_total: 55.49,
    payment_method: "card",
    payment_status: "paid",
    quantity_total: 3,
    shipping_method: "3",
    rush_production: true,
    gift_message: "Go Otters!",
    created_at: at(now - 18 * MINUTE_MS),
    updated_at: at(now - 5 * SECOND_MS),
    rejected_at: null,
    cancelled_at: at(now - 5 * SECOND_MS),
    address: {
      name: "Jordan Whitfield",
      company: null,
      email: "jordan@example.com",
      phone: "(503) 555-0136",
      street1: "812 NW Couch Street",
      street2: "Apt 5",
      city: "Portland",
      state: "OR",
      country: "US",
      zip: "97209",
    },
    line_items: [
      {
        id: 100009,
        name: "Otters team tee",
        sku: "UG5000NAVYL",
        style: "Gildan 5000",
        color: "Navy",
        size: "L",
        unit_price: 14.5,
        quantity: 2,
        price: 29,
        print_areas: { front: "https://files.example.com/otters-front.png" },
      },
      {
        id: 100010,
        name: "Otters coach tee",
        sku: "UBC3001AQUAXL",
        style: "Bella+Canvas 3001",
        color: "Aqua",
        size: "XL",
        unit_price: 17.5,
        quantity: 1,
        price: 17.5,
        print_areas: { front: "https://files.example.com/otters-front.png" },
      },
    ],
    shipments: [],
  };
}

/** The same order before that: paid, and not in production. */
export function fastpodOpenOrder(sample: SampleOrder): JsonObject & { id: string } {
  const order = fastpodSampleOrder(sample);
  const { created_at } = order;
  return {
    ...order,
    ...{ order_status: "new_order", cancel_reason: null, updated_at: created_at, cancelled_at: null },
  };
}

/** The webhook that hints at the order. */
export function fastpodSampleBody(order: JsonObject, sample: SampleOrder): JsonObject {
  return {
    event: {
      uuid: `sample-${sample.order_id}`,
      name: "order_notify",
      status: "cancelled",
      timestamp: order.cancelled_at,
    },
    data: order,
  };
}
