import { describe, expect, test } from "vitest";
import { openSampleOrder } from "../../../src/platforms/sample.ts";
import { openStore, NOW, type OpenStore } from "./open.ts";

const LINE = "/admin/openapi/v20250601";

describe("one order", () => {
  test("of SHOPLINE is found among its ids, each digit kept", async () => {
    const { ask, store } = await openStore("shopline");
    store.put({ id: "21050342939778451436179579", name: "#1" });
    store.put({ id: "2", name: "#2" });
    const path = `${LINE}/orders.json?ids=21050342939778451436179579,2,3`;
    expect(await ask("GET", path)).toMatchObject({
      status: 200,
      body: { orders: [{ id: "21050342939778451436179579" }, { id: "2" }] },
    });
    expect((await ask("GET", `${LINE}/orders.json?ids=3`)).body).toEqual({ orders: [] });
  });

  test("of Shoplazza is wrapped, and its time of cancellation spelled as in the version asked", async () => {
    const { ask, store } = await openStore("shoplazza", { rate_limit: false });
    store.put({ id: "1-2", status: "cancelled", cancelled_at: "2026-11-24T06:00:00Z" });
    expect((await ask("GET", "/openapi/2022-01/orders/1-2")).body).toEqual({
      order: { id: "1-2", status: "cancelled", canceled_at: "2026-11-24T06:00:00Z" },
    });
    const order = { id: "1-2", status: "cancelled", cancelled_at: "2026-11-24T06:00:00Z" };
    expect((await ask("GET", "/openapi/2025-06/orders/1-2")).body).toEqual({
      ...{ code: "Success", message: "", data: { order } },
    });
    expect(await ask("GET", "/openapi/2025-06/orders/1-3")).toMatchObject({
      ...{ status: 404, body: { errors: ["Record not found"] } },
    });
  });

  test("of FastPOD is in the envelope of its pages", async () => {
    const { ask, store } = await openStore("fastpod");
    store.put({ id: "FAS/1", order_status: "new_order" });
    expect(await ask("GET", "/v1/orders/FAS%2F1")).toMatchObject({
      status: 200,
      body: { status: true, message: "Success.", data: { id: "FAS/1", order_status: "new_order" } },
    });
    for (const path of ["/v1/orders/2", "/v1/orders/%E0%A4%A"]) {
      expect(await ask("GET", path)).toMatchObject({
        ...{ status: 404, body: { status: false, message: "Order not found." } },
      });
    }
  });
});

const CANCEL = [
  ["shopline", (id: string) => `${LINE}/orders/${id}/cancel.json`, { cancel_reason: "Sold out" }],
  ["shoplazza", (id: string) => `/openapi/2022-01/orders/${id}/cancel`, { reason: "Sold out" }],
  ["shoplazza", (id: string) => `/openapi/2025-06/orders/${id}/cancel`, { reason: "Sold out" }],
  ["fastpod", (id: string) => `/v1/orders/${id}/cancel`, undefined],
] as const;

describe("an open order that is cancelled", () => {
  const cancelled = { id: "7", status: "cancelled", cancel_reason: "Sold out" };
  const asked: unknown[] = [
    { order: { id: "7", cancel_reason: "Sold out", cancelled_at: "2026-11-24T15:00:00+08:00" } },
    { order: { ...cancelled, canceled_at: "2026-11-24T07:00:00Z" } },
    { data: { order: { ...cancelled, cancelled_at: "2026-11-24T07:00:00Z" } } },
    {
      status: true,
      message: "Order cancelled successfully.",
      data: { id: "7", order_status: "cancelled", cancelled_at: "2026-11-24T07:00:00.000000Z" },
    },
  ];

  test.each(CANCEL.map((row, index) => [...row, asked[index]] as const))(
    "is answered with as it is then (%s)",
    async (platform, path, body, expected) => {
      const { ask, store } = await openStore(platform);
      store.put(openSampleOrder(platform, { now: NOW, order_id: "7", order_name: "#7" }).order);
      expect(await ask("POST", path("7"), body)).toMatchObject({ status: 200, body: expected });
    },
  );

  test("has the moment SHOPLINE was told, and its words of money have the types of its page", async () => {
    const { ask, store } = await openStore("shopline");
    store.put({ id: "7" });
    const path = `${LINE}/orders/7/cancel.json`;
    for (const wrong of [
      { amount: "12.50" },
      { email: "true" },
      { restock: 1 },
      { currency: 1 },
      { cancel_reason: 1 },
      { processed_at: "yesterday" },
    ]) {
      expect((await ask("POST", path, wrong)).status).toBe(400);
    }
    const answer = await ask("POST", path, {
      ...{ amount: 12.5, currency: "TWD", email: false, restock: true },
      processed_at: "2023-04-12T22:59:52+08:00",
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { order: { cancelled_at: "2023-04-12T22:59:52+08:00" } },
    });
  });
});

