import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Cancellation } from "../../../src/core/cancellation.ts";
import { shopline } from "../../../src/platforms/shopline/webhook.ts";
import { aRequest, aStore, fixture } from "../a-store.ts";
import { platformContract } from "../contract.ts";

const STORE = aStore({ secrets: ["old secret", "app-secret"] });
const DOCS = "shopline.webhook.orders_cancelled.from-docs.json";

/** The vendor's example order, read by a person. */
const MEANS: Cancellation = {
  order_id: "21056577640603870897253153",
  order_name: "test001",
  created_at: 1_629_102_477_000,
  cancelled_at: 1_335_896_545_000,
  reason: "I don't want to buy it.",
  merchant_note: "Notes; Note source: Content",
  buyer_note: "Notes",
  handover: "delivery",
  shipping_method: "Sf international",
  payment: "unpaid",
  payment_method: "Paypal",
  currency: "USD",
  amounts: {
    subtotal: "8.00",
    discount: "8.00",
    delivery: "8.00",
    delivery_tax: null,
    extra: null,
    tip: "8.00",
    tax: "8.00",
    total: "8.00",
    refunded: null,
  },
  buyer: {
    name: "Tom Washington",
    phone: "13100000000",
    address: "Address 1, Address 2, new company",
    town: "New York, Guangdong, 521000, USA",
  },
  items: [
    {
      quantity: "2",
      name: "Beautiful skirt",
      variant: "big",
      sku: "18056761559987524812644011",
      options: [
        { name: "Custom properties", value: "Custom attribute values" },
        { name: null, value: "red" },
      ],
      note: null,
      amount: "16.00",
    },
  ],
  test: false,
  problems: [],
};

platformContract({
  platform: shopline,
  store: STORE,
  fixtures: [{ file: DOCS, means: MEANS }],
  smallest: (id) => `{"cancelled_at":"2026-11-01T10:00:00Z","id":${id}}`,
  authentic: (body) =>
    aRequest(body, {
      headers: { "x-shopline-hmac-sha256": createHmac("sha256", "app-secret").update(body).digest("hex") },
    }),
  deciding: /^(id|cancelled_at)$/,
  keys: [
    ...Object.keys(JSON.parse(fixture(DOCS).toString()) as object),
    "title",
    "price",
    "quantity",
    "value",
    "amount",
  ],
});

function read(order: object) {
  return shopline.read(
    Buffer.from(JSON.stringify({ id: "7", cancelled_at: "2026-11-01T10:00:00Z", ...order })),
    STORE,
  );
}

