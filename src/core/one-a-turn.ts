/**
 * One task in each turn of the event loop: what comes in between, a webhook or its commit, waits for one of them and not
 * for all.
 */
export interface OneATurn {
  add(task: () => void): void;
  /** Runs what waits, now. */
  finish(): void;
}

export function createOneATurn(): OneATurn {
  let waiting: (() => void)[] = [];

  function runNext(): void {
    const task = waiting.shift();
    if (waiting.length > 0) setImmediate(runNext);
    task?.();
  }

  return {
    add(task) {
      waiting.push(task);
      if (waiting.length === 1) setImmediate(runNext);
    },
    finish() {
      const tasks = waiting;
      waiting = [];
      for (const task of tasks) task();
    },
  };
}
