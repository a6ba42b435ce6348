import type { Clock } from "../../src/core/time.ts";
import type { ManualClock } from "../fakes/manual-clock.ts";

/**
 * Timers that run together when they fall due in one moment: what they ask a server for is under way side by side. The
 * world's clock alone lets everything settle between two.
 */
export function createMoments(clock: Pick<ManualClock, "elapsed" | "after">): Clock["after"] {
  const moments = new Map<number, Set<() => void>>();

  function momentAt(at: number): Set<() => void> {
    const known = moments.get(at);
    if (known !== undefined) return known;
    const tasks = new Set<() => void>();
    moments.set(at, tasks);
    clock.after(at - clock.elapsed(), () => {
      moments.delete(at);
      for (const task of tasks) task();
    });
    return tasks;
  }

  return (delayMs, task) => {
    const tasks = momentAt(clock.elapsed() + delayMs);
    const own = (): void => task();
    tasks.add(own);
    return () => void tasks.delete(own);
  };
}
