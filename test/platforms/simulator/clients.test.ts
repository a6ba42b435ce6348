import { afterEach, describe, expect, test } from "vitest";
import type { Clock } from "../../../src/core/time.ts";
import { createFastpodApi } from "../../../src/platforms/fastpod/api.ts";
import { openSampleOrder } from "../../../src/platforms/sample.ts";
import { createShoplazzaApi } from "../../../src/platforms/shoplazza/api.ts";
import { createShoplineApi } from "../../../src/platforms/shopline/api.ts";
import { systemClock } from "../../../src/system.ts";
import { aStore } from "../a-store.ts";
import { NOW, openStore, TOKEN } from "./open.ts";

const HOOK = "https://relay.example.com/hook";
const REQUEST = { reason: "Sold out", at: NOW, restock: true, email: false, amount: null, currency: null };
/** More than a page of any of the stores. */
const ORDERS = 251;

/** Ten times as fast as the machine's, so that the clients' own rates take no time worth mentioning. */
function fastClock(): Clock {
  const start = systemClock.now();
  return {
    now: () => NOW + (systemClock.now() - start) * 10,
    after: (delayMs, task) => systemClock.after(delayMs / 10, task),
  };
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

describe.each([
  ["shopline", null, createShoplineApi],
  ["shoplazza", "2022-01", createShoplazzaApi],
  ["shoplazza", "2025-06", createShoplazzaApi],
  ["fastpod", null, createFastpodApi],
] as const)("the relay's own client of %s %s", (platform, version, create) => {
  async function openBoth() {
    const opened = await openStore(platform, { rate_limit: false });
    const api = create(fastClock());
    closers.push(() => api.close());
    const settings = aStore({ platform, api: { url: opened.url, token: TOKEN, version, allow_host: null } });
    return { ...opened, api, settings };
  }

  test("subscribes, finds its subscription and deletes it", async () => {
    const { api, settings, store } = await openBoth();
    const made = await api.createSubscription(settings, HOOK);
    expect(made).toMatchObject({ kind: "answered", value: { topic: api.topic, address: HOOK } });
    const listed = await api.listSubscriptions(settings);
    expect(listed).toMatchObject({ kind: "answered", value: [{ topic: api.topic, address: HOOK }] });
    const [one] = listed.kind === "answered" ? listed.value : [];
    expect(await api.deleteSubscription(settings, one?.id ?? "")).toMatchObject({ kind: "answered" });
    expect(store.subscriptions()).toEqual([]);
  });

  test.runIf(platform !== "fastpod")("finds an order by the number that people read", async () => {
    const { api, settings, store } = await openBoth();
    const order_name = platform === "shopline" ? "#1001" : "1001";
    const { order } = openSampleOrder(platform, { now: NOW, order_name });
    store.put(order);
    const found = await api.findOrder?.(settings, "#1001");
    expect(found?.kind === "answered" && JSON.parse(found.value.toString())).toMatchObject({
      order: { [platform === "shopline" ? "name" : "number"]: order_name },
    });
    expect(await api.findOrder?.(settings, "#1")).toMatchObject({ why: "not_found" });
  });

  test("cancels an order once, and reads it", async () => {
    const { api, settings, store } = await openBoth();
    const { order, order_id } = openSampleOrder(platform, { now: NOW });
    store.put(order);
    expect(await api.cancelOrder(settings, order_id, REQUEST)).toMatchObject({ kind: "answered" });
    expect(await api.cancelOrder(settings, order_id, REQUEST)).toMatchObject({
      kind: "failed",
      why: "refused",
    });
    const answer = await api.getOrder(settings, order_id, "once");
    expect(answer.kind === "answered" && answer.value.toString()).toContain(order_id);
    expect(await api.getOrder(settings, "none", "once")).toMatchObject({ why: "not_found" });
  });

  test("lists every cancelled order, page after page", async () => {
    const { api, settings, store } = await openBoth();
    const ids = Array.from({ length: ORDERS }, (_, index) => `order-${index}`);
    for (const [index, order_id] of ids.entries()) {
      const { order } = openSampleOrder(platform, { now: NOW - index, order_id });
      // SHOPLINE lists for itself what a merchant has put away.
      store.put({ ...order, ...(platform === "shopline" && index % 3 === 0 && { hidden_order: true }) });
      store.cancel(order_id);
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await api.listCancelled(settings, { since: NOW - 3600_000, cursor });
      if (page.kind === "failed") throw new Error(page.detail);
      for (const body of page.value.orders) seen.push(/"id":"(order-\d+)"/.exec(body.toString())?.[1] ?? "");
      cursor = page.value.next;
    } while (cursor !== null);
    expect(seen.sort()).toEqual(ids.sort());
  });
});
