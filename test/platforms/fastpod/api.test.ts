import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFastpodApi } from "../../../src/platforms/fastpod/api.ts";
import { fastpodWebhook } from "../../../src/platforms/fastpod/webhook.ts";
import { aStore } from "../a-store.ts";
import { contractOfApi } from "../api-contract.ts";
import { json, startApiServer, type ApiServer } from "../api-server.ts";
import { createManualClock } from "../../fakes/manual-clock.ts";

const ORDER = {
  status: true,
  message: "Success.",
  data: { id: "1", order_status: "cancelled", reference_id: "2023" },
};

contractOfApi({
  platform: "fastpod",
  product: "FastPOD",
  create: createFastpodApi,
  scopes: null,
  burst: 8,
  perSecond: 2,
  listed: (orders) => `{"status":true,"data":{"current_page":1,"last_page":1,"data":[${orders.join(",")}]}}`,
  subscriptions: (all) => ({
    status: true,
    data: all.map(({ topic, address, ...one }, n) => ({ id: String(n), ...one, event: topic, url: address })),
  }),
  order: { body: ORDER, told: ORDER },
});

// Written from the reference page of "Cancel Order" and the vendor's order pages; webhooks after SwiftPOD's.
describe("every question of the FastPOD client is the page's", () => {
  let server: ApiServer;
  let api: ReturnType<typeof createFastpodApi>;
  let store: ReturnType<typeof aStore>;
  beforeEach(async () => {
    server = await startApiServer();
    // Tue, 24 Nov 2026 07:00:00 GMT
    api = createFastpodApi(createManualClock(1_795_503_600_000));
    store = aStore({
      name: "tee-shop",
      platform: "fastpod",
      api: { url: `${server.url}//`, token: "tok-1", version: null, allow_host: null },
    });
  });
  afterEach(async () => {
    await api.close();
    await server.close();
  });
  const asked = (): string[] => server.heard.map(({ method, path }) => `${method} ${path}`);

  test("cancel: POST /v1/orders/{id}/cancel, Accept, the bearer token, and no body", async () => {
    server.answers = [
      json(200, { status: true, message: "Order cancelled successfully.", data: ORDER.data }),
    ];
    const answer = await api.cancelOrder(store, "FAS105-111423-000006", {
      ...{ reason: "x", at: 0, restock: true, email: false, amount: null, currency: null },
    });
    expect(server.heard[0]).toMatchObject({
      ...{ method: "POST", path: "/v1/orders/FAS105-111423-000006/cancel", body: "" },
      headers: { authorization: "Bearer tok-1", accept: "application/json" },
    });
    expect(server.heard[0]?.headers).not.toHaveProperty("content-type");
    const body = answer.kind === "answered" ? answer.value : Buffer.from("");
    expect(fastpodWebhook.read(body, store)).toMatchObject({ kind: "cancellation" });
  });

  test("one order: GET /v1/orders/{id}; its answer is what the webhook's reader reads", async () => {
    server.answers = [json(200, ORDER)];
    const answer = await api.getOrder(store, "FAS105-111423-000006", "once");
    expect(asked()).toEqual(["GET /v1/orders/FAS105-111423-000006"]);
    const body = answer.kind === "answered" ? answer.value : Buffer.from("");
    expect(fastpodWebhook.read(body, store)).toMatchObject({
      cancellation: { order_id: "1", order_name: "2023" },
    });
  });

  test("regression: an api.url that was copied with its /v1 had every cancellation voided as unknown", async () => {
    const { url } = server;
    const copied = { ...store, api: { url: `${url}/v1/`, token: "tok-1", version: null, allow_host: null } };
    server.answers = [json(200, ORDER), json(200, { status: true, data: [] })];
    await api.getOrder(copied, "1", "once");
    await api.listSubscriptions(copied);
    expect(asked()).toEqual(["GET /v1/orders/1", "GET /v1/webhooks"]);
  });

  test("cancelled orders: dates only, a month of orders before and a day ahead; pages until one is empty", async () => {
    const page = (number: number, data: object[]) =>
      json(200, { status: true, message: "", data: { current_page: number, data } });
    server.answers = [page(1, [{ id: "1" }]), page(2, [])];
    const since = Date.UTC(2026, 10, 21, 7);
    expect(await api.listCancelled(store, { since, cursor: null })).toMatchObject({
      value: { orders: [Buffer.from('{"data":{"id":"1"}}')], next: "2" },
    });
    expect(await api.listCancelled(store, { since, cursor: "2" })).toMatchObject({ value: { next: null } });
    const query = "status=cancelled&start_date=2026-10-22&end_date=2026-11-25";
    expect(asked()).toEqual([
      `GET /v1/orders?${query}&page=1&limit=100`,
      `GET /v1/orders?${query}&page=2&limit=100`,
    ]);
  });

  test("a list that numbers its pages ends with the last", async () => {
    const data = { current_page: 1, last_page: 1, data: [{ id: "1" }] };
    server.answers = [json(200, { status: true, message: "", data })];
    expect(await api.listCancelled(store, { since: 0, cursor: null })).toMatchObject({
      value: { next: null },
    });
  });

  test("webhooks: listed, subscribed, deleted", async () => {
    const webhook = {
      id: 3,
      url: "https://r.test/w/tok",
      event: "order_notify",
      name: "goodcom-relay tee-shop",
    };
    server.answers = [
      json(200, { status: true, message: "", data: [webhook] }),
      json(200, { status: true, message: "", data: webhook }),
      json(200, { status: true, message: "", data: null }),
    ];
    const seen = { id: "3", topic: "order_notify", address: "https://r.test/w/tok" };
    expect(await api.listSubscriptions(store)).toEqual({ kind: "answered", value: [seen] });
    expect(await api.createSubscription(store, "https://r.test/w/tok")).toEqual({
      kind: "answered",
      value: seen,
    });
    expect(await api.deleteSubscription(store, "3")).toEqual({ kind: "answered", value: null });
    expect(asked()).toEqual(["GET /v1/webhooks", "POST /v1/webhooks/subscribe", "DELETE /v1/webhooks/3"]);
    expect(JSON.parse(server.heard[1]?.body ?? "")).toEqual({
      ...{ url: "https://r.test/w/tok", event: "order_notify", name: "goodcom-relay tee-shop" },
    });
    expect(server.heard[1]?.headers["content-type"]).toBe("application/json");
  });

  // docs.swiftpod.com, "Subscribe to Webhook": the answer is {status, message} and names no webhook.
  test("subscribed with a message alone: the webhook is looked up in the list", async () => {
    const webhook = { id: 12, url: "https://r.test/w/token", event: "order_notify" };
    const done = json(200, { status: true, message: "Updated webhook url successfully!" });
    server.answers = [
      ...[done, json(200, { status: true, data: [{ ...webhook, id: 11, url: "https://x.test" }, webhook] })],
      ...[done, json(200, { status: true, data: [] })],
    ];
    expect(await api.createSubscription(store, webhook.url)).toEqual({
      kind: "answered",
      value: { id: "12", topic: "order_notify", address: webhook.url },
    });
    expect(await api.createSubscription(store, webhook.url)).toMatchObject({ why: "unknown" });
  });

  test.each([
    ["https://r.test/webhooks/fastpod/tee-shop/MARKED-1", "https://r.test/webhooks/fastpod/tee-shop/***"],
    ['{"url":"https:\\/\\/r.test\\/webhooks\\/fastpod\\/tee-shop\\/MARKED_2"}', 'tee-shop\\/***"}'],
    ["https%3A%2F%2Fr.test%2Fwebhooks%2Ffastpod%2Ftee-shop%2FMARKED~3", "tee-shop%2F***"],
    ["token tok%2FMARKED no", "token *** no"],
  ])("bug: an address that its API repeated was shown with its token: %s", async (said, shown) => {
    server.answers = [json(422, { status: false, message: `taken by ${said}` })];
    const hasSlash = { ...store, api: { ...store.api!, token: "tok/MARKED" } };
    const answer = await api.createSubscription(hasSlash, "https://r.test/w/tok");
    expect(answer).toMatchObject({ why: "refused", detail: expect.stringContaining(shown) as string });
    expect(JSON.stringify(answer)).not.toContain("MARKED");
  });

  test("a failure inside a 200 is a refusal, in the API's words and without the token", async () => {
    const refusal = { status: false, message: "Order is in production: Bearer tok-1", data: { id: "1" } };
    server.answers = [json(200, refusal), json(200, { ...refusal, data: null })];
    const request = { reason: "x", at: 0, restock: true, email: false, amount: null, currency: null };
    const detail = "FastPOD's API answered 200 with status false: Order is in production: Bearer ***";
    expect(await api.cancelOrder(store, "1", request)).toMatchObject({ why: "refused", detail });
    expect(await api.getOrder(store, "1", "once")).toMatchObject({ why: "refused", detail });
  });
});