describe("an order that is not open", () => {
  const refusals = {
    shopline: [422, "The order has been cancelled", "The order has been shipped and cannot be cancelled"],
    shoplazza: [406, "order has been cancelled", "order has been shipped"],
    fastpod: [422, "Order has already been cancelled.", "Order has been shipped and can not be cancelled."],
  } as const;
  const shipped = {
    shopline: { fulfillment_status: "shipped" },
    shoplazza: { status: "placed", fulfillment_status: "shipped" },
    fastpod: { order_status: "shipped" },
  };

  test.each(CANCEL)("is refused by %s: cancelled before, shipped, unknown", async (platform, path, body) => {
    const { ask, store } = await openStore(platform, { rate_limit: false });
    const [status, cancelledWords, shippedWords] = refusals[platform];
    store.put(openSampleOrder(platform, { now: NOW, order_id: "7" }).order);
    store.put({ id: "8", ...shipped[platform] });
    await ask("POST", path("7"), body);
    const again = await ask("POST", path("7"), body);
    expect(again.status).toBe(status);
    expect(JSON.stringify(again.body)).toContain(cancelledWords);
    const late = await ask("POST", path("8"), body);
    expect(late.status).toBe(status);
    expect(JSON.stringify(late.body)).toContain(shippedWords);
    expect((await ask("POST", path("9"), body)).status).toBe(404);
    expect(() => store.cancel("7")).toThrow(cancelledWords);
  });
});

/** Orders 1 to `count`, each changed a minute after the one before; every third is open. */
function fill({ store }: OpenStore, count: number): string[] {
  const cancelled: string[] = [];
  for (let n = 1; n <= count; n++) {
    const id = String(n);
    const is = n % 3 !== 0;
    const at = new Date(Date.UTC(2026, 10, 24, 0, n)).toISOString();
    store.put({
      id,
      updated_at: at,
      ...{ status: is ? "cancelled" : "placed", order_status: is ? "cancelled" : "new_order" },
      cancelled_at: is ? at : null,
    });
    if (is) cancelled.push(id);
  }
  return cancelled.reverse();
}

