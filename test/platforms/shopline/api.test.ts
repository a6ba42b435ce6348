import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createShoplineApi } from "../../../src/platforms/shopline/api.ts";
import { aStore } from "../a-store.ts";
import { contractOfApi } from "../api-contract.ts";
import { json, startApiServer, type ApiServer } from "../api-server.ts";
import { createManualClock } from "../../fakes/manual-clock.ts";

const ID = "21050342939778451436179579";
/** Where the list of archived orders begins. */
const ARCHIVE = "archive:";

contractOfApi({
  platform: "shopline",
  product: "SHOPLINE",
  create: createShoplineApi,
  scopes: { read: "read_orders", write: "write_orders" },
  burst: 36,
  perSecond: 3.6,
  listed: (orders) => `{"orders":[${orders.join(",")}]}`,
  subscriptions: (all) => ({ webhooks: all.map((one, n) => ({ id: String(n), ...one })) }),
  order: {
    body: { orders: [{ id: "1", store_id: 1644828244663, name: "#1" }] },
    told: { order: { id: "1", store_id: 1644828244663, name: "#1" } },
  },
});

// Written from the reference page of "Cancel order" and the vendor's pages on orders, paging and webhooks.
describe("every question of the SHOPLINE client is the page's", () => {
  let server: ApiServer;
  let api: ReturnType<typeof createShoplineApi>;
  let store: ReturnType<typeof aStore>;
  beforeEach(async () => {
    server = await startApiServer();
    api = createShoplineApi(createManualClock(1_795_503_600_000));
    store = storeOf(server.url, null);
  });
  afterEach(async () => {
    await api.close();
    await server.close();
  });
  function storeOf(url: string, version: string | null): ReturnType<typeof aStore> {
    return aStore({ platform: "shopline", api: { url, token: "tok-1", version, allow_host: null } });
  }
  const HEADERS = {
    authorization: "Bearer tok-1",
    "content-type": "application/json; charset=utf-8",
    accept: "application/json",
  };

  test("cancel: POST …/orders/:id/cancel.json with cancel_reason, email, processed_at, restock", async () => {
    await api.cancelOrder(store, ID, {
      ...{ reason: "I don't want to buy it.", at: Date.UTC(2023, 3, 12, 14, 59, 52, 700) },
      ...{ restock: true, email: false, amount: null, currency: null },
    });
    const [heard] = server.heard;
    expect(heard).toMatchObject({
      ...{ method: "POST", path: `/admin/openapi/v20250601/orders/${ID}/cancel.json`, headers: HEADERS },
    });
    expect(JSON.parse(heard?.body ?? "")).toEqual({
      ...{ cancel_reason: "I don't want to buy it.", email: false, restock: true },
      processed_at: "2023-04-12T14:59:52+00:00",
    });
  });

  test("cancel with a refund: amount as a number, and its currency", async () => {
    await api.cancelOrder(store, ID, {
      ...{ reason: "x", at: 0, restock: false, email: true, amount: "100.50", currency: "CNY" },
    });
    expect(JSON.parse(server.heard[0]?.body ?? "")).toMatchObject({
      ...{ amount: 100.5, currency: "CNY", email: true, restock: false },
    });
  });

  test("a refund keeps every digit, and what is no amount is not asked", async () => {
    const refund = { reason: "x", at: 0, restock: false, email: true, currency: "VND" };
    await api.cancelOrder(store, ID, { ...refund, amount: "90071992547409931.10" });
    expect(server.heard[0]?.body).toMatch(/^\{"amount":90071992547409931\.10,"cancel_reason":"x",/);
    for (const amount of ["", "1,0", "1e9", "-1", "01", '1,"email":true', "NaN", "9".repeat(40)]) {
      expect(await api.cancelOrder(store, ID, { ...refund, amount })).toMatchObject({ why: "refused" });
    }
    expect(server.heard).toHaveLength(1);
  });

  test("one order: GET …/orders.json?ids=…&status=any", async () => {
    server.answers = [json(200, `{"orders":[{"id":${ID},"x":12345678901234567890}]}`)];
    const answer = await api.getOrder(store, ID, "once");
    expect(server.heard[0]).toMatchObject({
      ...{
        method: "GET",
        path: `/admin/openapi/v20250601/orders.json?ids=${ID}&status=any`,
        headers: HEADERS,
        body: "",
      },
    });
    expect(answer.kind === "answered" && answer.value.toString()).toBe(
      `{"order":{"id":${ID},"x":12345678901234567890}}`,
    );
  });

  test("an order by its name: GET …/orders.json?name=…&status=any, and only that very name", async () => {
    const orders = [
      { id: "7", name: "#10012" },
      { id: ID, name: "#1001" },
    ];
    server.answers = [json(200, { orders }), json(200, { orders: [...orders, { id: "8", name: "#1001" }] })];
    expect(await api.findOrder?.(store, "#1001")).toMatchObject({
      ...{ kind: "answered", value: Buffer.from(JSON.stringify({ order: { id: ID, name: "#1001" } })) },
    });
    expect(server.heard[0]?.path).toBe("/admin/openapi/v20250601/orders.json?name=%231001&status=any");
    expect(await api.findOrder?.(store, "#1001")).toMatchObject({ why: "refused" });
  });

  test("bug: an order was unknown to the store where people left its # out, or typed it in full width", async () => {
    const none = json(200, { orders: [] });
    const there = json(200, { orders: [{ id: ID, name: "#1001" }] });
    server.answers = [none, there, none, none, there, none, none];
    for (const typed of ["1001", "＃１００１"])
      expect(await api.findOrder?.(store, typed)).toMatchObject({ kind: "answered" });
    expect(await api.findOrder?.(store, "#1002")).toMatchObject({ why: "not_found" });
    expect(server.heard.map(({ path }) => new URL(path, "http://x").searchParams.get("name"))).toEqual([
      ...["1001", "#1001"],
      ...["＃１００１", "1001", "#1001"],
      ...["#1002", "1002"],
    ]);
  });

  test("an order that is not in the list is none", async () => {
    server.answers = [json(200, { orders: [{ id: "another" }] })];
    expect(await api.getOrder(store, ID, "once")).toMatchObject({ why: "not_found" });
  });

  test("cancelled orders: status, updated_at_min with an offset, at most 100 a page", async () => {
    server.answers = [json(200, { orders: [{ id: "1" }, { id: "2" }] })];
    const page = await api.listCancelled(store, {
      since: Date.UTC(2026, 10, 21, 7, 0, 0, 900),
      cursor: null,
    });
    expect(server.heard[0]).toMatchObject({
      method: "GET",
      path: "/admin/openapi/v20250601/orders.json?status=cancelled&updated_at_min=2026-11-21T07%3A00%3A00%2B00%3A00&limit=100",
    });
    expect(page).toMatchObject({
      kind: "answered",
      value: { orders: [Buffer.from('{"id":"1"}'), Buffer.from('{"id":"2"}')], next: ARCHIVE },
    });
  });

  // developer.shopline.com, "Get an order count": `cancelled` is cancelled and not archived; "Get orders": `hidden_order`.
  test("archived orders, which `cancelled` leaves out, are a second list; of them what is cancelled", async () => {
    const order = { id: "2", cancelled_at: "2026-11-21T15:00:00+08:00" };
    const others = [{ id: "1", cancelled_at: null }, { id: "3" }, { id: "4", cancelled_at: "" }];
    const cancelled = JSON.stringify(order);
    const link = '<https://demo.myshopline.com/admin/openapi/v1/orders.json?page_info=aa>; rel="next"';
    server.answers = [json(200, { orders: [...others, order] }, { link }), json(200, { orders: [order] })];
    expect(await api.listCancelled(store, { since: 0, cursor: ARCHIVE })).toMatchObject({
      value: { orders: [Buffer.from(cancelled)], next: `${ARCHIVE}aa`, begins: true },
    });
    expect(await api.listCancelled(store, { since: 0, cursor: `${ARCHIVE}aa` })).toMatchObject({
      value: { orders: [Buffer.from(cancelled)], next: null, begins: false },
    });
    expect(server.heard.map(({ path }) => path)).toEqual([
      "/admin/openapi/v20250601/orders.json?status=any&hidden_order=true&updated_at_min=1970-01-01T00%3A00%3A00%2B00%3A00&limit=100",
      "/admin/openapi/v20250601/orders.json?page_info=aa&limit=100",
    ]);
  });

  test("a version that refuses to list the archive has shown what it has; one that fails is asked again", async () => {
    server.answers = [json(422, { errors: "hidden_order is illegal" })];
    expect(await api.listCancelled(store, { since: 0, cursor: ARCHIVE })).toEqual({
      ...{ kind: "answered", value: { orders: [], next: null } },
    });
    server.answers = [json(403, { errors: "no" })];
    expect(await api.listCancelled(store, { since: 0, cursor: ARCHIVE })).toMatchObject({ why: "forbidden" });
  });

  test("further pages by the page_info of the link header, asked for at the store alone", async () => {
    const link =
      '<https://evil.example.com/admin/openapi/v1/orders.json?limit=100&page_info=eyJuZXh0Ijox%3D>; rel="next", ' +
      '<https://demo.myshopline.com/admin/openapi/v1/orders.json?page_info=prev>; rel="previous"';
    server.answers = [json(200, { orders: [{ id: "1" }] }, { link }), json(200, { orders: [] })];
    const first = await api.listCancelled(store, { since: 0, cursor: null });
    const next = first.kind === "answered" ? first.value.next : null;
    expect(next).toBe("eyJuZXh0Ijox=");
    await api.listCancelled(store, { since: 0, cursor: next });
    expect(server.heard[1]?.path).toBe(
      "/admin/openapi/v20250601/orders.json?page_info=eyJuZXh0Ijox%3D&limit=100",
    );
  });

  test.each([
    ["nothing", ""],
    ["only a previous page", '<https://x.example/?page_info=a>; rel="previous"'],
  ])("a link header with %s is the last page of its list", async (_, link) => {
    server.answers = [json(200, { orders: [{ id: "1" }] }, link === "" ? {} : { link })];
    expect(await api.listCancelled(store, { since: 0, cursor: null })).toMatchObject({
      value: { next: ARCHIVE },
    });
  });

  test.each([
    ["no address", '<not an address>; rel="next"'],
    ["no page_info", '<https://x.example/?page=2>; rel="next"'],
    ["an endless page_info", `<https://x.example/?page_info=${"a".repeat(5000)}>; rel="next"`],
  ])("a next page with %s is told: taken for the end, its orders would be lost", async (_, link) => {
    server.answers = [json(200, { orders: [{ id: "1" }] }, { link })];
    expect(await api.listCancelled(store, { since: 0, cursor: null })).toMatchObject({ why: "nonsense" });
  });

  // developer.shopline.com, "Unsubscribe from a webhook": DELETE …/:id/webhooks.json, as in its own SDK for Go.
  test("a webhook is gone when neither form of its address knows it", async () => {
    // Of webhooks no path is published for sure: a gateway that knows none of this form says no more than that.
    const gone = json(404, { message: "no Route matched with those values" });
    server.answers = [gone, json(200, {}), gone, gone, gone, json(500, {})];
    expect(await api.deleteSubscription(store, "5")).toEqual({ kind: "answered", value: null });
    expect(await api.deleteSubscription(store, "5")).toEqual({ kind: "answered", value: null });
    expect(await api.deleteSubscription(store, "5")).toMatchObject({ why: "unknown" });
    expect(server.heard.slice(0, 2).map(({ path }) => path)).toEqual([
      "/admin/openapi/v20250601/5/webhooks.json",
      "/admin/openapi/v20250601/webhooks/5.json",
    ]);
  });

  test("webhooks: listed, subscribed with topic, address and api_version, deleted", async () => {
    const webhook = {
      id: 98765432109876543210n.toString(),
      topic: "orders/cancelled",
      address: "https://r.test/w",
    };
    server.answers = [
      json(200, {
        webhooks: [
          { ...webhook, api_version: "v20250601" },
          { id: 7, topic: "orders/edited" },
        ],
      }),
      json(200, { webhook: { ...webhook, id: 5 } }),
      json(200, {}),
    ];
    expect(await api.listSubscriptions(store)).toEqual({ kind: "answered", value: [webhook] });
    expect(await api.createSubscription(store, "https://r.test/w")).toEqual({
      ...{ kind: "answered", value: { ...webhook, id: "5" } },
    });
    await api.deleteSubscription(store, "5");
    expect(server.heard.map(({ method, path }) => [method, path])).toEqual([
      ["GET", "/admin/openapi/v20250601/webhooks.json"],
      ["POST", "/admin/openapi/v20250601/webhooks.json"],
      ["DELETE", "/admin/openapi/v20250601/5/webhooks.json"],
    ]);
    expect(JSON.parse(server.heard[1]?.body ?? "")).toEqual({
      webhook: { topic: "orders/cancelled", address: "https://r.test/w", api_version: "v20250601" },
    });
  });

  test.each([
    ["", null, "v20250601"],
    ["/", null, "v20250601"],
    ["/admin/openapi", null, "v20250601"],
    ["/admin/openapi/v20241201/", "v20260301", "v20260301"],
  ])("the address may be given as %j, the version as %j", async (path, version, used) => {
    await api.listSubscriptions(storeOf(server.url + path, version));
    expect(server.heard[0]?.path).toBe(`/admin/openapi/${used}/webhooks.json`);
  });

  test("the vendor's traceId is told with a refusal", async () => {
    server.answers = [json(422, { errors: "Order already cancelled" }, { traceId: "abc123" })];
    expect(await api.listSubscriptions(store)).toMatchObject({
      detail: "SHOPLINE's API answered 422: Order already cancelled (traceid abc123)",
    });
  });
});
