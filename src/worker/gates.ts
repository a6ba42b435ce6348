import type { AttemptOutcome, Delivery } from "../core/delivery.ts";
import {
  afterClockSetBack,
  afterOutcome,
  afterOthersWord,
  afterProbe,
  afterTouch,
  isShut,
  mayReplaceProber,
  OPEN_GATE,
  shutByOther,
  type Gate,
} from "../core/outage.ts";
import type { UnixMs } from "../core/time.ts";
import type { Emit } from "../observe/events.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { createKnownOutages, type KnownOutagesDeps } from "./known-outages.ts";
import { createProbers, type Probers } from "./probers.ts";
import { createOutageNews } from "./outage-news.ts";

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
  /** Of an attempt nothing left, so it tells nothing: another, or a bare connection, may go at once in its place. */
  untold(delivery: Delivery, now: UnixMs): void;
  isShut(scope: string): boolean;
  shutPrinters(): string[];
  /** Whether a due delivery of this scope may go now as a probe. */
  mayProbe(scope: string, now: UnixMs): boolean;
  /** Reads what the other relays have seen, and makes up for a return that the ledger could not take. */
  follow(now: UnixMs): Promise<void>;
  /** Which delivery it is that probes. */
  probers: Pick<Probers, "of" | "passOver" | "forget">;
  /** Whether another may go in its place, where it cannot now. */
  mayReplaceProber(scope: string, now: UnixMs): boolean;
  /** A delivery went: the next probe is put off. */
  probed(scope: string, now: UnixMs): void;
  /**
   * What is to be tried now that nothing is due: a bare connection where none could be made, else an order that waits;
   * null: nothing. Saying so puts the next one off.
   */
  takeTouch(scope: string, now: UnixMs): "connection" | "waiting" | null;
  /** One that waited was made due for it: it may go at once. */
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

type SettleScope = (scope: string, delivery: Delivery, outcome: AttemptOutcome, now: UnixMs) => Promise<void>;

export function createGates({ ledger, emit, leadership }: GatesDeps): Gates {
  const shut = new Map<string, Gate>();
  const gate = (scope: string): Gate => shut.get(scope) ?? OPEN_GATE;
  const others = createKnownOutages({ ledger, leadership });
  const probers = createProbers();
  /** When a scope last took an order of this process: what another has found before that is over. */
  const accepted = new Map<string, UnixMs>();
  const news = createOutageNews({ ledger, emit, printerOf }, others);

  const move = (scope: string, after: (before: Gate) => Gate): void => {
    if (isShut(gate(scope))) shut.set(scope, after(gate(scope)));
  };

  const settleScope: SettleScope = async (scope, { id }, outcome, now) => {
    probers.settle(scope, id, outcome);
    const before = gate(scope);
    const after = afterOutcome(before, outcome, now);
    if (after === OPEN_GATE) {
      shut.delete(scope);
      accepted.set(scope, now);
      const since = before.shut_since ?? others.since(scope);
      if (since !== null) await news.returned(scope, since, now);
      return;
    }
    shut.set(scope, after);
    if (after.shut_since === null || isShut(before)) return;
    const { shut_since: since, probe_at, unreachable } = after;
    await news.lost(scope, outcome.detail, { scope, since, probe_at, unreachable });
  };

  return {
    // All gates move now: what is written of one may take its time, and a later attempt must not come before.
    settle: (delivery, outcome, now) =>
      together(scopesOf(delivery, outcome).map((scope) => settleScope(scope, delivery, outcome, now))),
    isShut: (scope) => isShut(gate(scope)),
    shutPrinters: () =>
      [...shut].flatMap(([scope, state]) => (isShut(state) ? (printerOf(scope) ?? []) : [])),
    mayProbe: (scope, now) => isShut(gate(scope)) && now >= gate(scope).probe_at + others.patienceMs(scope),
    async follow(now) {
      await news.makeUp(now);
      const { over, mine } = await others.follow();
      for (const scope of over) move(scope, (before) => afterOthersWord(before, now));
      for (const outage of mine) {
        const { scope, since } = outage;
        if (isShut(gate(scope))) continue;
        if ((accepted.get(scope) ?? -Infinity) > since) await news.returned(scope, since, now);
        else {
          shut.set(scope, shutByOther(outage, now));
          void news.lost(scope, BY_OTHER, null);
        }
      }
    },
    probers,
    mayReplaceProber: (scope, now) => mayReplaceProber(gate(scope), now),
    probed: (scope, now) => void shut.set(scope, afterProbe(gate(scope), now)),
    takeTouch(scope, now) {
      const state = gate(scope);
      if (!isShut(state) || now < state.touch_at + others.patienceMs(scope)) return null;
      shut.set(scope, afterTouch(state, now));
      return state.unreachable ? "connection" : "waiting";
    },
    touched: (scope, now) =>
      move(scope, (before) => ({ ...before, probe_at: now - others.patienceMs(scope) })),
    untold({ printer }, now) {
      for (const scope of [CLOUD, scopeOf(printer)]) {
        probers.forget(scope);
        move(scope, (before) => afterOthersWord(before, now - others.patienceMs(scope)));
      }
    },
    nextAt: (now) => soonestAfter(now, shut, (scope) => others.patienceMs(scope)),
    clockSetBack(now) {
      for (const [scope, state] of shut) shut.set(scope, afterClockSetBack(state, now));
    },
  };
}

/** Whoever waits for it may do so only later, and a failure that nobody waits for ends a process. */
function together(works: readonly Promise<void>[]): Promise<void> {
  const all = Promise.all(works).then(() => undefined);
  all.catch(() => undefined);
  return all;
}

/** @returns when a probe of any kind is due next at any of the shut gates; null: at none */
function soonestAfter(
  now: UnixMs,
  gates: ReadonlyMap<string, Gate>,
  patienceMs: (scope: string) => number,
): UnixMs | null {
  const times = [...gates]
    .filter(([, state]) => isShut(state))
    .flatMap(([scope, { probe_at, touch_at }]) => [probe_at, touch_at].map((at) => at + patienceMs(scope)));
  const ahead = times.filter((at) => at > now);
  return ahead.length === 0 ? null : Math.min(...ahead);
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

function printerOf(scope: string): string | undefined {
  return scope === CLOUD ? undefined : scope.slice("printer ".length);
}