describe("SHOPLINE's evidence of a cancellation", () => {
  test.each(["2026-11-01T18:00:00+08:00", "some day", 1_793_527_200, 1_793_527_200_000])("%j is", (at) => {
    expect(read({ cancelled_at: at }).kind).toBe("cancellation");
  });

  test.each([
    ...[null, "", " ", "null", "0", 0, false, [], {}, '""'],
    ...["0000-00-00 00:00:00", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"],
  ])("%j is not: ignored", (at) => {
    expect(read({ cancelled_at: at })).toEqual({ kind: "ignored", reason: "the order has no cancelled_at" });
  });

  test.each([true, -1, [1], { date: "2026-11-01" }])("%j a person should see: quarantined", (at) => {
    expect(read({ cancelled_at: at })).toEqual({
      kind: "quarantined",
      reason: "cancelled_at is neither empty nor a time",
    });
  });

  test("a cancelled_at that is no time counts, and is named", () => {
    expect(read({ cancelled_at: "some day" })).toMatchObject({
      cancellation: { cancelled_at: null, problems: ["cancelled_at"] },
    });
  });
});

describe("SHOPLINE's oddities", () => {
  test("the order may come wrapped, as the cancel API answers it", () => {
    const bare = fixture(DOCS).toString();
    for (const wrapped of [`{"order":${bare}}`, `{"data":${bare}}`]) {
      expect(shopline.read(Buffer.from(wrapped), STORE)).toEqual({
        kind: "cancellation",
        cancellation: MEANS,
      });
    }
  });

  test("literal quotes around texts go", () => {
    expect(
      read({ name: '"#1001"', currency: '"CNY"', financial_status: '"paid"', current_total_price: '"9.5"' }),
    ).toMatchObject({
      cancellation: {
        order_name: "#1001",
        currency: "CNY",
        payment: "paid",
        amounts: { total: "9.50" },
        problems: [],
      },
    });
  });

  test("names what it does not understand, never what it says", () => {
    const reading = read({
      currency: "8.00",
      current_total_price: "eight dollars",
      financial_status: "constructor",
      created_at: "yesterday",
      shipping_address: "Baker Street 221b",
      line_items: [{ title: "Tea", quantity: "two", price: {}, properties: "sweet" }, "Scones"],
    });
    expect(reading).toMatchObject({
      cancellation: {
        payment: null,
        items: [{ name: "Tea", quantity: null, amount: null }],
      },
    });
    expect(reading.kind === "cancellation" && reading.cancellation.problems.toSorted()).toEqual([
      "created_at",
      "currency",
      "current_total_price",
      "financial_status",
      "line_items",
      "line_items.properties",
      "line_items.quantity",
      "shipping_address",
    ]);
  });

  test("regression: what a buyer typed behind a name stayed on the ticket when the buyer was erased", () => {
    const reading = read({
      line_items: [
        { title: "Ring", attribute: "Engraving: For Ana" },
        { title: "Tea", attribute: "red" },
      ],
    });
    if (reading.kind !== "cancellation") throw new Error(reading.kind);
    expect(reading.cancellation.items.map(({ options }) => options)).toEqual([
      [{ name: "Engraving", value: "For Ana" }],
      [{ name: null, value: "red" }],
    ]);
  });

  test("an attribute that repeats the variant is said once", () => {
    const optionsOf = (attribute: string) => {
      const reading = read({ line_items: [{ title: "Tea", variant_title: "Large", attribute }] });
      return reading.kind === "cancellation" ? reading.cancellation.items[0]?.options : null;
    };
    expect(optionsOf("Large")).toEqual([]);
    expect(optionsOf("red")).toEqual([{ name: null, value: "red" }]);
  });

  test("current amounts come before the first ones, which stand in for them", () => {
    expect(
      read({ currency: "JPY", total_price: "900", current_total_price: "800", subtotal_price: 700 }),
    ).toMatchObject({
      cancellation: { amounts: { total: "800", subtotal: "700" } },
    });
  });

  test("delivery costs what the shipping lines say, else what the total's shop money says", () => {
    const set = { total_shipping_price_set: { shop_money: { amount: "88.98" } } };
    const amountsOf = (order: object) => read({ currency: "USD", ...set, ...order });
    expect(amountsOf({ shipping_lines: [{ price: "3.10" }, { price: 0.2 }] })).toMatchObject({
      cancellation: { amounts: { delivery: "3.30" } },
    });
    expect(amountsOf({ shipping_lines: [{ title: "Bike" }] })).toMatchObject({
      cancellation: { amounts: { delivery: "88.98" } },
    });
  });

  test.each([
    [{ shipping_lines: [{ title: "Store Pickup" }] }, "collection"],
    [{ shipping_lines: [{ title: "Self-collect at counter" }] }, "collection"],
    [{ shipping_lines: [{ title: "到店自取" }] }, "collection"],
    [{ shipping_lines: [{ title: "Retrait en boutique" }] }, "collection"],
    [{ shipping_lines: [{ title: "Recogida en tienda" }] }, "collection"],
    [{ shipping_lines: [{ title: "Retirada no balcão" }] }, "collection"],
    [{ shipping_lines: [{ title: "Selbstabholung" }] }, "collection"],
    [{ shipping_lines: [{ title: "매장 방문수령" }] }, "collection"],
    [{ shipping_lines: [{ title: "รับเองที่ร้าน" }] }, "collection"],
    [{ shipping_lines: [{ title: "Khách đến lấy" }] }, "collection"],
    [{ shipping_lines: [{ title: "Ambil sendiri di kedai" }] }, "collection"],
    [{ shipping_lines: [{ title: "超商取貨" }] }, "delivery"],
    [{ shipping_lines: [{ title: "Standard" }] }, "delivery"],
    [{ shipping_address: { address1: "Main Street 1" } }, "delivery"],
    [{ shipping_address: {}, shipping_lines: [] }, null],
  ])("%j is handed over by %s", (order, handover) => {
    expect(read(order)).toMatchObject({ cancellation: { handover } });
  });

  test("regression: what went back of the money was not said: only refunds that were done add up", () => {
    const refund = { kind: "refund", status: "success", amount: "5.00", currency: "USD" };
    const others = [{ status: "pending" }, { kind: "void" }].map((other) => ({ ...refund, ...other }));
    const refunds = [
      { transactions: [refund, ...others] },
      { transactions: [{ ...refund, amount: 2.5 }] },
      {},
    ];
    const told = { cancellation: { amounts: { refunded: "7.50" } } };
    expect(read({ currency: "USD", refunds })).toMatchObject(told);
    const nobodyKnows = { cancellation: { amounts: { refunded: null } } };
    expect(read({ currency: "EUR", refunds })).toMatchObject(nobodyKnows);
    expect(read({ currency: "USD", refunds, current_total_price: "5.00" })).toMatchObject(nobodyKnows);
  });

  test("a buyer without address is the customer, with the calling code", () => {
    expect(
      read({
        customer: { first_name: "Lee", last_name: "Lee", area_code: "+65", phone: "81234567", addresses: [] },
      }),
    ).toMatchObject({
      cancellation: { buyer: { name: "Lee Lee", phone: "+65 81234567", address: null, town: null } },
    });
  });

  test("a town said twice stands once", () => {
    expect(
      read({ shipping_address: { city: "Singapore", country: "Singapore", zip: "238823" } }),
    ).toMatchObject({
      cancellation: { buyer: { town: "Singapore, 238823" } },
    });
  });

  test("a line that has no name at all is still a line", () => {
    expect(read({ line_items: [{ quantity: 3 }, { sku: "A-1", quantity: "0.50" }] })).toMatchObject({
      cancellation: {
        items: [
          { name: "?", quantity: "3" },
          { name: "A-1", quantity: "0.5" },
        ],
      },
    });
  });

  test("more lines than any order has are cut and named", () => {
    const reading = read({ line_items: Array.from({ length: 501 }, (_, i) => ({ title: `Line ${i}` })) });
    expect(reading).toMatchObject({ cancellation: { problems: ["line_items"] } });
    expect(reading.kind === "cancellation" && reading.cancellation.items.length).toBe(500);
  });

  test("of all lists together no more than 5,000 entries are taken, and what is left out is a problem", () => {
    const choices = {
      list: Array.from({ length: 30 }, (_, i) => ({ name: `Choice ${i}`, value: "yes" })),
      object: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`Choice ${i}`, "yes"])),
    };
    for (const properties of Object.values(choices)) {
      const reading = read({
        line_items: Array.from({ length: 500 }, () => ({ title: "Soup", properties })),
      });
      if (reading.kind !== "cancellation") throw new Error(reading.kind);
      const { items, problems } = reading.cancellation;
      expect(items).toHaveLength(500);
      // 500 lines and 150 times 30 choices.
      expect(items.filter(({ options }) => options.length === 30)).toHaveLength(150);
      expect(items.filter(({ options }) => options.length === 0)).toHaveLength(350);
      expect(problems).toEqual(["line_items.properties"]);
    }
  });
});
