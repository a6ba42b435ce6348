/**
 * One task in every few turns of the event loop: what comes in between, a webhook, its connection or its commit, waits
 * for one of them and not for all.
 */
export interface Leisurely {
  add(task: () => void): void;
  /** Does what waits, now. */
  finish(): void;
}

/** Node accepts one connection a turn: a webhook's may come behind hundreds of a flood's. An idle turn takes microseconds. */
const TURNS_EACH = 8;

export function createLeisurely(): Leisurely {
  let waiting: (() => void)[] = [];

  function pass(turnsLeft: number): void {
    setImmediate(() => {
      if (turnsLeft > 1) pass(turnsLeft - 1);
      else doNext();
    });
  }

  function doNext(): void {
    const task = waiting.shift();
    if (waiting.length > 0) pass(TURNS_EACH);
    task?.();
  }

  return {
    add(task) {
      waiting.push(task);
      if (waiting.length === 1) pass(TURNS_EACH);
    },
    finish() {
      const tasks = waiting;
      waiting = [];
      for (const task of tasks) task();
    },
  };
}
