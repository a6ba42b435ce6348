import type { Clock } from "./core/time.ts";

/** The one home of the machine's time and chance (test/architecture.test.ts): everybody else is handed them. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, Math.min(delayMs, TIMER_MS_MAX));
    return () => clearTimeout(timer);
  },
};

/** Node fires a longer timer at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export const systemChance = (): number => Math.random();
