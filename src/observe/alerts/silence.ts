import { lasted } from "../../core/alert.ts";
import { HABIT_WEBHOOKS_MIN, habitMarks, silentAfterMs } from "../../core/habit.ts";
import type { Leadership } from "../../core/leadership.ts";
import { MINUTE_MS, type UnixMs } from "../../core/time.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { matterOf, type Turn } from "./turn.ts";

/** Looks after stores that are silent for longer than their habit (src/core/habit.ts). */
export interface SilenceWatch {
  /** An authentic webhook of this store came now. @returns how its silence ends, if it was one */
  heard(store: string, now: UnixMs): Turn | null;
  /** Learns some habits anew, and says whose silence is too long. */
  look(stores: readonly string[], now: UnixMs): Promise<Turn[]>;
}

/** A habit is learned anew this often. */
const HABIT_KEPT_MS = 24 * 60 * MINUTE_MS;
/** Habits learned in one look: half a millisecond of the ledger's each. */
const LEARNED_PER_LOOK = 10;
/** After a start stores send again what was not answered meanwhile: their silence was ours. */
const GRACE_MS = 60 * MINUTE_MS;

interface Known {
  learned_at: UnixMs;
  last_at: UnixMs | null;
  silent_after_ms: number | null;
}

export interface SilenceDeps {
  ledger: Pick<Ledger, "rhythmOf">;
  isOpen: (matter: string) => boolean;
  startedAt: UnixMs;
  /** Where others take webhooks too, the ledger is asked before a store is said to be silent. */
  leadership: Pick<Leadership, "shared">;
}

export function createSilenceWatch({ ledger, isOpen, startedAt, leadership }: SilenceDeps): SilenceWatch {
  const known = new Map<string, Known>();

  async function learn(store: string, now: UnixMs): Promise<Known> {
    const rhythm = await ledger.rhythmOf(store, habitMarks(now), HABIT_WEBHOOKS_MIN);
    const found = { learned_at: now, last_at: rhythm.last_at, silent_after_ms: silentAfterMs(rhythm, now) };
    known.set(store, found);
    return found;
  }

  function isStale(store: string, now: UnixMs): boolean {
    const habit = known.get(store);
    return habit === undefined || now - habit.learned_at > HABIT_KEPT_MS || now < habit.learned_at;
  }

  function turnOf(store: string, { last_at, silent_after_ms }: Known, now: UnixMs): Turn | null {
    const matter = silentMatter(store);
    if (last_at === null || silent_after_ms === null || now - last_at <= silent_after_ms) return null;
    if (isOpen(matter)) return null;
    const reason =
      `no webhook for ${lasted(now - last_at)}, and it was never silent for more than about ` +
      `${lasted(silent_after_ms / 2)}: is its webhook still registered, does its address lead here?`;
    return { raise: matterOf("store.silent", { matter, store, printer: null, reason }) };
  }

  return {
    heard(store, now) {
      const habit = known.get(store);
      if (habit !== undefined) habit.last_at = now;
      const matter = silentMatter(store);
      return isOpen(matter) ? { close: [{ matter, ended: "it has sent a webhook" }] } : null;
    },

    async look(stores, now) {
      const configured = new Set(stores);
      for (const store of known.keys()) if (!configured.has(store)) known.delete(store);
      for (const store of stores.filter((name) => isStale(name, now)).slice(0, LEARNED_PER_LOOK)) {
        await learn(store, now);
      }
      if (now - startedAt < GRACE_MS) return [];
      const turns: Turn[] = [];
      for (const [store, habit] of [...known]) {
        let turn = turnOf(store, habit, now);
        if (turn !== null && leadership.shared) turn = turnOf(store, await learn(store, now), now);
        if (turn !== null) turns.push(turn);
      }
      return turns;
    },
  };
}

function silentMatter(store: string): string {
  return `store.silent ${store}`;
}
