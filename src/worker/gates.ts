import type { AttemptOutcome, Delivery } from "../core/delivery.ts";
import {
  afterClockSetBack,
  afterOutcome,
  afterProbe,
  afterTouch,
  isShut,
  OPEN_GATE,
  type Gate,
} from "../core/outage.ts";
import type { UnixMs } from "../core/time.ts";
import type { Emit } from "../observe/events.ts";
import type { Ledger } from "../ledger/ledger.ts";

/** The scope of an outage: the whole cloud, or one printer's account there. */
export const CLOUD = "cloud";

/** Which scopes are away right now. In memory only: a fresh process finds out again with its first delivery. */
export interface Gates {
  /** What an attempt tells about the cloud; makes the backlog due when it is back. */
  settle(delivery: Delivery, outcome: AttemptOutcome, now: UnixMs): Promise<void>;
  isShut(scope: string): boolean;
  shutPrinters(): string[];
  /** Whether a due delivery of this scope may go now as a probe. */
  mayProbe(scope: string, now: UnixMs): boolean;
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

export function createGates({ ledger, emit }: { ledger: Ledger; emit: Emit }): Gates {
  const shut = new Map<string, Gate>();
  const gate = (scope: string): Gate => shut.get(scope) ?? OPEN_GATE;

  async function settleScope(scope: string, outcome: AttemptOutcome, now: UnixMs): Promise<void> {
    const before = gate(scope);
    const after = afterOutcome(before, outcome, now);
    if (after === OPEN_GATE) shut.delete(scope);
    else shut.set(scope, after);
    if (!isShut(before) && isShut(after)) emit({ event: "cloud.lost", scope, detail: outcome.detail });
    if (before.shut_since === null || isShut(after)) return;
    const released = await ledger.release(now, scope === CLOUD ? {} : { printer: printerOf(scope) });
    emit({ event: "cloud.returned", scope, released, away_ms: now - before.shut_since });
  }

  return {
    async settle(delivery, outcome, now) {
      const own = scopeOf(delivery.printer);
      const answered = outcome.kind === "accepted" || outcome.kind === "rejected";
      // 429 is about this account; everything else that goes wrong is about the cloud.
      const scopes = answered ? [CLOUD, own] : [outcome.http_status === 429 ? own : CLOUD];
      for (const scope of scopes) await settleScope(scope, outcome, now);
    },
    isShut: (scope) => isShut(gate(scope)),
    shutPrinters: () =>
      [...shut]
        .filter(([scope, state]) => scope !== CLOUD && isShut(state))
        .map(([scope]) => printerOf(scope)),
    mayProbe: (scope, now) => isShut(gate(scope)) && now >= gate(scope).probe_at,
    probed: (scope, now) => void shut.set(scope, afterProbe(gate(scope), now)),
    takeTouch(scope, now) {
      const state = gate(scope);
      const due = isShut(state) && state.unreachable && now >= state.touch_at;
      if (due) shut.set(scope, afterTouch(state, now));
      return due;
    },
    touched(scope, now) {
      const state = shut.get(scope);
      if (state !== undefined) shut.set(scope, { ...state, probe_at: now });
    },
    nextAt(now) {
      const shutNow = [...shut.values()].filter(isShut);
      const times = shutNow.flatMap((state) => [
        state.probe_at,
        ...(state.unreachable ? [state.touch_at] : []),
      ]);
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
