import request from "supertest";
import { beforeEach, describe, expect, test } from "vitest";
import { RelayError } from "../../src/core/errors.ts";
import {
  cancelledSchema,
  reconciledSchema,
  storeOrderSchema,
  subscribedSchema,
} from "../../src/answers/store-schemas.ts";
import { asAdmin, asViewer, createBench, type Bench } from "./fakes.ts";

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
const STORE = "/api/v1/stores/noodle-bar";
const CANCEL = `${STORE}/orders/21057/cancel`;

function post(path: string, body: object = {}, headers: Record<string, string> = asAdmin) {
  return request(bench.server.handler).post(path).set(headers).send(body);
}
function get(path: string, headers: Record<string, string> = asAdmin) {
  return request(bench.server.handler).get(path).set(headers);
}

test("subscribing answers what the store calls now, and passes on what is asked for", async () => {
  const answer = await post(`${STORE}/subscribe`).expect(200);
  expect(subscribedSchema.strict().parse(answer.body)).toEqual(bench.shop.subscribed);
  await post(`${STORE}/subscribe`, { check: true, replace: true }).expect(200);
  expect(bench.acts).toEqual([
    'subscribe noodle-bar by operator {"check":false,"replace":false}',
    'subscribe noodle-bar by operator {"check":true,"replace":true}',
  ]);
  await post(`${STORE}/subscribe`, { check: "yes" }).expect(400);
});

test("reconciling answers counts and deliveries, with its moments as RFC 3339", async () => {
  const answer = await post(`${STORE}/reconcile`, { since: "2026-11-20T08:00:00+08:00" }).expect(200);
  expect(reconciledSchema.strict().parse(answer.body)).toMatchObject({
    ...{ since: "2026-11-20T00:00:00.000Z", listed: 16, known: 13, found: 2, before: 1 },
    deliveries: ["DL4", "DL5"],
  });
  await post(`${STORE}/reconcile`).expect(200);
  expect(bench.acts).toEqual([
    `reconcile noodle-bar by operator since ${Date.UTC(2026, 10, 20)}`,
    "reconcile noodle-bar by operator",
  ]);
  await post(`${STORE}/reconcile`, { since: "yesterday" }).expect(400);
  // The bench's clock stands at 2027-01-15T08:00Z.
  await post(`${STORE}/reconcile`, { since: "2027-01-15T08:00:01Z" }).expect(400);
  expect(bench.acts).toHaveLength(2);
});

test("an order is looked up by its id, however it is written in the address", async () => {
  const answer = await get(`${STORE}/orders/A%2F1%20%E6%9D%AF`).expect(200);
  expect(storeOrderSchema.strict().parse(answer.body)).toMatchObject({
    order_id: "A/1 杯",
    cancelled: false,
  });
});

test("an order id is counted in characters, as stores' are: a hundred beyond ASCII are one", async () => {
  await get(`${STORE}/orders/${encodeURIComponent("🍜".repeat(100))}`).expect(200);
  await get(`${STORE}/orders/${encodeURIComponent("🍜".repeat(101))}`).expect(404);
  expect(bench.acts).toHaveLength(1);
});

test("cancelling answers what the store and the ledger made of it, and where the delivery is", async () => {
  const body = { reason: " sold\u0000 out ", restock: false, email: true, amount: "12.50" };
  const answer = await post(CANCEL, body, { ...asAdmin, "Idempotency-Key": '"k-1"' }).expect(200);
  expect(cancelledSchema.strict().parse(answer.body)).toEqual({
    ...{ store: "noodle-bar", order_id: "21057", result: "cancelled", status: "accepted" },
    ...{ webhook_id: "WH6", delivery_id: "DL6", reason: null },
  });
  expect(answer.headers.location).toBe("/api/v1/deliveries/DL6");
  expect(bench.acts).toEqual([
    'cancel 21057 of noodle-bar by operator under k-1: {"reason":"sold out","restock":false,"email":true,"amount":"12.50"}',
  ]);
});

test("without a delivery there is no Location", async () => {
  bench.shop.cancelled = {
    result: "cancelled",
    status: "ignored",
    delivery_id: null,
    reason: "a test order",
  };
  expect((await post(CANCEL, { reason: "x" }).expect(200)).headers.location).toBeUndefined();
});

describe("refused before any store is asked", () => {
  test.each([
    ["no reason", {}],
    ["an empty reason", { reason: " \u200b " }],
    ["a reason past 200 characters", { reason: "x".repeat(201) }],
    ["an amount of nothing", { reason: "x", amount: "0.00" }],
    ["an amount as a number", { reason: "x", amount: 12.5 }],
    ["an amount below zero", { reason: "x", amount: "-1" }],
    ["an amount that is a formula", { reason: "x", amount: "1e9" }],
    ["a field that does not exist", { reason: "x", refund: "all" }],
  ])("%s", async (_what, body) => {
    await post(CANCEL, body).expect(400);
    expect(bench.acts).toEqual([]);
  });

  test.each([
    ["a way out of the API's path", "%2e%2e"],
    ["a line break", "1%0A2"],
    ["one past 100 characters", "1".repeat(101)],
    ["blanks alone", "%20"],
  ])("an order id that is %s", async (_what, id) => {
    const { body } = await post(`${STORE}/orders/${id}/cancel`, { reason: "x" });
    expect((body as { status: number }).status).toBe(404);
    await get(`${STORE}/orders/${id}`).expect(404);
    expect(bench.acts).toEqual([]);
  });

  test.each(["subscribe", "reconcile", "orders/21057/cancel"])(
    "%s by a viewer, or by nobody",
    async (act) => {
      await post(`${STORE}/${act}`, { reason: "x" }, asViewer).expect(403);
      await post(`${STORE}/${act}`, { reason: "x" }, {}).expect(401);
      await get(`${STORE}/orders/21057`, asViewer).expect(403);
      expect(bench.acts).toEqual([]);
    },
  );
});

test("a store's no is 422 in its words, a store that is away 503 with when to ask again", async () => {
  bench.failure = new RelayError("store_refused", "The order is shipped.");
  const refused = await post(CANCEL, { reason: "x" }).expect(422);
  expect(refused.body).toMatchObject({
    type: "urn:goodcom-relay:problem:store_refused",
    detail: "The order is shipped.",
  });
  bench.failure = new RelayError("store_unavailable", "no connection");
  const away = await get(`${STORE}/orders/21057`).expect(503);
  expect(away.headers["retry-after"]).toBe("10");
  expect(away.body).toMatchObject({ detail: "no connection" });
});

test("bug: a store that was away was alerted as trouble of the ledger", async () => {
  bench.failure = new RelayError("store_unavailable", "no connection");
  await post(`${STORE}/subscribe`).expect(503);
  expect(bench.events.map(({ event }) => event)).not.toContain("ledger.failed");
});
