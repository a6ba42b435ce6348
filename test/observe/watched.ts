import { DELIVERY_STATES, type DeliveryState } from "../../src/core/delivery.ts";
import type { LedgerCounts, LedgerVitals, PastQuery, PastSteps } from "../../src/ledger/ledger.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import { createObserver, type Observer, type ObserverDeps } from "../../src/observe/observer.ts";
import { createManualClock, type ManualClock } from "../fakes/manual-clock.ts";

export const NOW = 1_800_000_000_000;

type Of<Name extends RelayEvent["event"]> = Extract<RelayEvent, { event: Name }>;

export const ATTEMPTED: Of<"delivery.attempted"> = {
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

export const RECEIVED: Of<"webhook.received"> = {
  event: "webhook.received",
  status: "accepted",
  store: "noodle-bar",
  platform: "shopline",
  webhook: "01JW",
  delivery: "01JD",
  order: "1001",
  reason: null,
  body_bytes: 1200,
  duration_ms: 4,
};

export const CONFIRMED: Of<"delivery.confirmed"> = {
  event: "delivery.confirmed",
  delivery: "01JD",
  order: "1001",
  printer: "kitchen",
  verdict: "accepted",
  state: "printed",
  moved: true,
  since_accepted_ms: 7000,
  since_received_ms: 8000,
};

export const DEAD: Of<"delivery.dead"> = {
  event: "delivery.dead",
  delivery: "01JD",
  order: "1001",
  store: "noodle-bar",
  printer: "kitchen",
  detail: "refused by the cloud",
  by: "relay",
};

/** An observer of a ledger that says what a test has it say. */
export interface Watched {
  observer: Observer;
  clock: ManualClock;
  lines: string[];
  ledger: {
    counts: () => Promise<LedgerCounts>;
    vitals: () => Promise<LedgerVitals>;
    ping: () => Promise<void>;
    pastSteps: (query: PastQuery) => Promise<PastSteps>;
  };
  /** Names of the configured printers. */
  printers: string[];
}

export function watched(more: Pick<ObserverDeps, "machineOffsetMs"> = {}): Watched {
  const by_state = Object.fromEntries(DELIVERY_STATES.map((state) => [state, 0])) as Record<
    DeliveryState,
    number
  >;
  const lines: string[] = [];
  const clock = createManualClock(NOW);
  const printers = ["kitchen", "bar"];
  const ledger: Watched["ledger"] = {
    counts: () => Promise.resolve({ by_state: { ...by_state, pending: 7 }, oldest_due_at: NOW - 10_000 }),
    vitals: () =>
      Promise.resolve({
        commit_s: { bounds: [0.001, 0.01], counts: [5, 2, 1], sum: 0.125 },
        commit_calls: { bounds: [1, 250], counts: [6, 2, 0], sum: 40 },
        wal_bytes: 4_124_152,
      }),
    ping: () => Promise.resolve(),
    pastSteps: () => Promise.resolve({ steps: [], next_place: null }),
  };
  const observer = createObserver({
    level: "info",
    logTo: { write: (line) => void lines.push(line) },
    clock,
    ledger,
    printers: () => printers,
    version: "1.2.3",
    otlpUrl: undefined,
    ...more,
  });
  return { observer, clock, lines, ledger, printers };
}
