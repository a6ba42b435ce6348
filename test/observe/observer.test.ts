import { expect, test } from "vitest";
import { DELIVERY_STATES, type DeliveryState } from "../../src/core/delivery.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import { createObserver } from "../../src/observe/observer.ts";
import { createManualClock } from "../fakes/manual-clock.ts";

const ATTEMPTED: RelayEvent = {
  event: "delivery.attempted",
  delivery: "01JD",
  order: "1001",
  store: "noodle-bar",
  printer: "kitchen",
  attempt: 1,
  endpoint: "cancelorder",
  outcome: "accepted",
  http_status: 200,
  detail: "accepted",
  state: "accepted",
  next_attempt_at: null,
  duration_ms: 40,
  clock_skew_ms: 3,
  since_received_ms: 55,
};

function observed() {
  const lines: string[] = [];
  const clock = createManualClock(1_800_000_000_000);
  const zeros = Object.fromEntries(DELIVERY_STATES.map((state) => [state, 0])) as Record<
    DeliveryState,
    number
  >;
  const observer = createObserver({
    level: "info",
    logTo: { write: (line) => void lines.push(line) },
    clock,
    counts: () => Promise.resolve({ by_state: { ...zeros, pending: 7 }, oldest_due_at: 1_799_999_990_000 }),
  });
  return { observer, lines };
}

test("one act is one wide JSON line", () => {
  const { observer, lines } = observed();
  observer.emit(ATTEMPTED);
  observer.emit({ ...ATTEMPTED, outcome: "unknown" });
  expect(lines).toHaveLength(2);
  const line = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
  expect(line).toMatchObject({ level: 30, msg: "delivery.attempted", order: "1001", duration_ms: 40 });
  expect(JSON.parse(lines[1] ?? "")).toMatchObject({ level: 40 });
});

test("what Prometheus reads counts the acts and the waiting", async () => {
  const { observer } = observed();
  observer.emit(ATTEMPTED);
  const { contentType, text } = await observer.scrape();
  expect(contentType).toContain("text/plain");
  expect(text).toContain('relay_attempts_total{printer="kitchen",outcome="accepted"} 1');
  expect(text).toContain('relay_deliveries{state="pending"} 7');
  expect(text).toContain("relay_oldest_due_seconds 10");
  expect(text).toContain("relay_accept_seconds_sum 0.055");
  expect(text).not.toContain("1001");
});
