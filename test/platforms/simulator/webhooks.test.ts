import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { PlatformName } from "../../../src/core/cancellation.ts";
import { openSampleOrder } from "../../../src/platforms/sample.ts";
import { NOW, openReceiver, openStore, type OpenStore, type Receiver } from "./open.ts";

const SECRET = "the-app-secret";
const SUBSCRIBE: Record<PlatformName, (address: string) => [string, { webhook?: object }]> = {
  shopline: (address) => [
    "/admin/openapi/v20250601/webhooks.json",
    { webhook: { topic: "orders/cancelled", address } },
  ],
  shoplazza: (address) => ["/openapi/2022-01/webhooks", { topic: "orders/cancelled", address } as object],
  fastpod: (url) => ["/v1/webhooks/subscribe", { url, event: "order_notify", name: "relay" } as object],
};

/** A store with one open order, 7, and somebody whom it calls. */
async function openHook(
  platform: PlatformName,
  more: object = {},
): Promise<OpenStore & { receiver: Receiver }> {
  const receiver = await openReceiver();
  const opened = await openStore(platform, { http_addresses: true, secret: SECRET, ...more });
  expect((await opened.ask("POST", ...SUBSCRIBE[platform](receiver.url))).status).toBe(200);
  putOpen(opened, platform, "7");
  return { ...opened, receiver };
}

function putOpen({ store }: OpenStore, platform: PlatformName, order_id: string): void {
  store.put(openSampleOrder(platform, { now: NOW, order_id, order_name: `#${order_id}` }).order);
}

describe("the webhook", () => {
  test("of SHOPLINE is the bare order, signed with lower-case hex", async () => {
    const { store, clock, receiver } = await openHook("shopline");
    store.cancel("7", "Sold out");
    await clock.settle();
    const [{ headers, body } = { headers: {}, body: "" }] = receiver.got;
    expect(JSON.parse(body)).toMatchObject({
      ...{ id: "7", name: "#7", cancel_reason: "Sold out", cancelled_at: "2026-11-24T15:00:00+08:00" },
    });
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "x-shopline-topic": "orders/cancelled",
      "x-shopline-api-version": "v20250601",
      "x-shopline-hmac-sha256": createHmac("sha256", SECRET).update(body).digest("hex"),
    });
    expect(store.sent()).toEqual([{ order_id: "7", address: receiver.url, try: 1, status: 200 }]);
  });

  test("of Shoplazza is wrapped in order, signed with base64, and spelled as in the subscription's version", async () => {
    const { store, clock, receiver } = await openHook("shoplazza");
    store.cancel("7");
    await clock.settle();
    const [{ headers, body } = { headers: {}, body: "" }] = receiver.got;
    expect(JSON.parse(body)).toMatchObject({
      order: { id: "7", status: "cancelled", canceled_at: "2026-11-24T07:00:00Z" },
    });
    expect(headers).toMatchObject({
      "x-shoplazza-topic": "orders/cancelled",
      "x-shoplazza-api-version": "2022-01",
      "x-shoplazza-hmac-sha256": createHmac("sha256", SECRET).update(body).digest("base64"),
    });
  });

  test("of FastPOD is an event with the order as its data, unsigned", async () => {
    const { store, clock, receiver } = await openHook("fastpod");
    store.cancel("7");
    await clock.settle();
    const [{ headers, body } = { headers: {}, body: "" }] = receiver.got;
    expect(JSON.parse(body)).toMatchObject({
      event: { name: "order_notify", status: "cancelled", timestamp: "2026-11-24T07:00:00.000000Z" },
      data: { id: "7", order_status: "cancelled" },
    });
    expect(Object.keys(headers).filter((name) => /hmac|signature/.test(name))).toEqual([]);
  });

  test.each([
    ["shopline", "/admin/openapi/v20250601/orders/7/cancel.json"],
    ["shoplazza", "/openapi/2025-06/orders/7/cancel"],
    ["fastpod", "/v1/orders/7/cancel"],
  ] as const)(
    "of %s follows a cancellation by the API as it follows the merchant's",
    async (platform, path) => {
      const { ask, clock, receiver } = await openHook(platform);
      expect((await ask("POST", path, {})).status).toBe(200);
      await clock.settle();
      expect(receiver.got.length).toBe(1);
    },
  );

  test("goes to every subscription of cancellations, and to no other", async () => {
    const first = await openHook("shopline");
    const other = await openReceiver();
    const deaf = await openReceiver();
    await first.ask("POST", ...SUBSCRIBE.shopline(other.url));
    const [path, { webhook }] = SUBSCRIBE.shopline(deaf.url);
    await first.ask("POST", path, { webhook: { ...webhook, topic: "orders/updated" } });
    first.store.cancel("7");
    await first.clock.settle();
    expect([first.receiver.got.length, other.got.length, deaf.got.length]).toEqual([1, 1, 0]);
  });

  test("is not sent while webhooks are off, nor when they are on again, nor after the subscriptions are gone", async () => {
    const opened = await openHook("shopline");
    for (const id of ["8", "9"]) putOpen(opened, "shopline", id);
    const { store, clock, receiver } = opened;
    store.setSendsWebhooks(false);
    store.cancel("7");
    store.setSendsWebhooks(true);
    await clock.advance(3600_000);
    expect(receiver.got).toEqual([]);
    store.cancel("8");
    await clock.settle();
    expect(receiver.got.length).toBe(1);
    store.dropSubscriptions();
    expect(store.subscriptions()).toEqual([]);
    store.cancel("9");
    await clock.settle();
    expect(receiver.got.length).toBe(1);
  });
});

