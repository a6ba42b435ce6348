import { describe, expect, test } from "vitest";
import { createBuyerMatcher } from "../../src/core/buyer-match.ts";
import { allOrderNamesIn } from "../../src/core/order-in-body.ts";

const isOrderIn = (order: string, body: unknown): boolean =>
  createBuyerMatcher({
    ...{ store: "tea", everything: false, orders: [order], phone: null, email: null, customer_id: null },
  }).isOrderIn(typeof body === "string" ? body : JSON.stringify(body));

test.each<[unknown]>([
  [{ data: { order: { id: "n1" } } }],
  [{ orders: [{ id: "n0" }, { id: "n1" }] }],
  [[{ id: "n1" }]],
  [{ orderId: "n1" }],
  [{ orderID: "N1" }],
  [{ order_no: "n1" }],
  [{ order_seq: "n1", id: 1001 }],
  [{ id: "r9", refund: { order_id: "n1" } }],
  [{ payload: { id: "n1" } }],
  [{ payload: JSON.stringify({ order: { id: "n1" } }) }],
  [{ order: { number: "n1" } }],
  [{ event: { data: [{ name: "#n1" }] } }],
  [{ refund: { transactions: [{ order_number: "n1" }] } }],
])("regression: the order was not seen in %j", (body) => {
  expect(isOrderIn("n1", body)).toBe(true);
  expect(isOrderIn("n2", body)).toBe(false);
});

describe("another order's body", () => {
  test.each<[unknown]>([
    [{ id: "7", line_items: [{ id: "n1", product_id: "n1", variant_id: "n1", name: "n1" }] }],
    [{ orders: [{ id: "7", items: [{ id: "n1", number: "n1" }] }] }],
    [{ data: { id: "7", customer: { id: "n1", name: "n1", last_order: { id: "n1" } } } }],
    [{ id: "7", customer_id: "n1", location_id: "n1", note: "n1", refund: { id: "n1" } }],
    [{ id: "n12", name: "#n11" }],
  ])("is not taken for it: %j", (body) => expect(isOrderIn("n1", body)).toBe(false));
});

test("one named with # is known by its names, never by an id", () => {
  expect(isOrderIn("#1001", { orders: [{ id: 1001, orderId: "1001" }] })).toBe(false);
  expect(isOrderIn("#1001", { orders: [{ id: 5, name: "1001" }] })).toBe(true);
  expect(isOrderIn("1001", { orders: [{ id: 1001 }] })).toBe(true);
});

describe("regression: a body that is no JSON kept the buyer of an order that it names", () => {
  test.each([
    ["160943274324123456789", "order_id=160943274324123456789&customer=Ann"],
    ["160943274324123456789", '{"id":"160943274324123456789","customer":{"name":"Ann'],
    ["#1001", "<order><name>#1001</name></order>"],
    ["1001", "order #1001 of Ann was cancelled"],
  ])("%s is seen in %j", (order, body) => expect(isOrderIn(order, body)).toBe(true));

  test.each([
    ["1001", "<order><id>77</id><zip>1001</zip></order>"],
    ["#1001", "order #10012, and B#1001-2"],
    ["16094327", "order_id=160943274324123456789"],
  ])("%s is not taken for what %j says", (order, body) => expect(isOrderIn(order, body)).toBe(false));
});

test("long ids keep every digit; what is no JSON, or too deep, tells of none", () => {
  expect(allOrderNamesIn('{"orders":[{"id":160943274324123456789,"name":"#1"}]}')).toEqual({
    ids: ["160943274324123456789"],
    names: ["#1"],
  });
  const nested = Array.from({ length: 9 }).reduce<string>(
    (text) => JSON.stringify({ data: text }),
    '{"id":"n1"}',
  );
  for (const text of ["", "[]", "nothing", '{"id":', "[".repeat(100_000), nested]) {
    expect(allOrderNamesIn(text)).toEqual({ ids: [], names: [] });
  }
});
