import type { Database } from "better-sqlite3";
import type { Clock } from "../../core/time.ts";

/** How soon another process's write is noticed. */
const POLL_EVERY_MS = 500;

export interface ForeignWrites {
  /** @returns how to stop it */
  watch(listener: () => void): () => void;
  close(): void;
}

/**
 * Asks for `PRAGMA data_version`, which changes when another connection has committed and never by this one's
 * own commits (https://www.sqlite.org/pragma.html#pragma_data_version).
 */
export function createForeignWrites(db: Database, clock: Pick<Clock, "after">): ForeignWrites {
  const version = db.prepare<[], number>("PRAGMA data_version").pluck();
  const stops = new Set<() => void>();

  function watch(listener: () => void): () => void {
    let seen = read();
    let cancel = clock.after(POLL_EVERY_MS, poll);

    function poll(): void {
      cancel = clock.after(POLL_EVERY_MS, poll);
      const now = read();
      if (now === null || now === seen) return;
      seen = now;
      listener();
    }

    function stop(): void {
      cancel();
      stops.delete(stop);
    }
    stops.add(stop);
    return stop;
  }

  /** @returns null when the file cannot be read now: whoever reads or writes next hears of it */
  function read(): number | null {
    try {
      return version.get() ?? null;
    } catch {
      return null;
    }
  }

  return {
    watch,
    close() {
      for (const stop of [...stops]) stop();
    },
  };
}