describe("a webhook that is answered badly", () => {
  /** When each try came, in seconds after the cancellation. */
  async function triesIn(opened: OpenStore, receiver: Receiver, forMs: number, stepMs: number) {
    const tries: number[] = [];
    for (let at = 0; at <= forMs; at += stepMs) {
      await opened.clock.advance(at === 0 ? 0 : stepMs);
      while (tries.length < receiver.got.length) tries.push(at / 1000);
    }
    return tries;
  }

  test("of SHOPLINE is tried again at once, after 5 s and after 10 s, with the same id and bytes", async () => {
    const opened = await openHook("shopline");
    const { store, receiver } = opened;
    receiver.status = 204;
    store.cancel("7");
    expect(await triesIn(opened, receiver, 20_000, 1000)).toEqual([0, 0, 5, 15]);
    const ids = receiver.got.map(({ headers }) => headers["x-shopline-webhook-id"]);
    expect(ids[0]).toMatch(/^\w{24}$/);
    expect(new Set(ids).size).toBe(1);
    expect(new Set(receiver.got.map(({ body }) => body)).size).toBe(1);
    expect(store.sent().map((one) => [one.try, one.status])).toEqual([
      [1, 204],
      [2, 204],
      [3, 204],
      [4, 204],
    ]);
  });

  test("of Shoplazza is tried again as its page says, so many times faster as it is told", async () => {
    const opened = await openHook("shoplazza", { retry_speed: 60 });
    opened.receiver.status = 500;
    opened.store.cancel("7");
    // Minutes 1, 2, 2, 5, 20, 30, 60, 120 and 240, as seconds, each after the one before.
    expect(await triesIn(opened, opened.receiver, 500_000, 1000)).toEqual([
      0, 1, 3, 5, 10, 30, 60, 120, 240, 480,
    ]);
  });

  test("any 2xx is taken by Shoplazza and FastPOD, exactly 200 by SHOPLINE; nobody there is a failure too", async () => {
    for (const platform of ["shoplazza", "fastpod"] as const) {
      const opened = await openHook(platform);
      opened.receiver.status = 204;
      opened.store.cancel("7");
      expect(await triesIn(opened, opened.receiver, 3600_000, 60_000)).toEqual([0]);
    }
    const opened = await openStore("shopline", { http_addresses: true });
    putOpen(opened, "shopline", "7");
    await opened.ask("POST", ...SUBSCRIBE.shopline("http://127.0.0.1:1/nobody"));
    opened.store.cancel("7");
    await opened.clock.advance(4999);
    expect(opened.store.sent().map(({ status }) => status)).toEqual([null, null]);
  });

  test.each(["shopline", "shoplazza"] as const)(
    "costs the subscription of %s after exactly 19 failures in a row",
    async (platform) => {
      const opened = await openHook(platform);
      const { store, clock, receiver } = opened;
      receiver.status = 500;
      store.cancel("7");
      // Both vendors' schedules take two days.
      let hours = 0;
      while (store.sent().length < 18 && hours++ < 48) await clock.advance(3600_000);
      expect(store.sent().length).toBe(18);
      expect(store.subscriptions()).toMatchObject([{ failures: 18 }]);
      while (store.sent().length < 19 && hours++ < 48) await clock.advance(3600_000);
      expect(store.sent().length).toBe(19);
      expect(store.subscriptions()).toEqual([]);
      await clock.advance(48 * 3600_000);
      expect(receiver.got.length).toBe(19);
    },
  );

  test("begins to count anew after a success", async () => {
    const opened = await openHook("shopline");
    const { store, clock, receiver } = opened;
    receiver.status = 500;
    store.cancel("7");
    await clock.advance(0);
    expect(store.subscriptions()).toMatchObject([{ failures: 2 }]);
    receiver.status = 200;
    await clock.advance(5000);
    expect(store.subscriptions()).toMatchObject([{ failures: 0 }]);
    await clock.advance(48 * 3600_000);
    expect(receiver.got.length).toBe(3);
  });

  test("waits no longer once its subscription is deleted, or the store is closed", async () => {
    const opened = await openHook("shopline");
    const { store, clock, receiver, ask } = opened;
    receiver.status = 500;
    store.cancel("7");
    await clock.advance(0);
    const [{ id } = { id: "" }] = store.subscriptions();
    await ask("DELETE", `/admin/openapi/v20250601/webhooks/${id}.json`);
    await clock.advance(3600_000);
    expect(receiver.got.length).toBe(2);

    const other = await openHook("shopline");
    other.receiver.status = 500;
    other.store.cancel("7");
    await other.clock.advance(0);
    await other.store.close();
    await other.clock.advance(3600_000);
    expect(other.receiver.got.length).toBe(2);
  });
});
