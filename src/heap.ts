import { performance } from "node:perf_hooks";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { meanwhile } from "./system.ts";

/** What a thread has of memory for its objects. */
export interface Heap {
  /** Bytes taken from the system, in use or not. */
  taken(): number;
  /** The share of the time since it was asked last that the thread worked, 0 to 1. */
  worked(): number;
  /** Collects whatever is collectable and returns what is free to the system. The thread stands still meanwhile. */
  giveBack(): void;
}

const LOOK_EVERY_MS = 2_000;
const IDLE = 0.02;
/** Since the last time: so many bytes, and so much of what was kept then. Collecting takes 2 ms for each MB that stays. */
const GROWN_BYTES = 8 * 1024 * 1024;
const GROWN_SHARE = 0.5;

/**
 * V8 takes memory for a start or a burst and keeps it until there is a reason to collect, which an idle relay never
 * gives. So an idle one is given the reason: once when it has started, and after each time that it grew. It costs some
 * 50 ms in which a webhook waits, once a burst and never in one.
 *
 * @param every runs a task so often, and keeps no thread alive
 */
export function giveBackWhenIdle(heap: Heap = createHeap(), every = meanwhile): void {
  let least = 0;
  every(LOOK_EVERY_MS, () => {
    const isIdle = heap.worked() < IDLE;
    if (!isIdle || heap.taken() - least < Math.max(GROWN_BYTES, least * GROWN_SHARE)) return;
    heap.giveBack();
    least = heap.taken();
  });
}

/** This thread's. */
export function createHeap(): Heap {
  const collect = collector();
  let seen = performance.eventLoopUtilization();
  return {
    taken: () => getHeapStatistics().total_heap_size,
    worked() {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, seen);
      seen = now;
      return utilization;
    },
    // Any other kind keeps the young generation as large as it has ever been.
    giveBack: () => collect({ type: "major", execution: "sync", flavor: "last-resort" }),
  };
}

type Collect = (how: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;

/** V8 hands its collector out to whoever asks, in a context made after; what is here sees nothing of it. */
function collector(): Collect {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as Collect;
  setFlagsFromString("--no-expose-gc");
  return collect;
}