describe("the list of cancelled orders", () => {
  test("of SHOPLINE goes on by its link until there is none", async () => {
    const opened = await openStore("shopline");
    const cancelled = fill(opened, 30);
    const seen: string[] = [];
    let path: string | undefined = `${LINE}/orders.json?status=cancelled&limit=6`;
    for (const size of [6, 6, 6, 2]) {
      if (path === undefined) throw new Error("it ended too early");
      const { body, headers } = await opened.ask("GET", path);
      const { orders } = body as { orders: { id: string }[] };
      expect(orders.length).toBe(size);
      seen.push(...orders.map(({ id }) => id));
      const link = /^<(http:\/\/127\.0\.0\.1:\d+)(\/.*page_info=.*&limit=6)>; rel="next"$/.exec(
        headers.get("link") ?? "",
      );
      expect(link?.[1]).toBe(link === null ? undefined : opened.url);
      path = link?.[2];
    }
    expect(path).toBeUndefined();
    expect(seen).toEqual(cancelled);
  });

  test("of Shoplazza goes on by pages in 2022-01, and by a cursor from 2025-06", async () => {
    const opened = await openStore("shoplazza", { rate_limit: false });
    const cancelled = fill(opened, 30);
    const old: string[] = [];
    for (const [page, size] of [
      [1, 8],
      [2, 8],
      [3, 4],
      [4, 0],
    ] as const) {
      const path = `/openapi/2022-01/orders?status=cancelled&limit=8&page=${page}`;
      const { orders } = (await opened.ask("GET", path)).body as { orders: { id: string }[] };
      expect(orders.length).toBe(size);
      old.push(...orders.map(({ id }) => id));
    }
    expect(old).toEqual(cancelled);

    const seen: string[] = [];
    let cursor = "";
    for (const hasMore of [true, true, false]) {
      const path = `/openapi/2025-06/orders?status=cancelled&page_size=8&cursor=${cursor}`;
      const { body } = await opened.ask("GET", path);
      const { code, data } = body as {
        code: string;
        data: { orders: { id: string }[]; cursor: string; has_more: boolean };
      };
      expect([code, data.has_more]).toEqual(["Success", hasMore]);
      seen.push(...data.orders.map(({ id }) => id));
      cursor = data.cursor;
    }
    expect(cursor).toBe("");
    expect(seen).toEqual(cancelled);
  });

  test("of FastPOD goes on by pages, and says no more than where it is", async () => {
    const opened = await openStore("fastpod");
    const cancelled = fill(opened, 30);
    const seen: string[] = [];
    for (const [page, size] of [
      [1, 15],
      [2, 5],
      [3, 0],
    ] as const) {
      const { body } = await opened.ask("GET", `/v1/orders?status=cancelled&page=${page}&limit=15`);
      const { data } = body as { data: { current_page: number; data: { id: string }[] } };
      expect(Object.keys(data)).toEqual(["current_page", "data"]);
      expect([data.current_page, data.data.length]).toEqual([page, size]);
      seen.push(...data.data.map(({ id }) => id));
    }
    expect(seen).toEqual(cancelled);
  });

  test.each([
    ["shopline", `${LINE}/orders.json?status=cancelled&updated_at_min=2026-11-24T08:29:00%2B08:00`, ["29"]],
    [
      "shoplazza",
      "/openapi/2022-01/orders?status=cancelled&updated_at_min=2026-11-24T00:28:00Z",
      ["29", "28"],
    ],
    ["fastpod", "/v1/orders?status=cancelled&start_date=2026-11-25", []],
    ["fastpod", "/v1/orders?status=cancelled&end_date=2026-11-23", []],
    [
      "fastpod",
      "/v1/orders?status=cancelled&start_date=2026-11-24&end_date=2026-11-24&limit=2",
      ["29", "28"],
    ],
  ] as const)("of %s begins where it was told to (%s)", async (platform, path, expected) => {
    const opened = await openStore(platform);
    fill(opened, 30);
    const { body } = await opened.ask("GET", path);
    const ids = [...JSON.stringify(body).matchAll(/"id":"(\d+)"/g)].map(([, id]) => id);
    expect(ids).toEqual(expected);
  });

  test.each([
    ["shopline", `${LINE}/orders.json?page_info=eyJ4IjoxfQ`],
    ["shopline", `${LINE}/orders.json?status=closed`],
    ["shopline", `${LINE}/orders.json?limit=0`],
    ["shoplazza", "/openapi/2025-06/orders?cursor=%00"],
    ["shoplazza", "/openapi/2022-01/orders?updated_at_min=today"],
    ["fastpod", "/v1/orders?page=-1"],
    ["fastpod", "/v1/orders?start_date=2026-11-24T00:00:00Z"],
  ] as const)("of %s refuses a question it does not understand (%s)", async (platform, path) => {
    expect([400, 422]).toContain((await (await openStore(platform)).ask("GET", path)).status);
  });
});
