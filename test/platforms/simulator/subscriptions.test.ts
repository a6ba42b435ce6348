import { describe, expect, test } from "vitest";
import type { PlatformName } from "../../../src/core/cancellation.ts";
import { openStore } from "./open.ts";

const LINE = "/admin/openapi/v20250601/webhooks";
const TOPIC = "orders/cancelled";
const HOOK = "https://relay.example.com/hook";

describe("SHOPLINE", () => {
  test("lists what was subscribed, with its version, until it is deleted", async () => {
    const { ask, store } = await openStore("shopline");
    const made = await ask("POST", `${LINE}.json`, {
      webhook: { topic: TOPIC, address: HOOK, api_version: "v20251201" },
    });
    const webhook = { id: "5100000000000000001", topic: TOPIC, address: HOOK, api_version: "v20251201" };
    expect(made).toMatchObject({ status: 200, body: { webhook } });
    expect(store.subscriptions()).toMatchObject([{ topic: TOPIC, address: HOOK }]);
    expect((await ask("GET", `${LINE}.json`)).body).toEqual({ webhooks: [webhook] });

    expect((await ask("DELETE", `${LINE}/5100000000000000001.json`)).status).toBe(200);
    expect((await ask("GET", `${LINE}.json`)).body).toEqual({ webhooks: [] });
    expect(await ask("DELETE", `${LINE}/5100000000000000001.json`)).toMatchObject({
      ...{ status: 404, body: { errors: "The webhook does not exist" } },
    });
  });

  test("takes a second address for one topic, and the version of the path where none is said", async () => {
    const { ask } = await openStore("shopline");
    for (const address of [HOOK, `${HOOK}2`]) {
      const made = await ask("POST", `${LINE}.json`, { webhook: { topic: TOPIC, address } });
      expect(made).toMatchObject({ status: 200, body: { webhook: { api_version: "v20250601" } } });
    }
    expect((await ask("POST", `${LINE}.json`, { webhook: { topic: TOPIC, address: HOOK } })).status).toBe(
      422,
    );
  });
});

describe("Shoplazza", () => {
  test.each([
    ["2022-01", { topic: TOPIC, address: HOOK }, { webhook: { topic: TOPIC, address: HOOK } }],
    ["2025-06", { webhook: { topic: TOPIC, address: HOOK } }, { topic: TOPIC, address: HOOK }],
  ])("takes the body of its version alone (%s)", async (version, right, wrong) => {
    const { ask } = await openStore("shoplazza", { rate_limit: false });
    const path = `/openapi/${version}/webhooks`;
    expect(await ask("POST", path, wrong)).toMatchObject({
      ...{ status: 400, body: { errors: ["topic is required"] } },
    });
    const made = await ask("POST", path, right);
    const webhook = { id: "b3f1c2d4-0000-4000-8000-000000000001", topic: TOPIC, address: HOOK };
    const told = (data: object) => (version === "2022-01" ? data : { code: "Success", message: "", data });
    expect([made.status, made.body]).toEqual([200, told({ webhook })]);
    expect((await ask("GET", path)).body).toEqual(told({ webhooks: [webhook] }));
  });

  test("refuses a second subscription of one topic", async () => {
    const { ask } = await openStore("shoplazza", { rate_limit: false });
    const path = "/openapi/2022-01/webhooks";
    expect((await ask("POST", path, { topic: TOPIC, address: HOOK })).status).toBe(200);
    expect(await ask("POST", path, { topic: TOPIC, address: `${HOOK}2` })).toMatchObject({
      ...{ status: 400, body: { errors: ["this topic has been subscribed to already"] } },
    });
    expect((await ask("POST", path, { topic: "orders/paid", address: HOOK })).status).toBe(200);
    await ask("DELETE", `${path}/b3f1c2d4-0000-4000-8000-000000000001`);
    expect((await ask("POST", path, { topic: TOPIC, address: `${HOOK}2` })).status).toBe(200);
  });
});

test("FastPOD subscribes, lists and deletes in its envelope", async () => {
  const { ask } = await openStore("fastpod");
  const made = await ask("POST", "/v1/webhooks/subscribe", {
    url: HOOK,
    event: "order_notify",
    name: "relay",
  });
  const data = { id: 701, url: HOOK, event: "order_notify" };
  expect(made).toMatchObject({ status: 200, body: { status: true, message: "Success.", data } });
  expect((await ask("GET", "/v1/webhooks")).body).toMatchObject({ status: true, data: [data] });
  expect((await ask("DELETE", "/v1/webhooks/701")).body).toMatchObject({ status: true, data: null });
  expect(await ask("DELETE", "/v1/webhooks/701")).toMatchObject({
    ...{ status: 404, body: { status: false, message: "Webhook not found." } },
  });
});

describe("an address", () => {
  const subscribe: Record<PlatformName, (address: unknown) => [string, object]> = {
    shopline: (address) => [`${LINE}.json`, { webhook: { topic: TOPIC, address } }],
    shoplazza: (address) => ["/openapi/2022-01/webhooks", { topic: TOPIC, address }],
    fastpod: (url) => ["/v1/webhooks/subscribe", { url, event: "order_notify" }],
  };

  test.each(["shopline", "shoplazza", "fastpod"] as const)("of %s is https, or refused", async (platform) => {
    const { ask, store } = await openStore(platform, { rate_limit: false });
    for (const wrong of ["http://127.0.0.1:1/hook", "ftp://example.com", "relay.example.com", "", null, 1]) {
      expect([400, 422]).toContain((await ask("POST", ...subscribe[platform](wrong))).status);
    }
    expect(store.subscriptions()).toEqual([]);
    expect((await ask("POST", ...subscribe[platform](HOOK))).status).toBe(200);
  });

  test.each(["shopline", "shoplazza", "fastpod"] as const)(
    "of %s may be http where the simulator is told so, and still nothing else",
    async (platform) => {
      const { ask } = await openStore(platform, { rate_limit: false, http_addresses: true });
      expect((await ask("POST", ...subscribe[platform]("http://127.0.0.1:1/hook"))).status).toBe(200);
      expect([400, 422]).toContain((await ask("POST", ...subscribe[platform]("ftp://example.com"))).status);
    },
  );
});
