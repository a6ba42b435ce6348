import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Cancellation } from "../../../src/core/cancellation.ts";
import { fastpodWebhook as fastpod } from "../../../src/platforms/fastpod/webhook.ts";
import { aRequest, aStore, fixture, NOW } from "../a-store.ts";
import { platformContract } from "../contract.ts";

const TOKEN = "a-token-of-thirty-two-characters";
/** `printf '%s' TOKEN | sha256sum` */
const TOKEN_HASH = "93ac6ca3eb2717cffe29e953c6f80ce065f257845857848b140f70beacbeb7fb";
const STORE = aStore({ name: "tee-shop", platform: "fastpod", token_hashes: [TOKEN_HASH], currency: "USD" });
const WEBHOOK = "fastpod.webhook.likely-envelope.json";
const API_ANSWER = "fastpod.cancel_response.official.json";

/** The vendor's example order, read by a person. */
const MEANS: Cancellation = {
  order_id: "FAS105-111423-000006",
  order_name: "20231111",
  created_at: 1_701_935_675_000,
  cancelled_at: 1_701_937_790_000,
  reason: null,
  merchant_note: null,
  buyer_note: null,
  handover: "delivery",
  shipping_method: "Express",
  payment: "unpaid",
  payment_method: "cash",
  currency: "USD",
  amounts: {
    subtotal: "14.40",
    discount: null,
    delivery: "24.00",
    delivery_tax: null,
    extra: "0.00",
    tip: null,
    tax: null,
    total: "38.40",
    refunded: null,
  },
  buyer: {
    name: "Michael Brown",
    phone: "(330) 829-0294",
    address: "3431 Reeves Street, My company",
    town: "Milwaukee, WI, 53202, US",
  },
  items: [
    {
      quantity: "1",
      name: "Line Item 1",
      variant: "3001 / AQUA / 3XL",
      sku: "UABSTAQUBXL3",
      options: [],
      note: null,
      amount: "14.40",
    },
  ],
  test: false,
  problems: [],
};

platformContract({
  platform: fastpod,
  store: STORE,
  fixtures: [
    { file: WEBHOOK, means: MEANS },
    { file: API_ANSWER, means: { ...MEANS, order_id: "string", order_name: "string" } },
  ],
  smallest: (id) => `{"data":{"order_status":"cancelled","id":${id}}}`,
  authentic: (body) => aRequest(body, { path_token: TOKEN }),
  deciding: /^data(\.(id|order_status))?$/,
  keys: [
    ...Object.keys((JSON.parse(fixture(WEBHOOK).toString()) as { data: object }).data),
    ...["event", "street1", "city", "name", "style", "color", "price", "unit_price", "quantity"],
  ],
});

function read(body: object) {
  return fastpod.read(Buffer.from(JSON.stringify(body)), STORE);
}

describe("FastPOD's token", () => {
  const verify = (path_token: string | null, token_hashes: string[]) =>
    fastpod.verify(aRequest("{}", { path_token }), { ...STORE, token_hashes }, NOW)?.why ?? null;

  test("any of those kept passes", () => {
    const other = createHash("sha256").update("another token").digest("hex");
    expect(verify(TOKEN, [TOKEN_HASH])).toBeNull();
    expect(verify(TOKEN, [other, TOKEN_HASH])).toBeNull();
    expect(verify("another token", [other, TOKEN_HASH])).toBeNull();
  });

  test("bug: one that had ended, which FastPOD still called, was as unknown as a stranger's guess", () => {
    const ended = [{ value: TOKEN_HASH, valid_until: NOW }];
    const at = (token: string, now: number) =>
      fastpod.verify(aRequest("{}", { path_token: token }), { ...STORE, token_hashes: ended }, now)?.why ??
      null;
    expect(at(TOKEN, NOW - 1)).toBeNull();
    expect(at(TOKEN, NOW)).toBe("ended_token");
    expect(at(TOKEN.slice(1), NOW)).toBe("unknown_token");
  });

  test("everything else is unknown", () => {
    expect(verify(TOKEN.slice(1), [TOKEN_HASH])).toBe("unknown_token");
    expect(verify(TOKEN.toUpperCase(), [TOKEN_HASH])).toBe("unknown_token");
    expect(verify(TOKEN_HASH, [TOKEN_HASH])).toBe("unknown_token");
    expect(verify(null, [TOKEN_HASH])).toBe("unknown_token");
    expect(verify(TOKEN, [])).toBe("unknown_token");
    expect(verify(TOKEN, ["", "zz", TOKEN_HASH.slice(2)])).toBe("unknown_token");
    // SHA-256 of nothing
    const ofNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    expect(verify("", [ofNothing])).toBe("unknown_token");
  });
});

