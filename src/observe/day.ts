import { MINUTE_MS, type Clock, type UnixMs } from "../core/time.ts";
import type { DeliveryStep } from "../ledger/ledger.ts";
import type { RelayEvent } from "./events.ts";
import { createLogHistogram, type LogHistogram } from "./log-histogram.ts";

/** What happened in one stretch of the day. */
export interface DayCounts {
  /** Deliveries begun: cancellations taken in, reprints and tests. */
  received: number;
  /** Slips the printer confirmed for the first time. */
  printed: number;
  /** Deliveries that became `dead` or `rejected`. */
  failed: number;
  /** From the webhook's arrival to the printer's word, within 5 %; null: nothing was printed. */
  paper_p50_ms: number | null;
  paper_p95_ms: number | null;
}

export interface DayBucket extends DayCounts {
  /** Its first moment. */
  at: UnixMs;
}

/** The last day in figures, for the dashboard: from memory, so asking for it costs next to nothing. */
export interface DayFigures {
  /** The first moment of the first bucket. */
  since: UnixMs;
  /** How long a bucket is. */
  bucket_ms: number;
  /** Always as many, oldest first; the last one is the current half hour and still grows. */
  buckets: DayBucket[];
  total: DayCounts;
  /** False while what was before this process began is still being read from the ledger. */
  complete: boolean;
}

/** The last day, fed by events; what was before them comes from the ledger. */
export interface Day {
  count(event: RelayEvent): void;
  /** Adds what the ledger knows of the time before this process. */
  add(step: DeliveryStep): void;
  /** All that the ledger knows is added. */
  completed(): void;
  /** The first moment that still counts. */
  since(): UnixMs;
  figures(): DayFigures;
}

const BUCKET_MS = 30 * MINUTE_MS;
const BUCKETS = 48;

interface Bucket {
  received: number;
  printed: number;
  failed: number;
  paper: LogHistogram;
}

export function createDay(clock: Pick<Clock, "now">): Day {
  /** By the number of half hours since the epoch. */
  const buckets = new Map<number, Bucket>();
  let complete = false;

  const firstNumber = (): number => Math.floor(clock.now() / BUCKET_MS) - BUCKETS + 1;

  /** Null: not of the last day. Of a clock that is set to and fro no more than a day's buckets are kept. */
  function bucketAt(at: UnixMs): Bucket | null {
    const number = Math.floor(at / BUCKET_MS);
    const known = buckets.get(number);
    if (known !== undefined) return known;
    const first = firstNumber();
    if (number < first || number >= first + BUCKETS) return null;
    for (const other of buckets.keys()) if (other < first || other >= first + BUCKETS) buckets.delete(other);
    const made = { received: 0, printed: 0, failed: 0, paper: createLogHistogram() };
    buckets.set(number, made);
    return made;
  }

  function add(step: DeliveryStep): void {
    const bucket = bucketAt(step.at);
    if (bucket === null) return;
    bucket[step.step]++;
    if (step.step === "printed") bucket.paper.observe(step.since_received_ms);
  }

  return {
    add,
    count(event) {
      const step = stepOf(event, clock.now());
      if (step !== null) add(step);
    },
    completed() {
      complete = true;
    },
    since: () => firstNumber() * BUCKET_MS,
    figures() {
      const first = firstNumber();
      const numbers = Array.from({ length: BUCKETS }, (_, index) => first + index);
      const known = numbers.flatMap((number) => buckets.get(number) ?? []);
      return {
        since: first * BUCKET_MS,
        bucket_ms: BUCKET_MS,
        buckets: numbers.map((number) => ({
          at: number * BUCKET_MS,
          ...countsOf([buckets.get(number)].filter((bucket) => bucket !== undefined)),
        })),
        total: countsOf(known),
        complete,
      };
    },
  };
}

function countsOf(buckets: readonly Bucket[]): DayCounts {
  const sum = (name: "received" | "printed" | "failed"): number =>
    buckets.reduce((total, bucket) => total + bucket[name], 0);
  const paper = createLogHistogram();
  for (const bucket of buckets) paper.merge(bucket.paper);
  return {
    received: sum("received"),
    printed: sum("printed"),
    failed: sum("failed"),
    paper_p50_ms: paper.quantile(0.5),
    paper_p95_ms: paper.quantile(0.95),
  };
}

function stepOf(event: RelayEvent, at: UnixMs): DeliveryStep | null {
  switch (event.event) {
    case "webhook.received":
    case "cancellation.fetched":
      return event.status === "accepted" ? { step: "received", at } : null;
    case "delivery.reprinted":
    case "printer.tested":
      return { step: "received", at };
    case "delivery.confirmed":
      if (!event.moved) return null;
      if (event.state === "rejected") return { step: "failed", at };
      if (event.since_received_ms === null) return null;
      return { step: "printed", at, since_received_ms: event.since_received_ms };
    case "delivery.dead":
      return { step: "failed", at };
    default:
      return null;
  }
}
