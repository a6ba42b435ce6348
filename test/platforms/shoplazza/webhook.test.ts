import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Cancellation } from "../../../src/core/cancellation.ts";
import { shoplazza } from "../../../src/platforms/shoplazza/webhook.ts";
import { aRequest, aStore, fixture } from "../a-store.ts";
import { platformContract } from "../contract.ts";

const STORE = aStore({ name: "bakery", platform: "shoplazza", secrets: ["client-secret"] });
const WEBHOOK = "shoplazza.webhook.orders_cancelled.reconstructed.json";
const API_ANSWER = "shoplazza.order_cancel_response.official-openapi-2022-01.json";

/** The vendor's example order, read by a person. */
const MEANS: Cancellation = {
  order_id: "11218-00000001",
  order_name: "00000001",
  created_at: 1_398_442_547_000,
  cancelled_at: 1_735_602_638_000,
  reason: "test",
  merchant_note: "abc",
  buyer_note: "note",
  handover: "delivery",
  shipping_method: "free",
  payment: "paid",
  payment_method: "online",
  currency: "USD",
  amounts: {
    subtotal: "15.00",
    discount: "100.00",
    delivery: "1.00",
    delivery_tax: "12.00",
    extra: null,
    tip: "0.00",
    tax: "10.00",
    total: "16.99",
    refunded: "0.00",
  },
  buyer: {
    name: "Bob Norman",
    phone: "+80 555-625-1199",
    address: "Chestnut Street 92",
    town: "sz, Louisville, Kentucky, 40202, United States",
  },
  items: [
    {
      quantity: "10",
      name: "abc",
      variant: "XXX",
      sku: "xxx",
      options: [
        { name: "color", value: "red" },
        { name: "prop", value: "value" },
      ],
      note: "red",
      amount: "123.40",
    },
  ],
  test: false,
  problems: [],
};

platformContract({
  platform: shoplazza,
  store: STORE,
  fixtures: [
    { file: WEBHOOK, means: MEANS },
    // No time of cancellation in it: updated_at stands in.
    { file: API_ANSWER, means: { ...MEANS, cancelled_at: 1_398_442_547_000 } },
  ],
  smallest: (id) => `{"order":{"status":"cancelled","id":${id}}}`,
  authentic: (body) =>
    aRequest(body, {
      headers: {
        "x-shoplazza-hmac-sha256": createHmac("sha256", "client-secret").update(body).digest("base64"),
      },
    }),
  deciding: /^order(\.(id|status))?$/,
  keys: [
    ...Object.keys((JSON.parse(fixture(WEBHOOK).toString()) as { order: object }).order),
    ...["address", "address1", "product_title", "price", "quantity", "properties", "name", "value"],
  ],
});

function read(order: object) {
  return shoplazza.read(
    Buffer.from(JSON.stringify({ order: { id: "7", status: "cancelled", ...order } })),
    STORE,
  );
}

describe("Shoplazza's evidence of a cancellation", () => {
  test.each(["cancelled", "canceled", "CANCELLED", " Cancelled "])("the status %j is", (status) => {
    expect(read({ status }).kind).toBe("cancellation");
  });

  test.each(["opened", "placed", "finished", "not cancelled"])(
    "the status %j is not, whatever the times",
    (status) => {
      expect(read({ status, cancelled_at: "2026-11-01T10:00:00Z" })).toEqual({
        kind: "ignored",
        reason: `the order's status is ${status}`,
      });
    },
  );

  test.each([undefined, null, "", 7, true])("with the status %j the time decides", (status) => {
    expect(read({ status, cancelled_at: "2026-11-01T10:00:00Z" }).kind).toBe("cancellation");
    expect(read({ status, canceled_at: "2026-11-01T10:00:00Z" }).kind).toBe("cancellation");
    expect(read({ status, canceled_at: null, cancelled_at: "" })).toEqual({
      kind: "ignored",
      reason: "the order has neither a status nor a cancelled_at",
    });
    expect(read({ status, cancelled_at: true }).kind).toBe("quarantined");
  });
});

