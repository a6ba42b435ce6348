import type { Clock } from "../../src/core/time.ts";

/** Time that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves on, running what falls due in its order, and lets everything settle in between. */
  advance(ms: number): Promise<void>;
  /** Sets the time without running anything: a clock that jumps. */
  jump(ms: number): void;
  /** Lets promises and the ledger's group commits run until nothing moves. */
  settle(): Promise<void>;
}

/** Turns of the event loop after which nothing that waits on no clock and no socket can still be moving. */
const TURNS = 60;

export function createManualClock(start = 1_800_000_000_000): ManualClock {
  let now = start;
  let timers: { at: number; task: () => void }[] = [];

  async function settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  return {
    now: () => now,
    after(delayMs, task) {
      const timer = { at: now + delayMs, task };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (;;) {
        const next = timers.reduce<(typeof timers)[number] | null>(
          (first, timer) => (timer.at <= until && (first === null || timer.at < first.at) ? timer : first),
          null,
        );
        if (next === null) break;
        timers = timers.filter((timer) => timer !== next);
        now = Math.max(now, next.at);
        next.task();
        await settle();
      }
      now = until;
      await settle();
    },
    jump(ms) {
      now += ms;
    },
    settle,
  };
}
