import type { Emit } from "../observe/events.ts";
import { ledgerFailed } from "./failed.ts";

/** How many tasks of one kind are under way: there is room for so many. */
export interface Lane {
  count: number;
}

/** Tasks under way, each in its lane. */
export interface Running {
  /** Of all lanes, and those that left theirs but are not done. */
  count(): number;
  /** @param task may leave its lane before it is done: others may follow then */
  begin: (lane: Lane, task: (leave: () => void) => Promise<void>) => void;
  /** Resolves when nothing is under way. */
  ended(): Promise<void>;
}

/** @param onLeft called whenever a lane has room again, and when a task is done */
export function createRunning({ emit, onLeft }: { emit: Emit; onLeft: () => void }): Running {
  const running = new Set<Promise<void>>();
  return {
    count: () => running.size,
    begin(lane, task) {
      lane.count++;
      let inLane = true;
      const leave = (): void => {
        if (inLane) lane.count--;
        inLane = false;
        onLeft();
      };
      const done = task(leave)
        .catch((error: unknown) => {
          emit(ledgerFailed(error));
        })
        .then(() => {
          running.delete(done);
          leave();
        });
      running.add(done);
    },
    async ended() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
