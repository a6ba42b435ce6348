import { afterEach, expect, test } from "vitest";
import { PLATFORM_NAMES } from "../../src/core/cancellation.ts";
import { until } from "./process.ts";
import { prepareTwoWay, STORE_OF, TOKEN, type TwoWayShop } from "./two-way-shop.ts";

let shop: TwoWayShop;
afterEach(() => shop.close());

/** A webhook of FastPOD, which proves nothing. */
async function callAsFastpod(url: string, id: string): Promise<void> {
  const body = JSON.stringify({ event: { status: "cancelled" }, data: { id, order_status: "cancelled" } });
  const address = `${url}/webhooks/fastpod/tee-shop/${"t".repeat(43)}`;
  const { status } = await fetch(address, { method: "POST", body });
  expect(status).toBe(200);
}

const DAY_MS = 86_400_000;
const sorted = (ids: readonly string[]): string[] => [...ids].sort();
const told = (type: string): string[] =>
  shop.alerts.received.map(({ text }) => text).filter((text) => text.includes(type));

test("three days away, 200 orders cancelled, every subscription dropped: all print once, all is restored, each told once", async () => {
  shop = await prepareTwoWay();
  shop.setOff(-3 * DAY_MS - 3_600_000);
  const first = await shop.open();
  for (const platform of PLATFORM_NAMES) {
    expect(await first.relay.subscribe(STORE_OF[platform], "cli")).toMatchObject({ result: "created" });
  }
  await first.close();

  const orders: string[] = [];
  for (let number = 0; number < 200; number++) {
    // All through the three days, in all three stores.
    shop.setOff(-3 * DAY_MS + (number * 3 * DAY_MS) / 201);
    const platform = PLATFORM_NAMES[number % 3] ?? "shopline";
    const id = shop.order(platform, number);
    shop.shops[platform].cancel(id);
    orders.push(id);
  }
  // The stores call a relay that is not there, 19 times in a row.
  await until(() =>
    Object.values(shop.shops).every(
      (store) => store.subscriptions().length === 0 || store === shop.shops.fastpod,
    ),
  );
  shop.shops.fastpod.dropSubscriptions();

  shop.setOff(0);
  const second = await shop.open();
  await until(() => shop.paper.length >= 200);
  await until(() => Object.values(shop.shops).every((store) => store.subscriptions().length === 1));
  await until(async () => (await second.ledger.counts(Date.now())).by_state.printed === 200);
  expect(sorted(shop.paper)).toEqual(sorted(orders));
  await until(() => told("lost its webhook subscription").length >= 3);

  // What is cancelled from now on comes by webhook, and nothing prints again.
  const next = shop.order("shopline", 900);
  shop.shops.shopline.cancel(next);
  await until(() => shop.paper.includes(next));
  for (const platform of PLATFORM_NAMES) {
    expect(await second.relay.watch(STORE_OF[platform])).toBe(false);
    expect(await second.relay.reconcile(STORE_OF[platform], "cli")).toMatchObject({ found: 0 });
  }
  expect(shop.paper).toHaveLength(201);
  expect(told("lost its webhook subscription")).toHaveLength(3);
  expect(shop.log.join("")).not.toContain(TOKEN);
}, 120_000);

test("50 orders cancelled from the relay print 50 slips, although 50 webhooks follow", async () => {
  shop = await prepareTwoWay();
  const service = await shop.open();
  for (const platform of PLATFORM_NAMES) await service.relay.subscribe(STORE_OF[platform], "cli");
  const orders = Array.from({ length: 50 }, (_, number) => {
    const platform = PLATFORM_NAMES[number % 3] ?? "shopline";
    return { platform, id: shop.order(platform, number) };
  });
  const results = await Promise.all(
    orders.map(({ platform, id }) =>
      service.relay.cancelOrder(STORE_OF[platform], id, { reason: "Kitchen closed" }, "operator Ana"),
    ),
  );
  expect(results.map(({ result }) => result)).toEqual(orders.map(() => "cancelled"));
  const taken = (): number =>
    Object.values(shop.shops).flatMap((store) => store.sent().filter(({ status }) => status === 200)).length;
  await until(() => taken() === 50);
  await until(async () => (await service.ledger.counts(Date.now())).by_state.printed === 50);
  expect(sorted(shop.paper)).toEqual(sorted(orders.map(({ id }) => id)));
  for (const platform of PLATFORM_NAMES) {
    expect(await service.relay.reconcile(STORE_OF[platform], "cli")).toMatchObject({ found: 0 });
  }
}, 60_000);

test("a wrong token is told once for each store, whatever is tried with it, and stands nowhere", async () => {
  const wrong = "MARKED-wrong-token-0123456789";
  shop = await prepareTwoWay({ token: wrong });
  const service = await shop.open();
  await until(() => told("does not let the relay ask its API").length >= 3);
  // FastPOD's orders wait for its API: they are the store's matter, and none of their own.
  const waiting = shop.order("fastpod", 1);
  await callAsFastpod(service.url, waiting);
  await until(async () => (await service.ledger.counts(Date.now())).by_state.verifying === 1);
  shop.setOff(6 * 60_000);
  for (let round = 0; round < 5; round++) {
    for (const store of Object.values(STORE_OF)) {
      await service.relay.watch(store);
      await expect(service.relay.reconcile(store, "cli")).rejects.toMatchObject({ code: "store_refused" });
      await expect(service.relay.cancelOrder(store, "1", { reason: "x" }, "cli")).rejects.toMatchObject({
        code: "store_refused",
        message: expect.stringContaining(`api.token of store ${store}`) as string,
      });
    }
  }
  await until(async () => (await service.ledger.listAlerts({ limit: 9 })).length === 4);
  expect(shop.alerts.received).toHaveLength(3);
  const seen = [
    shop.log.join(""),
    JSON.stringify(shop.alerts.received),
    JSON.stringify(await service.ledger.storeWatches()),
  ];
  expect(seen.join("")).not.toContain(wrong);
}, 60_000);

test("regression: FastPOD's token of another account voided every order, and nobody was told", async () => {
  shop = await prepareTwoWay();
  const service = await shop.open();
  await callAsFastpod(service.url, "FAS-of-ours");
  await until(() => told("does not know an order").length > 0);
  expect(told("does not know an order")[0]).toContain(
    "order FAS-of-ours: is its api.token one of the same account?",
  );
  // A second one is the same matter, and an order that the API knows ends it.
  await callAsFastpod(service.url, "FAS-of-ours-2");
  await until(async () => (await service.ledger.counts(Date.now())).by_state.void === 2);
  await callAsFastpod(service.url, shop.order("fastpod", 1));
  const ofType = { type: "api.stranger", limit: 9 } as const;
  await until(async () => (await service.ledger.listAlerts(ofType))[0]?.state === "closed");
  expect(await service.ledger.listAlerts(ofType)).toHaveLength(1);
}, 60_000);

test("killed between the store's yes and the ledger: the slip comes by the store's webhook or the next round", async () => {
  shop = await prepareTwoWay();
  const first = await shop.open();
  const id = shop.order("shopline", 1);
  shop.shops.shopline.setSendsWebhooks(false);
  // The store cancels, its answer is lost, and the relay goes before it has looked for what became of the order.
  shop.shops.shopline.setFailing("lost_answer", 1);
  const cancelling = first.relay.cancelOrder("noodle-bar", id, { reason: "x" }, "cli");
  await first.close();
  await cancelling.catch(() => undefined);
  await shop.open();
  await until(() => shop.paper.length > 0);
  expect(shop.paper).toEqual([id]);
}, 60_000);
