import type { Clock } from "../../src/core/time.ts";

/** Time that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** How long it has run, whatever it was set to meanwhile. */
  elapsed(): number;
  /** Moves on, running what falls due in its order, and lets everything settle in between. */
  advance(ms: number): Promise<void>;
  /** Sets the time of day without running anything. Timers run by the time that passes, as the machine's do. */
  jump(ms: number): void;
  /** Lets promises and the ledger's group commits run until nothing moves. */
  settle(): Promise<void>;
}

/** Turns of the event loop after which nothing that waits on no clock and no socket can still be moving. */
const TURNS = 60;

/**
 * @param busy whether anything but timers and promises is under way (a ledger's commit). Then settling is exact: a
 * turn of the event loop runs every promise, so when nothing is busy after one, nothing can move.
 */
export function createManualClock(start = 1_800_000_000_000, busy?: () => boolean): ManualClock {
  let elapsed = 0;
  let epoch = start;
  let timers: { at: number; task: () => void }[] = [];

  async function settle(): Promise<void> {
    if (busy === undefined) {
      for (let turn = 0; turn < TURNS; turn++) await turnOfLoop();
      return;
    }
    do await turnOfLoop();
    while (busy());
  }

  return {
    now: () => epoch + elapsed,
    elapsed: () => elapsed,
    after(delayMs, task) {
      const timer = { at: elapsed + delayMs, task };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const until = elapsed + ms;
      await settle();
      for (;;) {
        const next = timers.reduce<(typeof timers)[number] | null>(
          (first, timer) => (timer.at <= until && (first === null || timer.at < first.at) ? timer : first),
          null,
        );
        if (next === null) break;
        timers = timers.filter((timer) => timer !== next);
        elapsed = Math.max(elapsed, next.at);
        next.task();
        await settle();
      }
      elapsed = until;
      await settle();
    },
    jump(ms) {
      epoch += ms;
    },
    settle,
  };
}

function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
