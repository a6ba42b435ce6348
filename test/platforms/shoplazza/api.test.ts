import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createShoplazzaApi } from "../../../src/platforms/shoplazza/api.ts";
import { aStore } from "../a-store.ts";
import { contractOfApi } from "../api-contract.ts";
import { json, startApiServer, type ApiServer } from "../api-server.ts";
import { createManualClock } from "../../fakes/manual-clock.ts";

contractOfApi({
  platform: "shoplazza",
  product: "Shoplazza",
  create: createShoplazzaApi,
  scopes: { read: "read_order", write: "write_order" },
  burst: 2,
  perSecond: 1.8,
  listed: (orders) => `{"data":{"orders":[${orders.join(",")}]}}`,
  subscriptions: (all) => ({ webhooks: all.map((one, n) => ({ id: String(n), ...one })) }),
  order: { body: { order: { id: "1", number: "B1" } }, told: { order: { id: "1", number: "B1" } } },
});

// Written from the reference page of "Cancel Order" and the vendor's pages on orders and webhooks.
describe("every question of the Shoplazza client is the page's", () => {
  let server: ApiServer;
  let api: ReturnType<typeof createShoplazzaApi>;
  const clock = createManualClock(1_795_503_600_000);
  beforeEach(async () => {
    server = await startApiServer();
    api = createShoplazzaApi(clock);
  });
  afterEach(async () => {
    await api.close();
    await server.close();
  });
  const storeOf = (version: string | null = null, path = ""): ReturnType<typeof aStore> =>
    aStore({
      platform: "shoplazza",
      api: { url: server.url + path, token: "tok-1", version, allow_host: null },
    });
  const HEADERS = { "access-token": "tok-1", "content-type": "application/json" };
  const asked = (): string[] => server.heard.map(({ method, path }) => `${method} ${path}`);

  test("cancel: POST /openapi/2022-01/orders/:id/cancel with the reason alone", async () => {
    await api.cancelOrder(storeOf(), "633130-00000004", {
      ...{
        reason: "Customer changed their mind",
        at: 0,
        restock: true,
        email: true,
        amount: null,
        currency: null,
      },
    });
    expect(server.heard[0]).toMatchObject({
      ...{ method: "POST", path: "/openapi/2022-01/orders/633130-00000004/cancel", headers: HEADERS },
    });
    expect(server.heard[0]?.headers).not.toHaveProperty("authorization");
    expect(JSON.parse(server.heard[0]?.body ?? "")).toEqual({ reason: "Customer changed their mind" });
  });

  const NUMBERED = { id: "633130-00000004", number: "1001" };

  test("an order by its number: GET /orders/number/:number, without the # that people write", async () => {
    server.answers = [json(200, { order: NUMBERED }), json(200, { data: { order: NUMBERED } })];
    const found = { kind: "answered", value: Buffer.from(JSON.stringify({ order: NUMBERED })) };
    expect(await api.findOrder?.(storeOf(), "#1001")).toEqual(found);
    expect(await api.findOrder?.(storeOf("2026-01"), "1001")).toEqual(found);
    expect(asked()).toEqual(
      ["2022-01", "2026-01"].map((version) => `GET /openapi/${version}/orders/number/1001`),
    );
  });

  test("an order of another number is not the one that was asked for, and some names are no number", async () => {
    server.answers = [json(200, { order: { ...NUMBERED, number: "10012" } }), json(404, {})];
    for (const name of ["1001", "1001", "#", "."]) {
      expect(await api.findOrder?.(storeOf(), name)).toMatchObject({ why: "not_found" });
    }
    expect(asked()).toHaveLength(2);
  });

  test("one order: GET /orders/:id, wrapped in order, and from 2025-06 in data as well", async () => {
    server.answers = [
      json(200, { order: { id: "1" } }),
      json(200, { code: "Success", data: { order: { id: "1" } } }),
    ];
    const bodies = [
      await api.getOrder(storeOf(), "1", "once"),
      await api.getOrder(storeOf("2025-06"), "1", "once"),
    ].map((answer) => (answer.kind === "answered" ? answer.value.toString() : ""));
    expect(bodies).toEqual(['{"order":{"id":"1"}}', '{"order":{"id":"1"}}']);
    expect(asked()).toEqual(["GET /openapi/2022-01/orders/1", "GET /openapi/2025-06/orders/1"]);
  });

  test("cancelled orders of 2022-01: status, updated_at_min, limit 250, pages by number until one is empty", async () => {
    server.answers = [json(200, { orders: [{ id: "1" }] }), json(200, { orders: [] })];
    const since = Date.UTC(2026, 10, 21, 7);
    expect(await api.listCancelled(storeOf(), { since, cursor: null })).toMatchObject({
      value: { orders: [Buffer.from('{"order":{"id":"1"}}')], next: "2" },
    });
    expect(await api.listCancelled(storeOf(), { since, cursor: "2" })).toMatchObject({
      value: { orders: [], next: null },
    });
    const query = "status=cancelled&updated_at_min=2026-11-21T07%3A00%3A00Z&limit=250";
    expect(asked()).toEqual([
      `GET /openapi/2022-01/orders?${query}&page=1`,
      `GET /openapi/2022-01/orders?${query}&page=2`,
    ]);
  });

  test("cancelled orders from 2025-06 on: page_size, pages by cursor", async () => {
    server.answers = [
      json(200, { data: { orders: [{ id: "1" }], cursor: "abc=", has_more: true } }),
      json(200, { orders: [{ id: "2" }], cursor: "later", has_more: false }),
      json(200, { data: { orders: [{ id: "3" }], cursor: "" } }),
    ];
    const pages = [];
    for (const cursor of [null, "abc=", "x"]) {
      pages.push(await api.listCancelled(storeOf("2026-01"), { since: Date.UTC(2026, 10, 21), cursor }));
      await clock.advance(1000);
    }
    expect(pages).toMatchObject([
      { value: { orders: [Buffer.from('{"order":{"id":"1"}}')], next: "abc=" } },
      { value: { next: null } },
      { value: { next: null } },
    ]);
    const query = "status=cancelled&updated_at_min=2026-11-21T00%3A00%3A00Z&page_size=250";
    expect(asked().slice(0, 2)).toEqual([
      `GET /openapi/2026-01/orders?${query}`,
      `GET /openapi/2026-01/orders?${query}&cursor=abc%3D`,
    ]);
  });

  test.each([
    ["too long", "a".repeat(5000)],
    ["regression: missing where there is more", null],
  ])("a cursor that is %s is told: taken for the end, its orders would be lost", async (_, cursor) => {
    server.answers = [json(200, { data: { orders: [{ id: "1" }], cursor, has_more: true } })];
    expect(await api.listCancelled(storeOf("2025-06"), { since: 0, cursor: null })).toMatchObject({
      why: "nonsense",
    });
  });

  test("money keeps every digit it was told with", async () => {
    const order = '{ "id": "1", "total_price": 12345678901234567.10 }';
    server.answers = [
      json(200, `{"data": {"orders": [ ${order} ]}}`),
      json(200, `{"data": {"order":${order}}}`),
    ];
    expect(await api.listCancelled(storeOf("2025-06"), { since: 0, cursor: null })).toMatchObject({
      value: { orders: [Buffer.from(`{"order":${order}}`)] },
    });
    expect(await api.getOrder(storeOf("2025-06"), "1", "once")).toEqual({
      kind: "answered",
      value: Buffer.from(`{"order":${order}}`),
    });
  });

  test("webhooks: subscribed flat in 2022-01, wrapped from 2025-06 on", async () => {
    const webhook = { id: "11", topic: "orders/cancelled", address: "https://r.test/w" };
    server.answers = [json(200, { webhook }), json(201, { data: { webhook } }), json(200, webhook)];
    const made = [];
    for (const version of [null, "2025-06", "2022-01"]) {
      made.push(await api.createSubscription(storeOf(version), webhook.address));
      await clock.advance(1000);
    }
    expect(made).toEqual(made.map(() => ({ kind: "answered", value: webhook })));
    const bare = { topic: "orders/cancelled", address: "https://r.test/w" };
    expect(server.heard.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      bare,
      { webhook: bare },
      bare,
    ]);
    expect(asked()[0]).toBe("POST /openapi/2022-01/webhooks");
  });

  test("webhooks: listed and deleted", async () => {
    server.answers = [
      json(200, {
        webhooks: [{ id: 7, topic: "orders/cancelled", address: "https://r.test/w" }, { id: null }],
      }),
      json(200, {}),
    ];
    expect(await api.listSubscriptions(storeOf())).toEqual({
      ...{ kind: "answered", value: [{ id: "7", topic: "orders/cancelled", address: "https://r.test/w" }] },
    });
    await api.deleteSubscription(storeOf(), "7");
    expect(asked()).toEqual(["GET /openapi/2022-01/webhooks", "DELETE /openapi/2022-01/webhooks/7"]);
  });

  test("a 400 that speaks of credentials is a token that is not taken; another is a refusal", async () => {
    server.answers = [json(400, { errors: ["Unauthorized"] }), json(400, { error: "store is not active" })];
    expect(await api.listSubscriptions(storeOf())).toMatchObject({ why: "unauthorized" });
    expect(await api.listSubscriptions(storeOf())).toMatchObject({
      ...{ why: "refused", detail: "Shoplazza's API answered 400: store is not active" },
    });
  });

  test.each([
    ["", "2022-01"],
    ["/openapi/2022-01/", "2022-01"],
    ["/openapi", "2022-01"],
  ])("the address may be given as %j", async (path, used) => {
    await api.listSubscriptions(storeOf(null, path));
    expect(server.heard[0]?.path).toBe(`/openapi/${used}/webhooks`);
  });
});
