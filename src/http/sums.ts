import type { Clock } from "../core/time.ts";

/** What gets no line of its own in the log: how often, and the first few networks it came from. */
export interface Sum {
  count: number;
  networks: string[];
}

/** Sums up by key, and tells each sum once a window has passed since its first. */
export interface Sums<Key> {
  add(key: Key, network: string): void;
  /** Tells what is not told yet. */
  close(): void;
}

/** Enough to see in the log whom to shut out. */
const NETWORKS_TOLD = 5;

export function createSums<Key>(
  clock: Pick<Clock, "after">,
  windowMs: number,
  tell: (key: Key, sum: Sum) => void,
): Sums<Key> {
  const sums = new Map<Key, Sum>();
  let cancelTimer: (() => void) | null = null;

  function close(): void {
    cancelTimer?.();
    cancelTimer = null;
    for (const [key, sum] of sums) tell(key, sum);
    sums.clear();
  }

  return {
    add(key, network) {
      const sum = sums.get(key) ?? { count: 0, networks: [] };
      sums.set(key, sum);
      sum.count++;
      if (sum.networks.length < NETWORKS_TOLD && !sum.networks.includes(network)) sum.networks.push(network);
      cancelTimer ??= clock.after(windowMs, close);
    },
    close,
  };
}