describe("Shoplazza's oddities", () => {
  test("the order may come bare", () => {
    const { order } = JSON.parse(fixture(WEBHOOK).toString()) as { order: object };
    expect(shoplazza.read(Buffer.from(JSON.stringify(order)), STORE)).toEqual({
      kind: "cancellation",
      cancellation: MEANS,
    });
  });

  test.each([
    [{ cancelled_at: "2024-12-30T23:50:38Z", canceled_at: "2020-01-01T00:00:00Z" }, 1_735_602_638_000],
    [{ canceled_at: "2024-12-30T23:50:38Z", updated_at: "2020-01-01T00:00:00Z" }, 1_735_602_638_000],
    [{ canceled_at: null, updated_at: "2024-12-30T23:50:38Z" }, 1_735_602_638_000],
    [{ canceled_at: "", updated_at: "" }, null],
  ])("%j was cancelled at %s", (times, at) => {
    expect(read(times)).toMatchObject({ cancellation: { cancelled_at: at, problems: [] } });
  });

  test.each([
    [{ address: "High St 1", address1: "Flat 2", address2: "not this" }, "High St 1, Flat 2"],
    [{ address: "", address1: "High St 1", address2: "Flat 2", company: "Acme" }, "High St 1, Flat 2, Acme"],
    [{ address1: "High St 1", address2: "" }, "High St 1"],
  ])("%j is the street %s", (shipping_address, address) => {
    expect(read({ shipping_address })).toMatchObject({ cancellation: { buyer: { address } } });
  });

  test.each([
    [{ additional_total: "3.00", addtional_prices: [{ price: "9" }] }, "3.00"],
    [{ addtional_prices: [{ name: "Box", price: "1.10" }, { price: "0.20" }] }, "1.30"],
    [{ additional_prices: [{ name: "Box", price: 1.5 }] }, "1.50"],
    [{}, null],
  ])("%j has extra charges of %s", (order, extra) => {
    expect(read({ currency: "USD", ...order })).toMatchObject({ cancellation: { amounts: { extra } } });
  });

  test("a line says product_title; its sum may be total, total_price, or price by quantity", () => {
    const line_items = [
      { product_title: "Rye", title: "no", total: "5.00", total_price: "6.00" },
      { title: "Bun", total_price: "6.00", price: "1.00", quantity: 9 },
      { name: "Tart", price: "1.005", quantity: 3 },
    ];
    expect(read({ currency: "EUR", line_items })).toMatchObject({
      cancellation: {
        items: [
          { name: "Rye", amount: "5.00" },
          { name: "Bun", amount: "6.00" },
          { name: "Tart", amount: "3.02" },
        ],
      },
    });
  });

  test.each([
    ["waiting", "unpaid"],
    ["paying", "unpaid"],
    ["paid", "paid"],
    ["cancelled", "unpaid"],
    ["failed", "failed"],
    ["refunding", "refunding"],
    ["refund_failed", "paid"],
    ["refunded", "refunded"],
    ["partially_refunded", "partially_refunded"],
    ["authorized", "authorized"],
    ["partially_paid", "partially_paid"],
  ])("the payment %s is %s", (financial_status, payment) => {
    expect(read({ financial_status })).toMatchObject({ cancellation: { payment, problems: [] } });
  });

  test("regression: a buyer's custom choices were left out; what is a property too stands once", () => {
    const line = {
      properties: [{ name: "color", value: "red" }],
      custom_properties: { color: "red", "No onions": "yes", Empty: "" },
    };
    expect(read({ line_items: [line] })).toMatchObject({
      cancellation: {
        items: [
          {
            options: [
              { name: "color", value: "red" },
              { name: "No onions", value: "yes" },
            ],
          },
        ],
        problems: [],
      },
    });
  });

  test("regression: how and when an order of version 2026-01 was to be handed over was left out", () => {
    // The names are those of github.com/Shoplazza/shoplazza-cli, "orders create" (2026-01); read 2026-11.
    const order = {
      currency_code: "GBP",
      tax_total: "1.20",
      shipping_line: {
        ...{ shipping_name: "Store pick-up", shipping_price: "2.5", delivery_method: 2 },
        business_info: { time_remark: "Today 18:30" },
      },
    };
    expect(read(order)).toMatchObject({
      cancellation: {
        ...{ handover: "collection", shipping_method: "Store pick-up, Today 18:30", currency: "GBP" },
        ...{ amounts: { delivery: "2.50", tax: "1.20" }, problems: [] },
      },
    });
  });

  test("an unknown payment word is named, and so is a status of the wrong type", () => {
    expect(read({ financial_status: "on the moon" })).toMatchObject({
      cancellation: { payment: null, problems: ["financial_status"] },
    });
    expect(read({ status: true, cancelled_at: "2026-11-01" })).toMatchObject({
      cancellation: { problems: ["status"] },
    });
  });

  test("tax numbers, addresses of machines and cards are never read", () => {
    const reading = read({
      browser_ip: "203.0.113.9",
      payment_line: { payment_method: "visa 4111", transaction_no: "52Y26167A2351800A" },
      shipping_address: { address1: "High St 1", extra_info: { cpf: "123.456.789-09" } },
    });
    expect(JSON.stringify(reading)).not.toMatch(/203\.0|4111|52Y26|123\.456/);
  });
});
