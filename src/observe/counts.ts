import { PLATFORM_NAMES } from "../core/cancellation.ts";
import { OUTCOMES, VERDICTS, type Verification } from "../core/delivery.ts";
import { createHistogram } from "../core/histogram.ts";
import { SECOND_MS } from "../core/time.ts";
import { ORIGINS, WEBHOOK_REFUSALS, WEBHOOK_STATUSES } from "../core/webhook.ts";
import { OPERATOR_REFUSALS, type ApiHealth, type RelayEvent } from "./events.ts";
import { createCounter, type Counter, type Family, type Labels } from "./families.ts";

/** Every event counted. Labels are closed lists or settings' names: never an order, a buyer or free text. */
export interface Counts {
  count(event: RelayEvent): void;
  /** @param printers whose series are to be there, also while nothing was counted */
  families(printers: readonly string[]): Family[];
}

const ACK_BOUNDS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const ATTEMPT_BOUNDS_S = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 45];
const PAPER_BOUNDS_S = [0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400];

const ATTENTION_EVENTS = ["delivery.dead", "delivery.held", "delivery.unconfirmed"] as const;
const API_EVENTS = [
  "delivery.verified",
  "store.subscribed",
  "subscription.checked",
  "store.reconciled",
  "order.cancelled",
] as const;
const API_HEALTHS = ["answered", "refused", "unavailable"] as const satisfies readonly ApiHealth[];
const FAILURE_EVENTS = ["ledger.failed", "http.failed"] as const;
const PRUNED = ["bodies", "attempts", "confirmations", "tickets", "alerts"] as const;
const RESULTS = [
  "cancelled",
  "not_cancelled",
  "ignored",
  "unavailable",
] as const satisfies readonly Verification["kind"][];

export function createCounts(): Counts {
  const counters = createCounters();
  const times = createTimes();
  /** Scopes of the cloud that were lost, and whether they still are. */
  const away = new Map<string, boolean>([["cloud", false]]);

  return {
    count(event) {
      counters.count(event);
      times.observe(event);
      if (event.event === "cloud.lost") away.set(event.scope, true);
      if (event.event === "cloud.returned") away.set(event.scope, false);
    },
    families(printers) {
      for (const printer of printers) {
        for (const outcome of OUTCOMES) counters.attempts.expect({ printer, outcome });
        for (const verdict of VERDICTS) counters.confirmations.expect({ printer, verdict });
      }
      const series = [...away].map(([scope, isAway]) => ({ labels: { scope }, value: isAway ? 1 : 0 }));
      const help = "1 while the cloud, or one printer's account there, does not take orders";
      return [
        ...counters.families(),
        { kind: "gauge", name: "relay_cloud_away", help, series },
        ...times.families(),
      ];
    },
  };
}

interface Counters {
  attempts: Counter;
  confirmations: Counter;
  count(event: RelayEvent): void;
  families(): Family[];
}

function createCounters(): Counters {
  const webhooks = createCounter("relay_webhooks_total", "Authentic webhooks by what became of them");
  const door = createDoorCounters();
  const verifications = createCounter("relay_verifications_total", "Questions to stores' APIs by answer");
  const attempts = createCounter("relay_attempts_total", "POSTs to the printer cloud");
  const confirmations = createCounter("relay_confirmations_total", "Callbacks of the printer cloud");
  const attention = createCounter("relay_attention_total", "Deliveries that came to need a person");
  const outages = createCounter(
    "relay_cloud_outages_total",
    "Times the cloud, or a printer's account there, went away",
  );
  const failures = createCounter("relay_failures_total", "Failures inside the relay");
  const stores = createStoreCounters();
  const pruned = createCounter("relay_pruned_total", "Rows taken out of the ledger because they were old");

  for (const platform of PLATFORM_NAMES) {
    for (const status of WEBHOOK_STATUSES) webhooks.expect({ platform, status });
  }
  expectEach(verifications, "result", RESULTS);
  expectEach(attention, "event", ATTENTION_EVENTS);
  outages.expect({});
  expectEach(failures, "event", FAILURE_EVENTS);
  expectEach(pruned, "what", PRUNED);

  const all = [
    webhooks,
    ...door.all,
    verifications,
    attempts,
    confirmations,
    attention,
    outages,
    failures,
    pruned,
  ];
  return {
    attempts,
    confirmations,
    families: () => [...all, ...stores.all].map((counter) => counter.family()),
    count(event): void {
      stores.count(event);
      door.count(event);
      switch (event.event) {
        case "webhook.received":
          return webhooks.add({ platform: event.platform, status: event.status });
        case "delivery.verified":
          return verifications.add({ result: event.result });
        case "delivery.attempted":
          return attempts.add({ printer: event.printer, outcome: event.outcome });
        case "delivery.confirmed":
          return confirmations.add({ printer: event.printer, verdict: event.verdict });
        case "delivery.dead":
        case "delivery.held":
        case "delivery.unconfirmed":
          return attention.add({ event: event.event });
        case "cloud.lost":
          return outages.add({});
        case "ledger.pruned":
          for (const what of PRUNED) pruned.add({ what }, event[what]);
          return;
        case "ledger.failed":
        case "http.failed":
          return failures.add({ event: event.event });
        default:
      }
    },
  };
}

