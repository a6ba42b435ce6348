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
import type { UnixMs } from "../core/time.ts";
import type { Emit } from "../observe/events.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { createKnownOutages, type KnownOutagesDeps } from "./known-outages.ts";

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

export interface GatesDeps extends KnownOutagesDeps {
  ledger: KnownOutagesDeps["ledger"] & Pick<Ledger, "release">;
  emit: Emit;
}

export function createGates({ ledger, emit, leadership }: GatesDeps): Gates {
  const shut = new Map<string, Gate>();
  const gate = (scope: string): Gate => shut.get(scope) ?? OPEN_GATE;
  const others = createKnownOutages({ ledger, leadership });

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
      await others.begin({ scope, since, probe_at, unreachable });
    }
    if (before.shut_since === null || isShut(after)) return;
    await others.end(scope);
    const released = await ledger.release(now, scope === CLOUD ? {} : { printer: printerOf(scope) });
    emit({ event: "cloud.returned", scope, released, away_ms: now - before.shut_since });
  }

  async function settleAll(scopes: string[], outcome: AttemptOutcome, now: UnixMs): Promise<void> {
    for (const scope of scopes) await settleScope(scope, outcome, now);
  }

  return {
    settle(delivery, outcome, now) {
      const settled = settleAll(scopesOf(delivery, outcome), outcome, now);
      // Whoever waits for it may do so only later, and a failure that nobody waits for ends a process.
      settled.catch(() => undefined);
      return settled;
    },
    isShut: (scope) => isShut(gate(scope)),
    shutPrinters: () =>
      [...shut].flatMap(([scope, state]) => (scope !== CLOUD && isShut(state) ? [printerOf(scope)] : [])),
    mayProbe: (scope, now) => isShut(gate(scope)) && now >= gate(scope).probe_at + others.patienceMs(scope),
    async follow(now) {
      const { over, mine } = await others.follow();
      for (const scope of over) if (isShut(gate(scope))) shut.set(scope, afterOthersWord(gate(scope), now));
      for (const outage of mine) {
        if (!isShut(gate(outage.scope))) lost(outage.scope, shutByOther(outage, now), BY_OTHER);
      }
    },
    probed: (scope, now) => void shut.set(scope, afterProbe(gate(scope), now)),
    takeTouch(scope, now) {
      const state = gate(scope);
      const due = isShut(state) && state.unreachable && now >= state.touch_at + others.patienceMs(scope);
      if (due) shut.set(scope, afterTouch(state, now));
      return due;
    },
    touched(scope, now) {
      const state = shut.get(scope);
      if (state !== undefined) shut.set(scope, { ...state, probe_at: now - others.patienceMs(scope) });
    },
    nextAt(now) {
      const times = [...shut]
        .filter(([, state]) => isShut(state))
        .flatMap(([scope, state]) => {
          const own = state.unreachable ? [state.probe_at, state.touch_at] : [state.probe_at];
          return own.map((at) => at + others.patienceMs(scope));
        });
      const ahead = times.filter((at) => at > now);
      return ahead.length === 0 ? null : Math.min(...ahead);
    },
    clockSetBack(now) {
      for (const [scope, state] of shut) shut.set(scope, afterClockSetBack(state, now));
    },
  };
}

/** Of which scopes an attempt tells anything. */
function scopesOf({ printer }: Delivery, { kind, http_status }: AttemptOutcome): string[] {
  const own = scopeOf(printer);
  if (kind === "accepted" || kind === "rejected") return [CLOUD, own];
  // 429 is about this account; everything else that goes wrong is about the cloud.
  return [http_status === 429 ? own : CLOUD];
}

/** A printer may be named `cloud`. */
export function scopeOf(printer: string): string {
  return `printer ${printer}`;
}

function printerOf(scope: string): string {
  return scope.slice("printer ".length);
}
