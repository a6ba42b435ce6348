import { expect, test } from "vitest";
import { printerSchema, storeSchema, storeSettingsOf } from "../../src/core/settings.ts";
import {
  deliveryDetailJson,
  deliveryJson,
  printerJson,
  storeJson,
  webhookDetailJson,
} from "../../src/answers/json.ts";
import type { StoreWatch } from "../../src/ledger/store-watch.ts";
import type { DeliveryDetail, WebhookWithBody } from "../../src/ledger/ledger.ts";
import { FRESH, T0 } from "../core/a-delivery.ts";

const webhook: WebhookWithBody = {
  id: "01JD0000000000000000000001",
  platform: "shopline",
  store: "noodle-bar",
  platform_webhook_id: "abc",
  topic: "orders/cancelled",
  headers: { "x-shopline-topic": "orders/cancelled" },
  body: Buffer.from('{"id":"1001"}'),
  origin: "webhook",
  received_at: T0,
  status: "accepted",
  reason: null,
  delivery_id: FRESH.id,
  body_bytes: 13,
};

const detail: DeliveryDetail = {
  delivery: FRESH,
  attempts: [
    {
      ...{
        kind: "send",
        number: 1,
        signed_at: T0 + 1,
        started_at: T0,
        finished_at: T0 + 40,
        outcome: "accepted",
        detail: "took it",
      },
      ...{ http_status: 200, request: '{"api_key":"***"}', response: "{}", clock_skew_ms: -3 },
    } as const,
  ],
  earlier_attempts: "17",
  confirmations: [
    { verdict: "accepted", message: "OK", time: "12:30", at: T0 + 2000, raw: '{"ak":"Accepted"}' },
    { verdict: "unrecognised", message: null, time: null, at: T0 + 1000, raw: "cut…" },
  ],
  history: [{ at: T0, state: "pending", by: "relay", note: "received" }],
  webhook,
};

const printer = printerSchema.parse({ name: "kitchen", api_key: "the-key", secret_key: "the-secret" });
const stores = [
  { name: "noodle-bar", platform: "shopline", printer: "kitchen", secrets: ["the-secret"] },
  {
    ...{ name: "tee", platform: "fastpod", printer: "kitchen", tokens: ["t".repeat(32)] },
    api: { url: "https://api-v2.fastpod.net/v1?key=the-key", token: "the-token" },
  },
].map((store) => storeSettingsOf(storeSchema.parse(store), () => "hash"));

test("what is told of a delivery is what the row says, with times in RFC 3339", () => {
  expect(deliveryDetailJson(detail)).toMatchObject({
    id: FRESH.id,
    held: false,
    created_at: "2027-01-15T08:00:00.000Z",
    attempts: [{ number: 1, duration_ms: 40, request: { api_key: "***" }, response: "{}" }],
    confirmation: { verdict: "accepted", at: "2027-01-15T08:00:02.000Z", raw: { ak: "Accepted" } },
    webhook: { id: webhook.id, body_bytes: 13 },
    history: [{ by: "relay", note: "received" }],
  });
  expect(deliveryDetailJson({ ...detail, confirmations: [], webhook: null })).toMatchObject({
    confirmation: null,
    webhook: null,
  });
  expect(deliveryJson({ ...FRESH, next_attempt_at: null }).held).toBe(true);
});

test("regression: a stray word of the printer's was told as its confirmation", () => {
  const said = (verdict: "accepted" | "rejected" | "unrecognised", at: number, message: string) => ({
    ...{ verdict, at, message, time: null, raw: "{}" },
  });
  const confirmations = [
    said("unrecognised", 1, "?"),
    said("accepted", 2, "now"),
    said("rejected", 3, "late"),
  ];
  const told = (state: "printed" | "rejected" | "accepted", of = confirmations) =>
    deliveryDetailJson({ ...detail, delivery: { ...detail.delivery, state }, confirmations: of })
      .confirmation;
  expect(told("printed")).toMatchObject({ verdict: "accepted", message: "now" });
  expect(told("rejected")).toMatchObject({ verdict: "rejected", message: "late" });
  // Nothing has settled it: the latest is all there is to look at.
  const strays = [said("unrecognised", 2, "b"), said("unrecognised", 1, "a")];
  expect(told("accepted", strays)).toMatchObject({ message: "b" });
});

test("a webhook's body is told as text and as bytes, and a pruned one as null", () => {
  expect(webhookDetailJson(webhook)).toMatchObject({
    body: '{"id":"1001"}',
    body_base64: "eyJpZCI6IjEwMDEifQ==",
  });
  expect(webhookDetailJson({ ...webhook, body: null })).toMatchObject({ body: null, body_base64: null });
});

test("a webhook is told with how it came", () => {
  expect(webhookDetailJson(webhook).origin).toBe("webhook");
  expect(webhookDetailJson({ ...webhook, origin: "reconcile" }).origin).toBe("reconcile");
});

const watch: StoreWatch = {
  ...{ store: "tee", since: T0, reconciled_to: T0 + 1000, reconciled_at: T0 + 2000, found_count: 3 },
  ...{ reconcile_error: "the API of store tee refused the token", subscribed_at: null },
  ...{ subscription_id: "sub-7", checked_at: null, check_error: null },
};
const seen = { lastWebhookAt: T0, watch };

test("of a store's API it is told where it leads, and which other host it may: no token, and no key in the address", () => {
  const [, tee] = stores;
  const api = {
    ...tee!.api!,
    url: "https://shop.example.com/v1?key=the-key",
    allow_host: "shop.example.com",
  };
  expect(storeJson({ ...tee!, api }, "https://relay.example", seen, T0).api).toEqual({
    ...{ url: "https://shop.example.com/v1", version: null, allow_host: "shop.example.com" },
  });
  expect(storeJson(tee!, "https://relay.example", seen, T0).api).toMatchObject({ allow_host: null });
});

test("what was seen of a store that can be asked is told, times in RFC 3339", () => {
  const [byHand, asked] = stores.map(
    (store) => storeJson(store, "https://relay.example.com", seen, T0).watch,
  );
  expect(byHand).toBeNull();
  expect(asked).toEqual({
    since: "2027-01-15T08:00:00.000Z",
    reconciled_to: "2027-01-15T08:00:01.000Z",
    reconciled_at: "2027-01-15T08:00:02.000Z",
    reconcile_error: "the API of store tee refused the token",
    found_count: 3,
    subscribed_at: null,
    checked_at: null,
    check_error: null,
  });
});

test("a store is told with its address and without its keys", () => {
  expect(stores.map((store) => storeJson(store, "https://relay.example.com", seen, T0).webhook_url)).toEqual([
    "https://relay.example.com/webhooks/shopline/noodle-bar",
    "https://relay.example.com/webhooks/fastpod/tee/{your token}",
  ]);
});

test("no secret, key or token is told", () => {
  const told = JSON.stringify([
    printerJson(printer),
    stores.map((store) => storeJson(store, "https://relay.example.com", seen, T0)),
  ]);
  expect(told).not.toMatch(/the-key|the-secret|the-token|hash/);
});