describe("FastPOD's evidence of a cancellation", () => {
  test.each([
    { data: { id: "7", order_status: "cancelled" } },
    { data: { id: "7", order_status: "Canceled" } },
    { order: { id: "7", status: "in_production_cancelled" } },
    { id: "7", order_status: "cancelled" },
    { order_id: 7, status: "cancelled" },
    { event: { status: "cancelled" }, data: { id: "7" } },
    { event: { name: "order.cancelled" }, data: { id: "7" } },
    { event: "order_canceled", data: { id: "7" } },
    { data: { id: "7", order_status: "shipped", cancelled_at: "2023-12-07T08:29:50.000000Z" } },
  ])("%j is", (body) => {
    expect(read(body)).toMatchObject({ kind: "cancellation", cancellation: { order_id: "7", problems: [] } });
  });

  test.each([
    [{ status: true, message: "Order cancelled", data: { id: "7" } }, "the order has no status"],
    [
      { status: true, data: { id: "7", order_status: "in_production" } },
      "the order's status is in_production",
    ],
    [{ data: { id: "7", order_status: "rejected", cancelled_at: null } }, "the order's status is rejected"],
    [{ event: "order_created", data: { id: "7" } }, "the order has no status"],
    [{ event: "order_cancellation_requested", data: { id: "7" } }, "the order has no status"],
  ])("%j is not: ignored", (body, reason) => {
    expect(read(body)).toEqual({ kind: "ignored", reason });
  });

  test("a cancelled_at that is neither empty nor a time a person should see", () => {
    expect(read({ data: { id: "7", cancelled_at: true } }).kind).toBe("quarantined");
  });
});

describe("FastPOD's oddities", () => {
  test("a wrapper without a usable id is passed over for the root", () => {
    expect(read({ id: "7", order_status: "cancelled", data: { note: "x" } })).toMatchObject({
      cancellation: { order_id: "7" },
    });
  });

  test("regression: SwiftPOD's form printed the platform's own number, not the merchant's", () => {
    const data = { id: 585278, order_id: "OD-123", status: "cancelled" };
    expect(read({ event: { name: "order_notify", status: "cancelled" }, data })).toMatchObject({
      cancellation: { order_id: "585278", order_name: "OD-123" },
    });
  });

  test("the event's time stands in for the order's, and its last change for both", () => {
    const event = { status: "cancelled", timestamp: "2023-12-07T08:29:51.797781Z" };
    const changed = { id: "7", order_status: "cancelled", updated_at: "2023-12-07T08:29:50.000000Z" };
    expect(read({ data: { ...changed, cancelled_at: null } })).toMatchObject({
      cancellation: { cancelled_at: 1_701_937_790_000 },
    });
    expect(read({ event, data: changed })).toMatchObject({
      cancellation: { cancelled_at: 1_701_937_791_797 },
    });
  });

  test.each([
    [true, true],
    ["true", true],
    [1, true],
    [false, false],
    ["0", false],
    [null, false],
  ])("test_order %j is %s", (test_order, expected) => {
    expect(read({ data: { id: "7", order_status: "cancelled", test_order } })).toMatchObject({
      cancellation: { test: expected, problems: [] },
    });
  });

  test("the fees add up, under the vendor's spelling and the right one", () => {
    const fees = { surcharge_total: 0.1, labeling_fee: 0.2 };
    expect(read({ id: "7", status: "cancelled", ...fees, peak_season_surchage: 1 })).toMatchObject({
      cancellation: { amounts: { extra: "1.30" } },
    });
    expect(read({ id: "7", status: "cancelled", ...fees, peak_season_surcharge: 2 })).toMatchObject({
      cancellation: { amounts: { extra: "2.30" } },
    });
  });

  test("amounts have the digits of the store's currency", () => {
    const body = Buffer.from('{"id":"7","status":"cancelled","order_total":1250.4}');
    expect(fastpod.read(body, { ...STORE, currency: "VND" })).toMatchObject({
      cancellation: { currency: "VND", amounts: { total: "1250" } },
    });
  });

  test("shipping methods are numbers with the vendor's names; any other number tells a cook nothing", () => {
    const methods = ["1", "2", 3, "4", "5", "Courier"].map((shipping_method) => {
      const reading = read({ data: { id: "FAS-1", status: "cancelled", shipping_method } });
      return reading.kind === "cancellation" && reading.cancellation.shipping_method;
    });
    expect(methods).toEqual(["Standard", "Priority", "Express", "Prime", null, "Courier"]);
  });

  test("a gift message is the buyer's note, on one line", () => {
    expect(read({ id: "7", status: "cancelled", gift_message: "Happy\nbirthday\u0007!" })).toMatchObject({
      cancellation: { buyer_note: "Happy birthday!" },
    });
  });
});

test("FastPOD's labels are the event's", () => {
  expect(fastpod.labels({}, fixture(WEBHOOK))).toEqual({
    webhook_id: "321ad951-9b89-46e1-849a-8b345db22585",
    topic: "order_notify",
  });
  expect(fastpod.labels({}, Buffer.from('{"event":"order_cancelled"}'))).toEqual({
    webhook_id: null,
    topic: "order_cancelled",
  });
  expect(fastpod.labels({}, Buffer.from("not json"))).toEqual({ webhook_id: null, topic: null });
});

test("FastPOD names no shop", () => {
  const request = { headers: {}, body: Buffer.from('{"store_id":"9"}') };
  expect(fastpod.verifyShop(request, { ...STORE, shop_id: "1" })).toBeNull();
});