/** Who is turned away. */
function createDoorCounters(): { all: readonly Counter[]; count(event: RelayEvent): void } {
  const webhooks = createCounter(
    "relay_webhooks_refused_total",
    "Webhooks refused: not authentic, of no store, or not read",
  );
  const operators = createCounter("relay_operators_refused_total", "Wrong tokens, and acts refused");
  for (const platform of PLATFORM_NAMES) {
    for (const why of WEBHOOK_REFUSALS) webhooks.expect({ platform, why });
  }
  expectEach(operators, "why", OPERATOR_REFUSALS);
  return {
    all: [webhooks, operators],
    count(event) {
      if (event.event === "webhook.refused") webhooks.add({ platform: event.platform, why: event.why });
      if (event.event === "operator.refused") operators.add({ why: event.why });
    },
  };
}

/** What the relay does at the stores by their APIs. */
function createStoreCounters(): { all: readonly Counter[]; count(event: RelayEvent): void } {
  const fetched = createCounter(
    "relay_cancellations_fetched_total",
    "Cancelled orders taken from stores' APIs by how they were found and what became of them",
  );
  const acts = createCounter(
    "relay_store_api_acts_total",
    "What was done by stores' APIs, and how they took it",
  );
  for (const origin of ORIGINS) {
    if (origin !== "webhook") for (const status of WEBHOOK_STATUSES) fetched.expect({ origin, status });
  }
  for (const act of API_EVENTS) for (const api of API_HEALTHS) acts.expect({ act, api });
  return {
    all: [fetched, acts],
    count(event) {
      if ("api" in event) acts.add({ act: event.event, api: event.api });
      if (event.event === "cancellation.fetched") fetched.add({ origin: event.origin, status: event.status });
    },
  };
}

function expectEach(counter: Counter, label: string, values: readonly string[]): void {
  for (const value of values) counter.expect({ [label]: value } satisfies Labels);
}

function createTimes(): { observe(event: RelayEvent): void; families(): Family[] } {
  const ack = createHistogram(ACK_BOUNDS_S);
  const attempt = createHistogram(ATTEMPT_BOUNDS_S);
  const accepted = createHistogram(PAPER_BOUNDS_S);
  const confirmed = createHistogram(PAPER_BOUNDS_S);
  const paper = createHistogram(PAPER_BOUNDS_S);
  const family = (name: string, help: string, { read }: { read: typeof ack.read }): Family => ({
    kind: "histogram",
    name,
    help,
    figures: read(),
  });
  return {
    observe(event): void {
      switch (event.event) {
        case "webhook.received":
          return ack.observe(event.duration_ms / SECOND_MS);
        case "delivery.attempted":
          attempt.observe(event.duration_ms / SECOND_MS);
          if (event.since_received_ms !== null) accepted.observe(event.since_received_ms / SECOND_MS);
          return;
        case "delivery.confirmed":
          if (event.since_received_ms === null) return;
          paper.observe(event.since_received_ms / SECOND_MS);
          if (event.since_accepted_ms !== null) confirmed.observe(event.since_accepted_ms / SECOND_MS);
          return;
        default:
      }
    },
    families: () => [
      family("relay_ack_seconds", "Webhook in to durable", ack),
      family("relay_attempt_seconds", "One POST to the printer cloud", attempt),
      family("relay_accept_seconds", "Webhook in to accepted by the cloud", accepted),
      family("relay_confirm_seconds", "Accepted by the cloud to confirmed by the printer", confirmed),
      family("relay_paper_seconds", "Webhook in to confirmed by the printer", paper),
    ],
  };
}
