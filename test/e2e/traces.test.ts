import { afterEach, beforeEach, expect, test } from "vitest";
import { sampleWebhook } from "../../src/platforms/sample.ts";
import { systemClock } from "../../src/system.ts";
import { openOtlpReceiver, type OtlpReceiver, type OtlpSpan } from "../observe/otlp-receiver.ts";
import { until } from "./process.ts";
import { openShop, SECRETS, type Shop } from "./shop.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

let collector: OtlpReceiver;
let shop: Shop;
beforeEach(async () => {
  collector = await openOtlpReceiver();
});
afterEach(async () => {
  await shop.close();
  await collector.close();
});

async function cancelTraced(order_id: string, traceparent: string): Promise<void> {
  const store = { store: "tee-shop", secret: SECRETS.fastpod };
  const told = { order_id, order_name: `#${order_id}`, now: systemClock.now() };
  const sample = sampleWebhook("fastpod", { ...store, ...told });
  shop.fastpod.put(sample.api_order!);
  const headers = { ...sample.headers, traceparent };
  const answer = await fetch(shop.relay.url + sample.path, {
    ...{ method: "POST", headers, body: new Uint8Array(sample.body) },
  });
  expect(answer.status).toBe(200);
}

const spanCalled = (name: string): OtlpSpan | null =>
  collector.spans.find((span) => span.name.startsWith(name)) ?? null;

test("one trace goes from the webhook to the paper, over a process that was killed in between", async () => {
  shop = await openShop({ confirm_after_ms: null }, { RELAY_OTLP_URL: collector.url });
  await cancelTraced("o-1", `00-${TRACE}-00f067aa0ba902b7-01`);
  const sent = await until(() => spanCalled("send to the printer cloud"));
  await shop.relay.stop("SIGKILL");
  await shop.open();
  await shop.cloud.confirm("o-1");
  const confirmed = await until(() => spanCalled("wait for the printer"));
  const received = await until(() => spanCalled("webhook received"));
  const asked = await until(() => spanCalled("ask the store's API"));
  expect(received).toMatchObject({ traceId: TRACE, parentSpanId: "00f067aa0ba902b7", kind: 2 });
  for (const span of [asked, sent, confirmed]) {
    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: received.spanId });
  }
  expect(confirmed.attributes["relay.delivery"]).toBe(sent.attributes["relay.delivery"]);
  const bodies = collector.requests.map(({ body }) => body).join();
  for (const secret of Object.values(SECRETS)) expect(bodies).not.toContain(secret);
});

test("a hostile traceparent is ignored: the webhook is taken, in a trace of its own", async () => {
  shop = await openShop({ confirm_after_ms: 20 }, { RELAY_OTLP_URL: collector.url });
  await cancelTraced("o-2", `00-${TRACE}-0000000000000000-01`);
  const received = await until(() => spanCalled("webhook received"));
  const confirmed = await until(() => spanCalled("wait for the printer"));
  expect(received.parentSpanId).toBeUndefined();
  expect(received.traceId).not.toBe(TRACE);
  expect(confirmed.traceId).toBe(received.traceId);
});
