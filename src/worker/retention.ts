import type { Leadership } from "../core/leadership.ts";
import { keptSince, pruneInBatches } from "../core/retention.ts";
import { DAY_MS, MINUTE_MS, type Clock, type UnixMs } from "../core/time.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Emit } from "../observe/events.ts";
import { ledgerFailed } from "./failed.ts";

/** A start is busy enough without it, and a machine's clock may be wrong until it has asked the network. */
export const FIRST_LOOK_MS = 10 * MINUTE_MS;
/** Between two looks whether a day has passed; also when a run could not finish. */
const LOOK_EVERY_MS = 60 * MINUTE_MS;
/**
 * So long after the last run the service was down, or the clock is ahead: then everything would be old, and what goes is
 * gone for good. A clock that is ahead is mostly set before so many looks find the same.
 */
const LONG_AGO_MS = 3 * DAY_MS;
const LOOKS_TO_BE_SURE = 4;

export interface RetentionDeps {
  ledger: Pick<Ledger, "prune" | "prunedAt">;
  clock: Clock;
  emit: Emit;
  leadership: Pick<Leadership, "leads">;
}

/** Prunes the ledger once a day while the service runs, and leads. */
export interface Retention {
  start(): void;
  /** Resolves when no batch runs any more. */
  stop(): Promise<void>;
}

export function createRetention(deps: RetentionDeps): Retention {
  let stopped = false;
  let cancel = (): void => undefined;
  let running: Promise<void> | null = null;
  let doubts = 0;

  /** @param last when it was pruned last; null: never */
  function isDue(last: UnixMs | null, now: UnixMs): boolean {
    // A last run in the future: the clock was set back.
    const ago = last === null || last > now ? DAY_MS : now - last;
    if (ago > LONG_AGO_MS) return ++doubts >= LOOKS_TO_BE_SURE;
    doubts = 0;
    return ago >= DAY_MS;
  }

  function lookIn(delayMs: number): void {
    cancel = deps.clock.after(delayMs, () => {
      running = pruneIfDue(deps, isDue, () => stopped || !deps.leadership.leads())
        .catch((error: unknown) => {
          deps.emit(ledgerFailed(error));
        })
        .then(() => {
          running = null;
          if (!stopped) lookIn(LOOK_EVERY_MS);
        });
    });
  }

  return {
    start: () => lookIn(FIRST_LOOK_MS),
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  };
}

async function pruneIfDue(
  { ledger, clock, emit }: RetentionDeps,
  isDue: (last: UnixMs | null, now: UnixMs) => boolean,
  stopped: () => boolean,
): Promise<void> {
  if (stopped()) return;
  const now = clock.now();
  if (!isDue(await ledger.prunedAt(), now)) return;
  let waiting = false;
  const { done, ...run } = await pruneInBatches(
    (query) => ledger.prune(query),
    { ...keptSince(now), run_at: now },
    {
      clock,
      stopped,
      onBatch({ waits }) {
        if (waits > 0 && !waiting) emit({ event: "ledger.pruning_waits", detail: LOG_IS_LARGE });
        waiting = waits > 0;
      },
    },
  );
  emit({ event: "ledger.pruned", finished: done, ...run });
}

const LOG_IS_LARGE =
  "the write-ahead log is large and a reader (a backup, Litestream, a shell) keeps it from being reset: pruning " +
  "goes on when that reader ends";
