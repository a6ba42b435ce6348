import { afterEach, beforeEach, expect, test } from "vitest";
import type { RelayEvent } from "../../src/observe/events.ts";
import { createTracing, SPANS_WAITING_MAX, type Tracing } from "../../src/observe/tracing.ts";
import { systemClock } from "../../src/system.ts";
import { openOtlpReceiver, type OtlpReceiver } from "./otlp-receiver.ts";
import { ATTEMPTED, CONFIRMED, NOW, RECEIVED } from "./watched.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-00`;
const traced = (traceparent: string | null, ended_at: number) => ({ root: "01JW", traceparent, ended_at });

let collector: OtlpReceiver;
let failures: string[];
beforeEach(async () => {
  collector = await openOtlpReceiver();
  failures = [];
});
afterEach(() => collector.close());

function tracingTo(url: string, now = NOW): Tracing {
  const clock = { ...systemClock, now: () => now };
  return createTracing({ url, version: "1.2.3", clock, onFailure: (detail) => void failures.push(detail) });
}

test("without the webhook's own trace the acts make one: receive above, the others under it, each as long as it took", async () => {
  const tracing = tracingTo(collector.url);
  tracing.follow({ ...RECEIVED, traced: traced(null, NOW) });
  tracing.follow({ ...ATTEMPTED, outcome: "unknown", traced: traced(null, NOW + 100) });
  tracing.follow({ ...ATTEMPTED, attempt: 2, traced: traced(null, NOW + 6000) });
  tracing.follow({ ...CONFIRMED, traced: traced(null, NOW + 13_000) });
  await tracing.close();
  expect(collector.requests[0]?.path).toBe("/v1/traces");
  const [received, first, second, confirmed] = collector.spans;
  expect(collector.spans).toHaveLength(4);
  expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(received?.parentSpanId).toBeUndefined();
  for (const span of [first, second, confirmed]) expect(span?.parentSpanId).toBe(received?.spanId);
  expect(received).toMatchObject({ kind: 2, name: "webhook received: shopline" });
  expect(first).toMatchObject({ kind: 3, status: { code: 2 } });
  expect(second).toMatchObject({ kind: 3, status: { code: 0 } });
  expect(confirmed).toMatchObject({ kind: 1, name: "wait for the printer: printed" });
  // 1,800,000,000 s and 6 s, less the 40 ms that the POST took.
  expect(String(second?.startTimeUnixNano)).toBe("1800000005960000000");
  expect(String(second?.endTimeUnixNano)).toBe("1800000006000000000");
  expect(String(confirmed?.startTimeUnixNano)).toBe("1800000006000000000");
  expect(second?.attributes).toMatchObject({
    "relay.attempt": 2,
    "relay.outcome": "accepted",
    "http.response.status_code": 200,
  });
  expect(failures).toEqual([]);
});

test("a trace that the webhook named is joined, also when its sender did not sample it", async () => {
  const tracing = tracingTo(`${collector.url}/v1/traces`);
  tracing.follow({ ...RECEIVED, traced: traced(TRACEPARENT, NOW) });
  tracing.follow({ ...ATTEMPTED, traced: traced(TRACEPARENT, NOW) });
  await tracing.close();
  expect(collector.requests[0]?.path).toBe("/v1/traces");
  const [received, attempted] = collector.spans;
  expect(received).toMatchObject({ traceId: TRACE, parentSpanId: "00f067aa0ba902b7" });
  expect(attempted).toMatchObject({ traceId: TRACE, parentSpanId: received?.spanId });
  // What the cloud was told is the span that tells of it.
  const told = tracing.traceparentOf({
    ...{ id: "01JD", webhook_id: "01JW", traceparent: TRACEPARENT, attempt_count: 1 },
  });
  expect(told).toBe(`00-${TRACE}-${String(attempted?.spanId)}-01`);
});

test("a test slip begins a trace of its own", async () => {
  const tracing = tracingTo(collector.url);
  tracing.follow({ event: "printer.tested", delivery: "01JT", printer: "kitchen", by: "operator" });
  const own = { root: "01JT", traceparent: null, ended_at: NOW };
  tracing.follow({ ...ATTEMPTED, delivery: "01JT", store: null, traced: own });
  await tracing.close();
  const [tested, attempted] = collector.spans;
  expect(tested).toMatchObject({ name: "test slip", kind: 1 });
  expect(attempted).toMatchObject({ traceId: tested?.traceId, parentSpanId: tested?.spanId });
});

test("no order, no free text of others and no buyer is in a span", async () => {
  const tracing = tracingTo(collector.url);
  const marked = { order: "MARKED-order", detail: "MARKED +886 900 000 000" };
  tracing.follow({ ...RECEIVED, ...marked, reason: "MARKED", traced: traced(null, NOW) });
  tracing.follow({ ...ATTEMPTED, ...marked, traced: traced(null, NOW) });
  tracing.follow({ ...CONFIRMED, ...marked, traced: traced(null, NOW) });
  const verified: RelayEvent = {
    ...{
      event: "delivery.verified",
      api: "answered",
      delivery: "01JD",
      store: "tee-shop",
      result: "cancelled",
      order_unknown: false,
      ...marked,
    },
    ...{ state: "pending", next_attempt_at: null, duration_ms: 30, traced: traced(null, NOW) },
  };
  tracing.follow(verified);
  await tracing.close();
  expect(collector.spans).toHaveLength(4);
  expect(collector.requests.map(({ body }) => body).join()).not.toMatch(/MARKED|900 000/);
});

test("what is not traced makes no span", async () => {
  const tracing = tracingTo(collector.url);
  tracing.follow(RECEIVED);
  tracing.follow({ ...CONFIRMED, moved: false, traced: traced(null, NOW) });
  tracing.follow({ event: "cloud.lost", scope: "cloud", detail: "" });
  await tracing.close();
  expect(collector.requests).toEqual([]);
});

test("a collector that refuses is told of once, and closing does not fail", async () => {
  collector.status = 400;
  const tracing = tracingTo(collector.url);
  for (let n = 0; n < 3 * 512; n++) tracing.follow({ ...RECEIVED, traced: traced(null, NOW) });
  await tracing.close();
  expect(collector.requests.length).toBeGreaterThan(1);
  expect(failures).toHaveLength(1);
});

test("a collector that hangs holds the end up no longer than a moment, and no more than a bounded number wait", async () => {
  collector.status = null;
  const tracing = tracingTo(collector.url);
  const beganAt = performance.now();
  for (let n = 0; n < 20 * SPANS_WAITING_MAX; n++) {
    tracing.follow({ ...RECEIVED, traced: traced(null, NOW) });
  }
  await tracing.close();
  expect(performance.now() - beganAt).toBeLessThan(10_000);
  // 2048 that wait, 512 in a request, and one that was under way.
  expect(collector.requests.length).toBeLessThanOrEqual(5);
}, 20_000);
