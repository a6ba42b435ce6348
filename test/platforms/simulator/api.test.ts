import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { createFastpodSimulator } from "../../../src/platforms/fastpod/simulator.ts";
import { openStore, NOW, TOKEN } from "./open.ts";

const LINE = "/admin/openapi/v20250601";

describe("the token", () => {
  test.each([
    ["shopline", `${LINE}/webhooks.json`, { errors: "Unauthenticated." }],
    ["shoplazza", "/openapi/2022-01/webhooks", { errors: ["Unauthenticated."] }],
    ["fastpod", "/v1/webhooks", { status: false, message: "Unauthenticated." }],
  ] as const)("of %s is taken only as the vendor has it shown", async (platform, path, refusal) => {
    const { ask } = await openStore(platform);
    expect((await ask("GET", path)).status).toBe(200);
    const wrong = [
      {},
      { authorization: "Bearer the-toke" },
      { authorization: TOKEN },
      { authorization: `Basic ${TOKEN}` },
      { "access-token": "the-token2" },
      platform === "shoplazza" ? { authorization: `Bearer ${TOKEN}` } : { "access-token": TOKEN },
    ] as Record<string, string>[];
    for (const headers of wrong) {
      expect(await ask("GET", path, undefined, headers)).toMatchObject({ status: 401, body: refusal });
    }
  });

  test.each([
    ["shopline", `${LINE}/orders/1/cancel.json`, ["read_orders"], "write_orders"],
    ["shoplazza", "/openapi/2025-06/orders/1/cancel", ["read_order"], "write_order"],
    ["fastpod", "/v1/orders/1/cancel", ["orders:read", "webhooks"], "orders:write"],
  ] as const)("of %s may lack a scope, which the refusal names", async (platform, path, scopes, missing) => {
    const { ask } = await openStore(platform, { scopes });
    const { status, body } = await ask("POST", path, {});
    expect(status).toBe(403);
    expect(JSON.stringify(body)).toContain(`This token lacks the access scope ${missing}`);
  });
});

describe("the rate", () => {
  test("of SHOPLINE is a burst of 40, then 4 a second", async () => {
    const { ask, clock } = await openStore("shopline");
    const statuses = async (count: number) => {
      const seen: number[] = [];
      for (let i = 0; i < count; i++) seen.push((await ask("GET", `${LINE}/webhooks.json`)).status);
      return seen;
    };
    expect(await statuses(40)).toEqual(Array<number>(40).fill(200));
    const refused = await ask("GET", `${LINE}/webhooks.json`);
    expect(refused).toMatchObject({ status: 429, body: { errors: "Too many requests" } });
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(refused.headers.get("traceid")).toMatch(/^\w+$/);
    await clock.advance(1000);
    expect(await statuses(5)).toEqual([200, 200, 200, 200, 429]);
  });

  test("of Shoplazza is 2 a second", async () => {
    const { ask, clock } = await openStore("shoplazza");
    const ask3 = async () => {
      const seen: number[] = [];
      for (let i = 0; i < 3; i++) seen.push((await ask("GET", "/openapi/2025-06/webhooks")).status);
      return seen;
    };
    expect(await ask3()).toEqual([200, 200, 429]);
    await clock.advance(1000);
    expect(await ask3()).toEqual([200, 200, 429]);
  });

  test("can be left out", async () => {
    const { ask } = await openStore("shoplazza", { rate_limit: false });
    for (let i = 0; i < 5; i++) expect((await ask("GET", "/openapi/2022-01/webhooks")).status).toBe(200);
  });
});

describe("what is asked", () => {
  test("is remembered in its order, whatever became of it", async () => {
    const { ask, store } = await openStore("fastpod");
    await ask("GET", "/v1/orders?page=2", undefined, {});
    await ask("POST", "/v1/webhooks/subscribe", { url: 1 });
    expect(store.requests()).toEqual([
      { method: "GET", path: "/v1/orders?page=2", body: null },
      { method: "POST", path: "/v1/webhooks/subscribe", body: { url: 1 } },
    ]);
    expect(store.requestCount()).toBe(2);
  });

  test.each([
    ["shopline", `${LINE}/orders/1.json`],
    ["shopline", "/admin/openapi/2025-06/orders.json"],
    ["shoplazza", "/openapi/2024-01/orders"],
    ["fastpod", "/v2/orders"],
  ] as const)("of %s at an address it does not have is a 404 (%s)", async (platform, path) => {
    expect((await (await openStore(platform)).ask("GET", path)).status).toBe(404);
  });

  test("may be no JSON at all", async () => {
    const { url } = await openStore("shoplazza");
    const answer = await fetch(`${url}/openapi/2022-01/webhooks`, {
      ...{ method: "POST", headers: { "access-token": TOKEN }, body: '{"topic":' },
    });
    expect([answer.status, await answer.json()]).toEqual([400, { errors: ["topic is required"] }]);
  });
});

describe("failing", () => {
  test("is as often as was said, and then all is well again", async () => {
    const { ask, store } = await openStore("shopline");
    store.setFailing("unavailable", 2);
    for (let i = 0; i < 2; i++) {
      const answer = await ask("GET", `${LINE}/webhooks.json`);
      expect(answer).toMatchObject({ status: 503, body: { errors: "Unavailable" } });
      expect(answer.headers.get("retry-after")).toBe("7");
    }
    expect((await ask("GET", `${LINE}/webhooks.json`)).status).toBe(200);
  });

  test("a lost answer is to something that was done", async () => {
    const { ask, store } = await openStore("fastpod");
    store.put({ id: "1", order_status: "new_order" });
    store.setFailing("lost_answer");
    await expect(ask("POST", "/v1/orders/1/cancel")).rejects.toThrow();
    expect(store.order("1")).toMatchObject({ order_status: "cancelled" });
  });
});

test("a busy port is an error the caller can act on; there is no address before it listens", async () => {
  const holder = createServer();
  await new Promise<void>((listening) => holder.listen(0, "127.0.0.1", listening));
  const clock = { now: () => NOW, after: () => () => undefined };
  const second = createFastpodSimulator({ clock, token: TOKEN });
  expect(() => second.url()).toThrow("does not listen");
  await expect(second.listen((holder.address() as AddressInfo).port)).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
  expect(await second.listen(0)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(second.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await second.close();
  holder.close();
});
