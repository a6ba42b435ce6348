import type { ErasedBatch, ErasureQuery, NewErasure } from "./erasure.ts";
import { PRUNE_PAUSE_MS, PRUNE_ROWS, PRUNE_WAIT_MS } from "./retention.ts";
import { pause, type Clock } from "./time.ts";

export interface ErasureRun {
  /** Found by this run; another process may have found the rest. */
  deliveries: number;
  webhooks: number;
  /** False: stopped on the way, or a reader kept the write-ahead log from being reset for too long. */
  done: boolean;
  /** A reader keeps the write-ahead log from being cut: old pages in it still hold what was erased. */
  log_left: boolean;
  batches: number;
  /** Looks that found the write-ahead log kept by a reader. */
  waits: number;
  duration_ms: number;
}

export interface ErasureWatch {
  clock: Clock;
  /** How long a reader is waited for, in a row; then the run ends, and the next one goes on. */
  waitMsMax: number;
  dryRun?: boolean;
  /** Told after every batch. */
  onBatch?: (run: Readonly<ErasureRun>) => void;
  /** Asked before every batch. */
  stopped?: () => boolean;
}

/** Batch after batch with a pause in between, as pruning does, until the whole ledger was looked through. */
export async function eraseInBatches(
  erase: (query: ErasureQuery) => Promise<ErasedBatch>,
  erasure: NewErasure,
  { clock, waitMsMax, dryRun = false, onBatch, stopped }: ErasureWatch,
): Promise<ErasureRun> {
  const startedAt = clock.now();
  const run: ErasureRun = {
    ...{ deliveries: 0, webhooks: 0, done: false, log_left: false },
    ...{ batches: 0, waits: 0, duration_ms: 0 },
  };
  let waitedMs = 0;
  while (waitedMs <= waitMsMax && stopped?.() !== true) {
    const wasDone = run.done;
    const batch = await erase({ erasure, limit: PRUNE_ROWS, now: clock.now(), dry_run: dryRun });
    run.deliveries += batch.deliveries;
    run.webhooks += batch.webhooks;
    run.done = batch.done;
    run.log_left = batch.log_left;
    const isHeldUp = batch.waiting || batch.log_left;
    run[batch.waiting || wasDone ? "waits" : "batches"]++;
    run.duration_ms = clock.now() - startedAt;
    onBatch?.(run);
    if (run.done && !run.log_left) break;
    const pauseMs = isHeldUp ? PRUNE_WAIT_MS : dryRun ? 0 : PRUNE_PAUSE_MS;
    // Waits in a row: a reader that comes and goes does not end the run.
    waitedMs = isHeldUp ? waitedMs + pauseMs : 0;
    await pause(clock, pauseMs);
  }
  return run;
}
