import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { DELIVERY_STATES } from "../core/delivery.ts";
import { SECOND_MS, type Clock } from "../core/time.ts";
import type { LedgerCounts } from "../ledger/ledger.ts";
import type { RelayEvent } from "./events.ts";

/** What Prometheus reads. Labels are closed lists or settings' names: never an order, a buyer or free text. */
export interface Metrics {
  count(event: RelayEvent): void;
  /** Reads the ledger's counts, then everything as text. */
  scrape(): Promise<{ contentType: string; text: string }>;
}

const ACK_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const ATTEMPT_BUCKETS_S = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 45];
const PAPER_BUCKETS_S = [0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400];

export function createMetrics(counts: () => Promise<LedgerCounts>, clock: Clock): Metrics {
  const registry = new Registry();
  const counters = createCounters(registry);
  const states = new Gauge({
    name: "relay_deliveries",
    help: "Deliveries in the ledger by state",
    labelNames: ["state"],
    registers: [registry],
  });
  const oldest = new Gauge({
    name: "relay_oldest_due_seconds",
    help: "How long the longest-due waiting delivery is overdue; 0 when none is",
    registers: [registry],
  });
  return {
    count: (event) => counters(event),
    async scrape() {
      const { by_state, oldest_due_at } = await counts();
      for (const state of DELIVERY_STATES) states.set({ state }, by_state[state]);
      oldest.set(oldest_due_at === null ? 0 : Math.max(0, clock.now() - oldest_due_at) / SECOND_MS);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function createCounters(registry: Registry): (event: RelayEvent) => void {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name, help, buckets, registers });
  const webhooks = counter("relay_webhooks_total", "Authentic webhooks by what became of them", [
    "platform",
    "status",
  ]);
  const refused = counter("relay_webhooks_refused_total", "Requests refused as not authentic", [
    "platform",
    "why",
  ]);
  const attempts = counter("relay_attempts_total", "POSTs to the printer cloud", ["printer", "outcome"]);
  const confirmations = counter("relay_confirmations_total", "Callbacks of the printer cloud", [
    "printer",
    "verdict",
  ]);
  const attention = counter("relay_attention_total", "Deliveries that came to need a person", ["event"]);
  const outages = counter(
    "relay_cloud_outages_total",
    "Times the cloud, or a printer's account there, went away",
    [],
  );
  const failures = counter("relay_failures_total", "Failures inside the relay", ["event"]);
  const pruned = counter("relay_pruned_total", "Rows taken out of the ledger because they were old", [
    "what",
  ]);
  const ack = histogram("relay_ack_seconds", "Webhook in to durable", ACK_BUCKETS_S);
  const attempt = histogram("relay_attempt_seconds", "One POST to the printer cloud", ATTEMPT_BUCKETS_S);
  const accepted = histogram("relay_accept_seconds", "Webhook in to accepted by the cloud", PAPER_BUCKETS_S);
  const printed = histogram("relay_confirm_seconds", "Accepted to confirmed by the printer", PAPER_BUCKETS_S);

  return (event) => {
    switch (event.event) {
      case "webhook.received":
        webhooks.inc({ platform: event.platform, status: event.status });
        return ack.observe(event.duration_ms / SECOND_MS);
      case "webhook.refused":
        return refused.inc({ platform: event.platform, why: event.why });
      case "delivery.attempted":
        attempts.inc({ printer: event.printer, outcome: event.outcome });
        attempt.observe(event.duration_ms / SECOND_MS);
        if (event.since_received_ms !== null) accepted.observe(event.since_received_ms / SECOND_MS);
        return;
      case "delivery.confirmed":
        confirmations.inc({ printer: event.printer, verdict: event.verdict });
        if (event.state === "printed" && event.since_accepted_ms !== null) {
          printed.observe(event.since_accepted_ms / SECOND_MS);
        }
        return;
      case "delivery.dead":
      case "delivery.held":
      case "delivery.unconfirmed":
        return attention.inc({ event: event.event });
      case "cloud.lost":
        return outages.inc();
      case "ledger.pruned":
        for (const what of ["bodies", "attempts", "confirmations", "tickets", "alerts"] as const) {
          pruned.inc({ what }, event[what]);
        }
        return;
      case "ledger.failed":
      case "http.failed":
        return failures.inc({ event: event.event });
      default:
    }
  };
}
