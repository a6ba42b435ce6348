import { createHmac } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { PLATFORM_NAMES } from "../../src/core/cancellation.ts";
import { createPlatforms } from "../../src/platforms/index.ts";
import { openSampleOrder, sampleWebhook, signWebhook } from "../../src/platforms/sample.ts";
import { hashToken } from "../../src/platforms/signature.ts";
import { aRequest, aStore } from "./a-store.ts";
import { expectSound } from "./sound.ts";

/** Tue, 24 Nov 2026 07:00:00 GMT */
const NOW = 1_795_503_600_000;
const SECRET = "a-secret-of-forty-url-safe-characters-00";
const STORE = aStore({
  secrets: [SECRET],
  token_hashes: [hashToken(SECRET)],
  shop_id: "1644828244663",
  currency: "USD",
});

const stores = createPlatforms({ clock: { now: () => NOW, after: () => () => undefined } });
afterAll(() => stores.close());

describe.each(PLATFORM_NAMES)("the sample of %s", (name) => {
  const platform = stores.platforms[name];
  const sample = sampleWebhook(name, { now: NOW, store: "demo", secret: SECRET });
  const path_token = name === "fastpod" ? SECRET : null;

  test("is authentic, and only for its own secret", () => {
    const request = aRequest(sample.body, { headers: sample.headers, path_token });
    expect(platform.verify(request, STORE, NOW)).toBeNull();
    expect(platform.verifyShop(request, STORE)).toBeNull();
    const other = aStore({ secrets: ["other"], token_hashes: [hashToken("other")] });
    expect(platform.verify(request, other, NOW)).not.toBeNull();
  });

  test("is a cancellation of moments ago, with a reason, and nothing in it is a problem", () => {
    const reading = platform.read(sample.body, STORE);
    expectSound(reading);
    if (reading.kind !== "cancellation") throw new Error("no cancellation");
    const { cancellation } = reading;
    expect(cancellation).toMatchObject({
      order_id: sample.order_id,
      order_name: sample.order_name,
      problems: [],
      test: false,
    });
    expect(cancellation.cancelled_at).toBeGreaterThanOrEqual(NOW - 10_000);
    expect(cancellation.cancelled_at).toBeLessThan(NOW);
    expect(cancellation.reason).toMatch(/\w+ \w+/);
    expect(cancellation.items.length).toBeGreaterThan(1);
  });

  test("was the same order while it was open, and no cancellation", () => {
    const { order, order_id, order_name } = openSampleOrder(name, { now: NOW });
    const body = Buffer.from(JSON.stringify(order));
    expect([order_id, order_name]).toEqual([sample.order_id, sample.order_name]);
    expect(order.id).toBe(order_id);
    expect(platform.read(body, STORE).kind).toBe("ignored");
    const reading = platform.read(sample.body, STORE);
    if (reading.kind !== "cancellation") throw new Error("no cancellation");
    const { items, amounts } = reading.cancellation;
    expect(platform.readOrder(body, STORE)).toMatchObject({
      cancelled: false,
      cancellation: { order_id, order_name, reason: null, items, amounts },
    });
  });

  test("takes the order's id and name, and another moment is another order", () => {
    const named = sampleWebhook(name, {
      now: NOW,
      store: "demo",
      secret: SECRET,
      order_id: "42",
      order_name: "#42",
    });
    expect(platform.read(named.body, STORE)).toMatchObject({
      cancellation: { order_id: "42", order_name: "#42" },
    });
    expect(sampleWebhook(name, { now: NOW + 1, store: "demo", secret: SECRET }).order_id).not.toBe(
      sample.order_id,
    );
  });

  test("goes to the store's address", () => {
    expect(sample.path).toBe(
      {
        shopline: "/webhooks/shopline/demo",
        shoplazza: "/webhooks/shoplazza/demo",
        fastpod: `/webhooks/fastpod/demo/${SECRET}`,
      }[name],
    );
  });
});

test("only FastPOD's sample has an order for the API", () => {
  const order = (name: (typeof PLATFORM_NAMES)[number]) =>
    sampleWebhook(name, { now: NOW, store: "demo", secret: SECRET, order_id: "42" }).api_order;
  expect(order("shopline")).toBeNull();
  expect(order("shoplazza")).toBeNull();
  expect(order("fastpod")).toMatchObject({ id: "42", order_status: "cancelled" });
});

describe("signing any body", () => {
  const body = Buffer.from('{"id":"7"}\n');
  const mac = createHmac("sha256", SECRET).update(body);

  test("is hex for SHOPLINE, base64 for Shoplazza, and nothing for FastPOD", () => {
    const digest = mac.digest();
    expect(signWebhook("shopline", body, SECRET, NOW)).toMatchObject({
      "content-type": "application/json",
      "x-shopline-topic": "orders/cancelled",
      "x-shopline-hmac-sha256": digest.toString("hex"),
    });
    expect(signWebhook("shoplazza", body, SECRET, NOW)).toMatchObject({
      "x-shoplazza-topic": "orders/cancelled",
      "x-shoplazza-hmac-sha256": digest.toString("base64"),
    });
    expect(signWebhook("fastpod", body, SECRET, NOW)).toEqual({ "content-type": "application/json" });
  });

  test("the webhook's id stays with body and moment", () => {
    const id = (at: number, bytes = body) =>
      signWebhook("shopline", bytes, SECRET, at)["x-shopline-webhook-id"];
    expect(id(NOW)).toBe(id(NOW));
    expect(id(NOW)).not.toBe(id(NOW + 1));
    expect(id(NOW)).not.toBe(id(NOW, Buffer.from("{}")));
  });
});
