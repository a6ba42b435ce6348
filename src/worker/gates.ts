import type { AttemptOutcome, Delivery } from "../core/delivery.ts";
import {
  afterClockSetBack,
  afterOutcome,
  afterOthersWord,
  afterProbe,
  afterTouch,
  isShut,
  OPEN_GATE,
  shutByOther,
  type Gate,
} from "../core/outage.ts";
import type { Leadership } from "../core/leadership.ts";
import { MINUTE_MS, type UnixMs } from "../core/time.ts";
import type { Emit } from "../observe/events.ts";
import type { Ledger } from "../ledger/ledger.ts";

/** How much longer than the leader another relay waits before it probes by itself. */
export const FOLLOWER_PATIENCE_MS = MINUTE_MS;
const BY_OTHER = "another relay has found it";

/** The scope of an outage: the whole cloud, or one printer's account there. */
export const CLOUD = "cloud";

/**
 * Which scopes are away right now, as this process has seen it: a fresh one finds out again with its first delivery.
 * Where several relays stand on the ledger, the ledger knows of it too, so that the leader alone probes: the others
 * probe when the outage is over by its word, and seldom before, for it may be the leader's own way that is broken.
 */
export interface Gates {
  /** What an attempt tells about the cloud; makes the backlog due when it is back. */
  settle(delivery: Delivery, outcome: AttemptOutcome, now: UnixMs): Promise<void>;
  isShut(scope: string): boolean;
  shutPrinters(): string[];
  /** Whether a due delivery of this scope may go now as a probe. */
  mayProbe(scope: string, now: UnixMs): boolean;
  /** Reads what the other relays have seen. */
  follow(now: UnixMs): Promise<void>;
  /** A delivery went: the next probe is put off. */
  probed(scope: string, now: UnixMs): void;
  /** Whether a bare connection should be tried now; saying so puts the next one off. */
  takeTouch(scope: string, now: UnixMs): boolean;
  /** A bare connection was made: the next due delivery may go at once. */
  touched(scope: string, now: UnixMs): void;
  /** When something of a shut scope comes due after `now`; null: nothing. */
  nextAt(now: UnixMs): UnixMs | null;
  /** Probes do not wait for the old clock. */
  clockSetBack(now: UnixMs): void;
}

export interface GatesDeps {
  ledger: Pick<Ledger, "release" | "outages" | "beginOutage" | "endOutage">;
  emit: Emit;
  leadership: Pick<Leadership, "shared" | "leads">;
}

export function createGates({ ledger, emit, leadership }: GatesDeps): Gates {
  const shut = new Map<string, Gate>();
  const gate = (scope: string): Gate => shut.get(scope) ?? OPEN_GATE;
  /** Those of the ledger, as last read. */
  let known = new Set<string>();
  /** Counts what this process tells the ledger: what was read meanwhile may be older. */
  let told = 0;

  /** While the leader looks after it. */
  const patienceMs = (scope: string): number =>
    known.has(scope) && !leadership.leads() ? FOLLOWER_PATIENCE_MS : 0;

  async function tell(write: () => Promise<void>): Promise<void> {
    if (!leadership.shared) return;
    told++;
    await write().finally(() => told++);
  }

  function lost(scope: string, state: Gate, detail: string): void {
    shut.set(scope, state);
    emit({ event: "cloud.lost", scope, detail });
  }

  async function settleScope(scope: string, outcome: AttemptOutcome, now: UnixMs): Promise<void> {
    const before = gate(scope);
    const after = afterOutcome(before, outcome, now);
    if (after === OPEN_GATE) shut.delete(scope);
    else if (after.shut_since === null || isShut(before)) shut.set(scope, after);
    else {
      lost(scope, after, outcome.detail);
      const { shut_since: since, probe_at, unreachable } = after;
      await tell(() => ledger.beginOutage({ scope, since, probe_at, unreachable }));
      known.add(scope);
    }
    if (before.shut_since === null || isShut(after)) return;
    await tell(() => ledger.endOutage(scope));
    const released = await ledger.release(now, scope === CLOUD ? {} : { printer: printerOf(scope) });
    emit({ event: "cloud.returned", scope, released, away_ms: now - before.shut_since });
  }

  async function settle(delivery: Delivery, outcome: AttemptOutcome, now: UnixMs): Promise<void> {
    const own = scopeOf(delivery.printer);
    const answered = outcome.kind === "accepted" || outcome.kind === "rejected";
    // 429 is about this account; everything else that goes wrong is about the cloud.
    const scopes = answered ? [CLOUD, own] : [outcome.http_status === 429 ? own : CLOUD];
    for (const scope of scopes) await settleScope(scope, outcome, now);
  }

  return {
    settle(delivery, outcome, now) {
      const settled = settle(delivery, outcome, now);
      // Whoever waits for it may do so only later, and a failure that nobody waits for ends a process.
      settled.catch(() => undefined);
      return settled;
    },
    isShut: (scope) => isShut(gate(scope)),
    shutPrinters: () =>
      [...shut]
        .filter(([scope, state]) => scope !== CLOUD && isShut(state))
        .map(([scope]) => printerOf(scope)),
    mayProbe: (scope, now) => isShut(gate(scope)) && now >= gate(scope).probe_at + patienceMs(scope),
    async follow(now) {
      if (!leadership.shared) return;
      const before = told;
      const outages = await ledger.outages();
      if (told !== before) return;
      const over = [...known].filter((scope) => !outages.some((outage) => outage.scope === scope));
      known = new Set(outages.map(({ scope }) => scope));
      for (const scope of over) if (isShut(gate(scope))) shut.set(scope, afterOthersWord(gate(scope), now));
      if (!leadership.leads()) return;
      for (const outage of outages) {
        if (!isShut(gate(outage.scope))) lost(outage.scope, shutByOther(outage, now), BY_OTHER);
      }
    },
    probed: (scope, now) => void shut.set(scope, afterProbe(gate(scope), now)),
    takeTouch(scope, now) {
      const state = gate(scope);
      const due = isShut(state) && state.unreachable && now >= state.touch_at + patienceMs(scope);
      if (due) shut.set(scope, afterTouch(state, now));
      return due;
    },
    touched(scope, now) {
      const state = shut.get(scope);
      if (state !== undefined) shut.set(scope, { ...state, probe_at: now - patienceMs(scope) });
    },
    nextAt(now) {
      const shutNow = [...shut].filter(([, state]) => isShut(state));
      const times = shutNow.flatMap(([scope, state]) =>
        [state.probe_at, ...(state.unreachable ? [state.touch_at] : [])].map((at) => at + patienceMs(scope)),
      );
      const ahead = times.filter((at) => at > now);
      return ahead.length === 0 ? null : Math.min(...ahead);
    },
    clockSetBack(now) {
      for (const [scope, state] of shut) shut.set(scope, afterClockSetBack(state, now));
    },
  };
}

/** A printer may be named `cloud`. */
export function scopeOf(printer: string): string {
  return `printer ${printer}`;
}

function printerOf(scope: string): string {
  return scope.slice("printer ".length);
}
