import type { Leadership } from "../core/leadership.ts";
import type { LedgerClock } from "../core/ledger-clock.ts";
import { SECOND_MS, type UnixMs } from "../core/time.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Beat, ServiceIdentity } from "../ledger/service-ledger.ts";
import type { Emit } from "../observe/events.ts";
import { ledgerFailed } from "./failed.ts";

export const BEAT_EVERY_MS = 3 * SECOND_MS;
/** Two beats may fail before the others take it for dead. */
export const ALIVE_FOR_MS = 10 * SECOND_MS;
/** Found as it was in so many beats, each 3 s after the one before, a service is dead, whatever the clock says. */
const SILENT_BEATS_MAX = 1 + Math.ceil(ALIVE_FOR_MS / BEAT_EVERY_MS);

export interface LeadershipDeps {
  ledger: Pick<Ledger, "beat" | "leaveService" | "services">;
  clock: Pick<LedgerClock, "now" | "after" | "follow" | "isSure">;
  emit: Emit;
  service: ServiceIdentity;
  /** Whether the process of this name, on this machine, is surely no more. */
  hasEnded: (process: string) => boolean;
}

/** The place of one of several services on a ledger. */
export interface SharedLeadership extends Leadership {
  /** Resolves when the others know of it, or the ledger could not tell them yet. */
  start(): Promise<void>;
  /** From then on another may lead. What it has claimed must be done by now. */
  stop(): Promise<void>;
}

export function createLeadership({
  ledger,
  clock,
  emit,
  service,
  hasEnded,
}: LeadershipDeps): SharedLeadership {
  const listeners = new Set<() => void>();
  /** The latest beat that was heard; from when it counts is when it was sent, for the others may have heard it then. */
  let latest: { at: UnixMs; leads: boolean } | null = null;
  /** The last word of each other service, and in how many beats in a row it was found. */
  let words = new Map<string, number>();
  let stopped = false;
  let cancel = (): void => undefined;
  let beating: Promise<void> = Promise.resolve();

  // Neither long after nor long before: a clock that was set tells nothing.
  const isAlive = (): boolean =>
    latest !== null && clock.isSure() && Math.abs(clock.now() - latest.at) < ALIVE_FOR_MS;
  const leads = (): boolean => isAlive() && latest?.leads === true;

  async function beat(): Promise<void> {
    const led = leads();
    // Beside the beat, which must not come late for it; but by a clock that it does not know nobody lives.
    const followed = clock.follow();
    if (!clock.isSure()) await followed;
    const at = clock.now();
    try {
      const heard = await ledger.beat(service, at, ALIVE_FOR_MS);
      latest = { at, leads: heard.leads };
      for (const id of silentOf(heard.others)) await ledger.leaveService(id);
    } catch (error) {
      emit(ledgerFailed(error));
    }
    if (!stopped) cancel = clock.after(BEAT_EVERY_MS, again);
    if (!led && leads()) for (const listener of listeners) listener();
  }

  function again(): void {
    beating = beat();
  }

  /**
   * Whose last word is of a clock that was ahead, as of a database that failed over to a machine whose clock is behind:
   * it would seem to live, and to lead, for as long as the clock was set back.
   */
  function silentOf(others: Beat["others"]): string[] {
    const found = others.map((other) => ({ ...other, word: `${other.id} ${other.seen_until}` }));
    words = new Map(found.map(({ word }) => [word, (words.get(word) ?? 0) + 1]));
    return found.filter(({ word }) => (words.get(word) ?? 0) >= SILENT_BEATS_MAX).map(({ id }) => id);
  }

  /** Of this machine: what a crash has left need not wait until it is missed. */
  async function forgetEnded(): Promise<void> {
    const ended = (await ledger.services(0)).filter(({ process }) => process !== null && hasEnded(process));
    for (const { id } of ended) await ledger.leaveService(id);
  }

  return {
    id: service.id,
    shared: true,
    leads,
    isAlive,
    onLead(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async start() {
      // A ledger that is away now: they are missed in time.
      await forgetEnded().catch(() => undefined);
      again();
      await beating;
    },
    async stop() {
      stopped = true;
      cancel();
      await beating;
      latest = null;
      // Whoever cannot be told finds out by the time.
      await ledger.leaveService(service.id).catch(() => undefined);
    },
  };
}
