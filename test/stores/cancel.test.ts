import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CancelResult } from "../../src/stores/store-acts.ts";
import { createStage, type Stage } from "./stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.close());

async function cancel(order: string, more: { store?: string; key?: string } = {}): Promise<CancelResult> {
  const { store = "noodle-bar", key } = more;
  const result = await stage.house.relay.cancelOrder(
    store,
    order,
    { reason: "Kitchen closed" },
    "operator Ana",
    key,
  );
  await stage.house.clock.advance(0);
  return result;
}
const printed = (): string[] => stage.house.cloud.sent.map(({ request }) => request.order.order_id);

describe("an order cancelled from here", () => {
  test("is cancelled at the store and printed at once; the store's own webhook is a duplicate", async () => {
    stage.put("1001", null);
    const result = await cancel("1001");
    expect(result).toMatchObject({ result: "cancelled", status: "accepted", order_id: "1001" });
    expect(printed()).toEqual(["1001"]);
    expect(stage.shops.shopline.asked).toEqual(["cancelOrder 1001"]);
    const detail = await stage.house.ledger.findDelivery(result.delivery_id ?? "");
    expect(detail?.delivery).toMatchObject({ reason: "Kitchen closed", order_name: "#1001" });
    expect(detail?.webhook?.origin).toBe("cancel");
    expect(detail?.history[0]).toMatchObject({ by: "operator Ana" });
    const body = { id: "1001", cancelled_at: new Date(stage.house.clock.now()).toISOString() };
    expect(await stage.house.webhook("noodle-bar", body)).toMatchObject({ status: "duplicate" });
    expect(printed()).toEqual(["1001"]);
  });

  test("bug: under a key that another act is using just now was cancelled at the store, and then refused", async () => {
    stage.put("1001", null);
    const test = stage.house.relay.testSlip("kitchen", "operator Ana", "k");
    await expect(cancel("1001", { key: "k" })).rejects.toMatchObject({ code: "key_reused" });
    await test;
    expect(stage.shops.shopline.asked).toEqual([]);
  });

  test("whose webhook was quicker prints once, and the history tells who had it cancelled", async () => {
    stage.put("1001", null);
    stage.shops.shopline.before = () => stage.house.cancel("1001").then(() => undefined);
    const result = await cancel("1001");
    expect(result).toMatchObject({ result: "cancelled", status: "duplicate" });
    expect(printed()).toEqual(["1001"]);
    const detail = await stage.house.ledger.findDelivery(result.delivery_id ?? "");
    expect(detail?.history.some(({ by }) => by === "operator Ana")).toBe(true);
  });

  test("that was cancelled before still prints if it never did", async () => {
    stage.put("1001", 3 * 86_400);
    expect(await cancel("1001")).toMatchObject({ result: "already_cancelled", status: "accepted" });
    expect(printed()).toEqual(["1001"]);
    expect(await cancel("1001")).toMatchObject({ result: "already_cancelled", status: "duplicate" });
    expect(printed()).toEqual(["1001"]);
  });

  test("prints whatever its age: somebody wants the slip now", async () => {
    const { ledger, relay } = stage.house;
    const seen = (await ledger.settings()).stores.find(({ name }) => name === "noodle-bar");
    if (seen === undefined) throw new Error("there is no noodle-bar");
    const edit = {
      kind: "store",
      name: "noodle-bar",
      seen,
      to: { ...seen, ignore_older_than_s: 60 },
    } as const;
    await relay.changeSettings(edit, "operator Ana");
    stage.put("1001", 3600);
    expect(await cancel("1001")).toMatchObject({ result: "already_cancelled", status: "accepted" });
    expect(printed()).toEqual(["1001"]);
  });

  test("has the operator's reason on the slip where the store's answer has none", async () => {
    stage.shops.fastpod.orders.set("FAS-1", { id: "FAS-1", order_status: "in_production" });
    stage.shops.fastpod.api.cancelOrder = () =>
      Promise.resolve({
        kind: "answered",
        value: Buffer.from(
          '{"status":true,"message":"Order cancelled successfully.","data":{"id":"FAS-1","order_status":"cancelled"}}',
        ),
      });
    const result = await cancel("FAS-1", { store: "tee-shop" });
    expect((await stage.house.delivery(result.delivery_id ?? "")).reason).toBe("Kitchen closed");
    // Its API has said it: nothing is asked again.
    expect(printed()).toEqual(["FAS-1"]);
  });

  test("under a key is cancelled once, and asked again it is what it was", async () => {
    stage.put("1001", null);
    const first = await cancel("1001", { key: "key-1" });
    const again = await cancel("1001", { key: "key-1" });
    expect(again).toMatchObject({ result: "cancelled", status: "accepted", delivery_id: first.delivery_id });
    expect(stage.shops.shopline.asked).toEqual(["cancelOrder 1001"]);
    await expect(cancel("1002", { key: "key-1" })).rejects.toMatchObject({ code: "key_reused" });
    const old = await cancel("1001", { key: "key-2" });
    expect(old).toMatchObject({ result: "already_cancelled", status: "duplicate" });
    expect(await cancel("1001", { key: "key-2" })).toEqual(old);
  });
});

