import type { Clock, UnixMs } from "../core/time.ts";

/** How often something happened in a window of time that begins with its first time. Bounded in memory. */
export interface WindowCounts {
  /** @returns the count, and how long the window lasts, in ms; both 0 when none is under way */
  of(key: string): Window;
  add(key: string): Window;
}

export interface Window {
  count: number;
  leftMs: number;
}

/** More keys than this are not remembered at once: the one that was quiet longest goes. */
const KEYS_MAX = 10_000;

export function createWindowCounts(clock: Pick<Clock, "now">, windowMs: number): WindowCounts {
  const entries = new Map<string, { count: number; since: UnixMs }>();

  function current(key: string): { count: number; since: UnixMs } | undefined {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    const elapsed = clock.now() - entry.since;
    // A clock that is set back must lock nobody out for longer.
    return elapsed >= 0 && elapsed < windowMs ? entry : undefined;
  }

  function windowOf({ count, since }: { count: number; since: UnixMs }): Window {
    return { count, leftMs: since + windowMs - clock.now() };
  }

  return {
    of(key) {
      const entry = current(key);
      return entry === undefined ? { count: 0, leftMs: 0 } : windowOf(entry);
    },
    add(key) {
      const { count, since } = current(key) ?? { count: 0, since: clock.now() };
      const entry = { count: count + 1, since };
      entries.delete(key);
      entries.set(key, entry);
      const oldest = entries.keys().next();
      if (entries.size > KEYS_MAX && oldest.done === false) entries.delete(oldest.value);
      return windowOf(entry);
    },
  };
}
