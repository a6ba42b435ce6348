import { expect, test } from "vitest";
import {
  deliveryFacts,
  detailFacts,
  printerFacts,
  shortTime,
  storeFacts,
  webhookDetailFacts,
  webhookFacts,
} from "../../src/cli/facts.ts";
import { printerSchema, storeSchema, storeSettingsOf } from "../../src/core/settings.ts";
import {
  deliveryDetailJson,
  deliveryJson,
  printerJson,
  storeJson,
  webhookDetailJson,
  webhookJson,
} from "../../src/http/api/json.ts";
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
        started_at: T0,
        finished_at: T0 + 40,
        outcome: "accepted",
        detail: "took it",
      },
      ...{ http_status: 200, request: '{"api_key":"***"}', response: "{}", clock_skew_ms: -3 },
    } as const,
  ],
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
    api: { url: "https://api.example.com/v1?key=the-key", token: "the-token" },
  },
].map((store) => storeSettingsOf(storeSchema.parse(store), () => "hash"));

/** The command line and the HTTP API are two places that say the same; here they are held together. */
test("--json says what the HTTP API says", () => {
  expect(deliveryFacts(FRESH)).toEqual(deliveryJson(FRESH));
  expect(detailFacts(detail)).toEqual(deliveryDetailJson(detail));
  expect(detailFacts({ ...detail, confirmations: [], webhook: null })).toEqual(
    deliveryDetailJson({ ...detail, confirmations: [], webhook: null }),
  );
  expect(webhookFacts(webhook)).toEqual(webhookJson(webhook));
  expect(webhookDetailFacts(webhook)).toEqual(webhookDetailJson(webhook));
  expect(webhookDetailFacts({ ...webhook, body: null })).toEqual(
    webhookDetailJson({ ...webhook, body: null }),
  );
  expect(printerFacts(printer)).toEqual(printerJson(printer));
  for (const store of stores) {
    expect(storeFacts(store, "https://relay.example.com", T0)).toEqual(
      storeJson(store, "https://relay.example.com", T0),
    );
  }
});

test("no secret, key or token is told", () => {
  const told = JSON.stringify([
    printerFacts(printer),
    stores.map((store) => storeFacts(store, "https://relay.example.com", null)),
  ]);
  expect(told).not.toMatch(/the-key|the-secret|the-token|hash/);
});

test("a short time", () => {
  expect(shortTime(Date.UTC(2026, 10, 3, 12, 4, 5, 678))).toBe("2026-11-03 12:04:05");
  expect(shortTime(null)).toBe("-");
});
