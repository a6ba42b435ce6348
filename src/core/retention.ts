import { DAY_MS, MINUTE_MS, pause, SECOND_MS, type Clock, type UnixMs } from "./time.ts";

/** How long things are kept (docs/decisions/0010-retention.md). Deliveries and dedupe keys: for good. */
export const BODIES_KEPT_DAYS = 30;
/** What was sent, answered and confirmed, tickets, quarantined bodies, and closed alerts. */
export const ATTEMPTS_KEPT_DAYS = 90;
/** What was done under an `Idempotency-Key`. */
export const ACT_KEYS_KEPT_DAYS = 7;

/** Rows looked at in one batch: a few milliseconds of the ledger's time. */
export const PRUNE_ROWS = 100;
/** Between two batches, so that webhooks have the ledger nearly all of the time. */
export const PRUNE_PAUSE_MS = 20;
/** Between two looks whether the write-ahead log can be reset. */
export const PRUNE_WAIT_MS = SECOND_MS;
/** A reader that is open longer than this ends the run; the next one goes on. */
export const PRUNE_WAIT_MS_MAX = 10 * MINUTE_MS;

/** Rows by what they are. */
export interface PruneCounts {
  bodies: number;
  attempts: number;
  confirmations: number;
  /** Tickets: what is left is `ORDER n CANCELLED`. */
  tickets: number;
  /** Closed alerts, and messages about alerts that are sent or given up. */
  alerts: number;
}

export interface PruneQuery {
  /** Bodies of webhooks received before this go. */
  bodies_before: UnixMs;
  /** Attempts, confirmations, tickets, quarantined bodies and closed alerts from before this go. */
  attempts_before: UnixMs;
  /** Rows looked at, at most. */
  limit: number;
  /** Only counts what would go. */
  dry_run?: boolean;
  /** When this run began: remembered once it is done (`Ledger.prunedAt`). */
  run_at?: UnixMs;
}

export interface PrunedBatch extends PruneCounts {
  /** Nothing is left to be looked at: the next call begins from the front. */
  done: boolean;
  /** Nothing was done: the write-ahead log is large, and a reader keeps it from being reset. */
  waiting: boolean;
}

export interface PruneRun extends PruneCounts {
  /** False: stopped on the way, or a reader kept the log from being reset for too long. */
  done: boolean;
  batches: number;
  /** Looks that found the write-ahead log too large. */
  waits: number;
  duration_ms: number;
}

export interface PruneWatch {
  clock: Clock;
  /** Told after every batch. */
  onBatch?: (run: Readonly<PruneRun>) => void;
  /** Asked before every batch. */
  stopped?: () => boolean;
}

/** Batch after batch with a pause in between, until nothing old is left. */
export async function pruneInBatches(
  prune: (query: PruneQuery) => Promise<PrunedBatch>,
  query: Omit<PruneQuery, "limit">,
  { clock, onBatch, stopped }: PruneWatch,
): Promise<PruneRun> {
  const startedAt = clock.now();
  const run: PruneRun = {
    ...{ bodies: 0, attempts: 0, confirmations: 0, tickets: 0, alerts: 0 },
    ...{ done: false, batches: 0, waits: 0, duration_ms: 0 },
  };
  let waitedMs = 0;
  while (!run.done && waitedMs < PRUNE_WAIT_MS_MAX && stopped?.() !== true) {
    const batch = await prune({ ...query, limit: PRUNE_ROWS });
    run.bodies += batch.bodies;
    run.attempts += batch.attempts;
    run.confirmations += batch.confirmations;
    run.tickets += batch.tickets;
    run.alerts += batch.alerts;
    run.done = batch.done;
    run[batch.waiting ? "waits" : "batches"]++;
    run.duration_ms = clock.now() - startedAt;
    onBatch?.(run);
    if (run.done) break;
    const pauseMs = batch.waiting ? PRUNE_WAIT_MS : query.dry_run === true ? 0 : PRUNE_PAUSE_MS;
    // Waits in a row: a reader that comes and goes does not end the run.
    waitedMs = batch.waiting ? waitedMs + pauseMs : 0;
    await pause(clock, pauseMs);
  }
  return run;
}

/** The two moments of a run that begins now. */
export function keptSince(
  now: UnixMs,
  bodiesDays = BODIES_KEPT_DAYS,
  attemptsDays = ATTEMPTS_KEPT_DAYS,
): Pick<PruneQuery, "bodies_before" | "attempts_before"> {
  return { bodies_before: now - bodiesDays * DAY_MS, attempts_before: now - attemptsDays * DAY_MS };
}
