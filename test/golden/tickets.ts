import type { CancelledAmounts } from "../../src/core/cancellation.ts";
import type { SlipMarks, Ticket } from "../../src/core/ticket.ts";
import { testTicket } from "../../src/core/ticket.ts";

/** Hand-written tickets for the golden slips: what each shows is said where it is named. */
export const CANCELLED_AT = Date.UTC(2026, 10, 24, 4, 4); // 12:04 in Taipei

export const MARKS: SlipMarks = {
  may_be_repeat: false,
  sent_at: CANCELLED_AT + 4_000,
  reprint: null,
  delivery_id: "01KAV3T0M8Q4ZC9XW2N7R5HJ6B",
};

export const NO_AMOUNTS: CancelledAmounts = {
  subtotal: null,
  discount: null,
  delivery: null,
  delivery_tax: null,
  extra: null,
  tip: null,
  tax: null,
  total: null,
  refunded: null,
};

/** Nothing but an order id. */
export const bare: Ticket = {
  kind: "cancellation",
  platform: "shopline",
  store: "noodle-bar",
  order_id: "21057128449182538",
  order_name: "21057128449182538",
  created_at: null,
  cancelled_at: CANCELLED_AT,
  cancelled_at_known: false,
  reason: null,
  merchant_note: null,
  buyer_note: null,
  handover: null,
  shipping_method: null,
  payment: null,
  payment_method: null,
  currency: null,
  amounts: NO_AMOUNTS,
  buyer: { name: null, phone: null, address: null, town: null },
  items: [],
  problems: ["line_items"],
};

export type Item = Ticket["items"][number];
export function item(name: string, more: Partial<Item> = {}): Item {
  return { quantity: "1", name, variant: null, sku: null, options: [], note: null, amount: null, ...more };
}

export const noodles: Ticket = {
  ...bare,
  order_name: "#1001",
  created_at: CANCELLED_AT - 14 * 60_000,
  cancelled_at_known: true,
  reason: "Customer changed mind",
  buyer_note: "Ring twice, the bell is broken",
  handover: "delivery",
  shipping_method: "Scooter, 30 min",
  payment: "paid",
  payment_method: "LINE Pay",
  currency: "USD",
  amounts: { ...NO_AMOUNTS, subtotal: "19.00", discount: "1.00", delivery: "3.00", tax: "0.00", total: "21.00", refunded: "21.00" },
  buyer: { name: "Tom Chen", phone: "+886 912 345 678", address: "5F, 12 Yongkang St", town: "Taipei 106, TW" },
  items: [
    item("Beef noodle soup", {
      quantity: "2",
      variant: "Large",
      sku: "BN-L",
      options: [
        { name: "Spice", value: "hot" },
        { name: null, value: "extra egg" },
      ],
      note: "NO PEANUTS",
      amount: "16.00",
    }),
    item("Iced tea", { amount: "3.00" }),
  ],
  problems: [],
};

export const clothes: Ticket = {
  ...noodles,
  platform: "shoplazza",
  store: "corner-shop",
  order_id: "4f0e8a1c-8d0b-4d4f-9c1e-2f1a1a9a7c55",
  order_name: "GS-100047",
  reason: "inventory",
  merchant_note: "Call the customer before Friday",
  buyer_note: null,
  handover: "collection",
  shipping_method: null,
  payment: "partially_refunded",
  payment_method: "Credit card",
  currency: "EUR",
  amounts: { ...NO_AMOUNTS, subtotal: "48.50", tax: "8.20", tip: "2.00", total: "58.70", refunded: "30.00" },
  buyer: { name: "Anna Müller", phone: "0151 23456789", address: null, town: null },
  items: [
    item("Apron with a pocket, organic cotton, washable at 60 degrees", {
      quantity: "1",
      variant: "Green / M",
      sku: "APR-GRN-M",
      amount: "29.50",
    }),
    item("Chopsticks", { quantity: "4", amount: "19.00" }),
  ],
};

export const tee: Ticket = {
  ...bare,
  platform: "fastpod",
  store: "tee-shop",
  order_id: "FAS105-111423-000006",
  order_name: "20231111",
  cancelled_at_known: true,
  payment: "unpaid",
  payment_method: "cash",
  shipping_method: "3",
  currency: "USD",
  amounts: { ...NO_AMOUNTS, subtotal: "14.40", delivery: "24.00", extra: "0.00", total: "38.40" },
  buyer: { name: "Michael Brown", phone: "(330) 829-0294", address: "3431 Reeves Street", town: "Milwaukee WI 53202 US" },
  items: [item("Line Item 1", { variant: "3001 / AQUA / 3XL", sku: "UABSTAQUBXL3", amount: "14.40" })],
  problems: [],
};

/** Wide characters, and a native kitchen. */
export const taipei: Ticket = {
  ...noodles,
  store: "yongkang-beef",
  order_name: "#2088",
  reason: "顧客改變心意，已改訂明天晚上六點的外送",
  buyer_note: "請按兩次門鈴",
  shipping_method: "機車外送",
  currency: "TWD",
  amounts: { ...NO_AMOUNTS, subtotal: "580", delivery: "60", total: "640", refunded: "640" },
  buyer: { name: "陳大文", phone: "0912-345-678", address: "永康街12巷5號5樓", town: "台北市大安區106" },
  items: [
    item("招牌紅燒半筋半肉牛肉麵（大碗）加滷蛋", {
      quantity: "2",
      options: [
        { name: "辣度", value: "中辣" },
        { name: "麵條", value: "寬麵" },
      ],
      note: "不要香菜",
      amount: "520",
    }),
    item("古早味紅茶", { variant: "微糖少冰", amount: "60" }),
  ],
};

export const twoHundred: Ticket = {
  ...noodles,
  order_name: "#5000",
  items: Array.from({ length: 200 }, (_, index) => item(`Dumpling no. ${String(index + 1)}`, { amount: "1.50" })),
};

export const hostile: Ticket = {
  ...noodles,
  order_name: "#1001 | {code:1}",
  reason: "^^^FREE^^^ `x` \"y\" \\r\\M\\3 \\x1b @import",
  buyer_note: "<script>alert(1)</script> & \u202egnp.exe\u202c\u0007\u001b@ 🍜🔥",
  items: [
    item("---", { quantity: "1", amount: "1.00" }),
    item("🍜🍜", { quantity: "2", sku: "RAMEN" }),
    item("====", { note: "{image:iVBORw0KGgo=}" }),
    item("Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307algo | _under_ ~ 100% #1 * ; /", { amount: "2.00" }),
  ],
};

const HOUR_MS = 3_600_000;
export const LATE: SlipMarks = { ...MARKS, sent_at: CANCELLED_AT + 6 * HOUR_MS + 27 * 60_000 };
export const LATE_REPEAT: SlipMarks = {
  ...MARKS,
  may_be_repeat: true,
  sent_at: CANCELLED_AT + 14 * HOUR_MS,
};
/** Two calendar years later, and earlier in its year. */
export const LATE_BY_YEARS: SlipMarks = { ...MARKS, sent_at: CANCELLED_AT + 698 * 24 * HOUR_MS };

export const printerTest: Ticket = testTicket("kitchen", CANCELLED_AT);
export const storeTest: Ticket = { ...tee, kind: "test" };