describe("an order called by its name", () => {
  test("is found and cancelled by its id", async () => {
    stage.put("21057", null, { name: "#1001" });
    expect(await stage.house.relay.lookUp("noodle-bar", "#1001")).toMatchObject({ order_id: "21057" });
    const result = await cancel("#1001", { key: "key-1" });
    expect(result).toMatchObject({ result: "cancelled", order_id: "21057" });
    expect(await cancel("#1001", { key: "key-1" })).toEqual(result);
    expect(printed()).toEqual(["21057"]);
    expect(stage.shops.shopline.asked.slice(-3)).toEqual([
      "cancelOrder #1001",
      "findOrder #1001",
      "cancelOrder 21057",
    ]);
  });

  test("that was cancelled before prints if it never did", async () => {
    stage.put("21057", 60, { name: "#1001" });
    expect(await cancel("#1001")).toMatchObject({ result: "already_cancelled", order_id: "21057" });
    expect(printed()).toEqual(["21057"]);
  });

  test("of which there are several is none of them", async () => {
    for (const id of ["1", "2"]) stage.put(id, null, { name: "#1001" });
    await expect(cancel("#1001")).rejects.toMatchObject({ code: "store_refused" });
    expect(printed()).toEqual([]);
  });
});

describe("a store that says no", () => {
  test("is shown in its own words, and nothing prints", async () => {
    stage.put("1001", null, { shipped: true });
    await expect(cancel("1001")).rejects.toMatchObject({
      ...{ code: "store_refused", message: "the store said: refused" },
    });
    const hint = "give the order's id as the store's API has it";
    await expect(cancel("1002")).rejects.toMatchObject({
      ...{ code: "store_refused", message: `the store said: not_found; ${hint}` },
    });
    expect(printed()).toEqual([]);
    expect(await stage.house.ledger.listWebhooks({ limit: 10 })).toEqual([]);
  });

  test.each([
    ["unauthorized", "store_refused"],
    ["forbidden", "store_refused"],
    ["unavailable", "store_unavailable"],
    ["nonsense", "store_unavailable"],
  ] as const)("for another reason (%s) is not asked a second time", async (why, code) => {
    stage.put("1001", null);
    stage.shops.shopline.failing = why;
    await expect(cancel("1001")).rejects.toMatchObject({ code });
    expect(stage.shops.shopline.asked).toEqual(["cancelOrder 1001"]);
  });
});

describe("an answer that is lost", () => {
  test("is looked for: the order is cancelled, so it prints", async () => {
    stage.put("1001", null);
    stage.shops.shopline.failOnce("cancelOrder", "unknown", "done");
    expect(await cancel("1001")).toMatchObject({ result: "cancelled", status: "accepted" });
    expect(printed()).toEqual(["1001"]);
  });

  test("and an order that is still open is left to the webhook, never cancelled twice", async () => {
    stage.put("1001", null);
    stage.shops.shopline.failOnce("cancelOrder", "unknown");
    await expect(cancel("1001")).rejects.toMatchObject({
      ...{ code: "store_unavailable", message: expect.stringContaining("may have been cancelled") as string },
    });
    expect(stage.shops.shopline.asked).toEqual(["cancelOrder 1001", "getOrder 1001"]);
    expect(stage.house.events.at(-1)).toMatchObject({ event: "order.cancelled", result: "unknown" });
  });
});

describe("what only SHOPLINE takes", () => {
  test("is refused elsewhere, before anything is asked", async () => {
    const options = { reason: "x", amount: "5.00" };
    const asking = stage.house.relay.cancelOrder("bakery", "1", options, "operator");
    await expect(asking).rejects.toMatchObject({ code: "conflict" });
    expect(stage.shops.shoplazza.asked).toEqual([]);
  });

  test("a refund is told in the order's own currency; without one the store hears nothing of money", async () => {
    stage.put("1001", null);
    const told: unknown[] = [];
    const { api } = stage.shops.shopline;
    const cancelOrder = api.cancelOrder.bind(api);
    api.cancelOrder = (store, id, request) => {
      told.push(request);
      return cancelOrder(store, id, request);
    };
    await stage.house.relay.cancelOrder("noodle-bar", "1001", { reason: "x", amount: "12.50" }, "operator");
    stage.put("1002", null);
    await stage.house.relay.cancelOrder("noodle-bar", "1002", { reason: "x", restock: false }, "operator");
    expect(told).toMatchObject([
      { amount: "12.50", currency: "EUR", restock: true, email: false },
      { amount: null, currency: null, restock: false },
    ]);
  });
});

describe("before it is cancelled", () => {
  test("an operator sees what it is, without the buyer", async () => {
    const more = {
      current_total_price: "12.5",
      line_items: [{ title: "Beef noodle soup", variant_title: "Large", quantity: 2, price: "6.25" }],
      customer: { first_name: "Mei", last_name: "Chen" },
    };
    stage.put("1001", null, more);
    expect(await stage.house.relay.lookUp("noodle-bar", "1001")).toEqual({
      ...{ store: "noodle-bar", order_id: "1001", order_name: "#1001", cancelled: false },
      ...{ items: ["2 x Beef noodle soup (Large)"], total: "12.50 EUR" },
    });
    stage.put("1001", 5);
    expect(await stage.house.relay.lookUp("noodle-bar", "1001")).toMatchObject({ cancelled: true });
    await expect(stage.house.relay.lookUp("noodle-bar", "7")).rejects.toMatchObject({
      code: "store_refused",
    });
  });
});
