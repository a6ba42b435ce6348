import { isHeld } from "../core/decide.ts";
import type { Delivery } from "../core/delivery.ts";
import type { Leadership } from "../core/leadership.ts";
import { endsWithin, SECOND_MS, type UnixMs } from "../core/time.ts";
import type { Story } from "../relay.ts";
import { CLOUD, createGates, scopeOf, type Gates } from "./gates.ts";
import { createClaims, type Claims } from "./claims.ts";
import { createErasures } from "./erasures.ts";
import { createProbe, type Probe, type Which } from "./probe.ts";
import { createRetention } from "./retention.ts";
import { createRunning, type Running } from "./running.ts";
import { createSends, type Sends } from "./sends.ts";
import {
  CLOCK_JUMP_MS,
  followClock,
  notice,
  recover,
  releaseHeld,
  shortenWaits,
  sweepIfLeading,
  takeUpLost,
  takeUpRestored,
  type SweepDeps,
} from "./sweep.ts";
import { createVerifies, type Verifies } from "./verifies.ts";
import { ledgerFailed } from "./failed.ts";

/** The worker looks again this often even if nothing wakes it: other processes write to the ledger too. */
const LOOK_EVERY_MS = SECOND_MS;

export interface WorkerDeps extends SweepDeps {
  relay: Pick<Story, "deliver" | "verify">;
  /** Whether a connection to the cloud can be made at all. */
  reachable: () => Promise<boolean>;
  leadership: Leadership;
  /** Until the event loop has gone round: what came in meanwhile goes first. */
  nextTurn: () => Promise<void>;
}

/** Takes what is due from the ledger and has the relay deliver it, for as long as the service runs. */
export interface Worker {
  /** Recovers what a dead process or a lost ledger left, then works. */
  start(): Promise<void>;
  /** Something may be due now; or something is to be erased. */
  wake(what?: "erasure"): void;
  /** Takes nothing more and waits for what runs. @returns false when `graceMs` was not enough */
  stop(graceMs: number): Promise<boolean>;
}

interface State {
  deps: WorkerDeps;
  gates: Gates;
  claims: Claims;
  running: Running;
  sends: Sends;
  verifies: Verifies;
  probe: Probe;
  /** The look under way, null between two. */
  looking: Promise<void> | null;
  lookAgain: boolean;
  cancelTimer: () => void;
  /** Whether a claim of the look brought as many as it asked for: then there are more, most likely. */
  backlog: boolean;
  /** The last look that has followed the clock; null before the first. */
  lookedAt: UnixMs | null;
  /** The latest that the clock has ever said. */
  latestAt: UnixMs;
  sweptAt: UnixMs;
  /** False once it is known that no held delivery waits for the next acceptance. */
  mayHold: boolean;
  /** Not before what a dead process left is recovered: an attempt begun meanwhile would be taken for lost. */
  started: boolean;
  stopping: boolean;
}

export function createWorker(deps: WorkerDeps): Worker {
  const running = createRunning({ emit: deps.emit, onLeft: () => wake(state) });
  const claims = createClaims(deps);
  const gates = createGates(deps);
  const state: State = {
    deps,
    gates,
    claims,
    running,
    sends: createSends({
      running,
      nextTurn: deps.nextTurn,
      send: (delivery, leave) => send(state, delivery, leave),
      onBegun: () => wake(state),
    }),
    verifies: createVerifies({ ...deps, claims, running, onMore: () => wake(state) }),
    probe: createProbe({
      ...{ ...deps, gates, running },
      room: () => state.sends.room(),
      take: (which) => takeSending(state, which, 1),
      onDue: () => (state.lookAgain = true),
    }),
    looking: null,
    lookAgain: false,
    cancelTimer: () => undefined,
    backlog: false,
    lookedAt: null,
    latestAt: 0,
    sweptAt: 0,
    mayHold: true,
    started: false,
    stopping: false,
  };
  const retention = createRetention(deps);
  const erasures = createErasures(deps);
  return {
    async start() {
      state.latestAt = deps.clock.now();
      await takeUpRestored(deps);
      // What others are sending looks no different from what a dead one left: there the leases tell.
      if (!deps.leadership.shared) await recover(deps);
      if (deps.leadership.leads()) await shortenWaits(deps, deps.clock.now());
      retention.start();
      erasures.start();
      state.started = true;
      wake(state);
    },
    wake: (what) => (what === "erasure" ? erasures.wake() : wake(state)),
    stop: (graceMs) => stop(state, graceMs, [retention.stop(), erasures.stop()]),
  };
}

function wake(state: State): void {
  if (state.stopping || !state.started) return;
  if (state.looking !== null) {
    state.lookAgain = true;
    return;
  }
  state.cancelTimer();
  state.looking = lookUntilIdle(state).then((delayMs) => {
    state.looking = null;
    if (!state.stopping) state.cancelTimer = state.deps.clock.after(delayMs, () => wake(state));
  });
}

/**
 * Without a timer in between: a backlog would wait for it as long as for the ledger. But a turn later: answers come in
 * crowds, and a look at the first of them would see one free place where there are many, then wait for the ledger.
 * @returns as `lookAndPlan`
 */
async function lookUntilIdle(state: State): Promise<number> {
  let delayMs: number;
  do {
    await state.deps.nextTurn();
    state.lookAgain = false;
    state.backlog = false;
    delayMs = await lookAndPlan(state);
  } while (isLookWanted(state));
  return delayMs;
}

function isLookWanted(state: State): boolean {
  return !state.stopping && (state.lookAgain || (state.backlog && state.sends.room() > 0));
}

/** @returns how long to wait before the next look; never throws */
async function lookAndPlan(state: State): Promise<number> {
  const lookedAt = state.deps.clock.now();
  try {
    await look(state, lookedAt);
    return await nextLookIn(state, lookedAt);
  } catch (error) {
    state.deps.emit(ledgerFailed(error));
    return LOOK_EVERY_MS;
  }
}

async function look(state: State, now: UnixMs): Promise<void> {
  const { deps, gates } = state;
  const passedMs = now - (state.lookedAt ?? now);
  if (passedMs < 0 || passedMs > CLOCK_JUMP_MS) {
    // Others go by the lease that they know.
    if (!deps.leadership.shared) await followClock(deps, now);
    if (passedMs < 0) gates.clockSetBack(now);
  }
  state.lookedAt = now;
  state.latestAt = Math.max(state.latestAt, now);
  // Also when the clock was set back, or nothing would be swept until it has caught up.
  if (now - state.sweptAt >= LOOK_EVERY_MS || now < state.sweptAt) {
    if (deps.leadership.shared) await takeUpLost(deps);
    await gates.follow(now);
    await state.claims.handBackLost();
    if (await sweepIfLeading(deps, now, state.latestAt)) state.mayHold = true;
    state.sweptAt = now;
  }
  // What it takes while the others think it dead it could not send.
  if (!deps.leadership.isAlive()) return;
  // At once, so that both share the ledger's commit. But slips do not wait for it.
  state.verifies.begin();
  await takeOrProbe(state, now);
}

async function takeOrProbe(state: State, now: UnixMs): Promise<void> {
  const { gates } = state;
  const except_printers = gates.shutPrinters();
  if (gates.isShut(CLOUD)) {
    // A shut printer whose own time has come may probe for both, or each would wait for the other for ever.
    const resting = except_printers.filter((name) => !gates.mayProbe(scopeOf(name), now));
    return state.probe(CLOUD, { except_printers: resting });
  }
  await takeSending(state, { except_printers }, state.sends.room());
  for (const only_printer of except_printers) await state.probe(scopeOf(only_printer), { only_printer });
}

/** @returns how many were taken */
async function takeSending(state: State, which: Which, limit: number): Promise<number> {
  if (limit <= 0) return 0;
  const claimed = await state.claims.take({ state: "pending", limit, ...which });
  state.sends.begin(claimed);
  state.backlog ||= claimed.length === limit;
  return claimed.length;
}

async function send(state: State, claimed: Delivery, leave: () => void): Promise<void> {
  const { deps, gates } = state;
  let settled: Promise<void> | undefined;
  const sent = await deps.relay.deliver(claimed, (answer) => {
    // Before it is written down: the next one goes meanwhile, and must not go into an outage.
    settled = gates.settle(claimed, answer, deps.clock.now());
    leave();
  });
  if (sent === null) return settled;
  const { outcome, delivery } = sent;
  if (isHeld(delivery)) {
    state.mayHold = true;
    deps.emit(notice("delivery.held", delivery, outcome.detail));
  }
  if (delivery.state === "dead") deps.emit(notice("delivery.dead", delivery, outcome.detail));
  // It may have gone as a probe, and has told nothing: another is to show whether the cloud is back.
  if (settled === undefined) gates.untold(claimed, deps.clock.now());
  await settled;
  if (outcome.kind === "accepted" && state.mayHold) await releaseSome(state);
}

async function releaseSome(state: State): Promise<void> {
  // Not by those accepted meanwhile, too; what is held meanwhile says so anew.
  state.mayHold = false;
  let areMore = true;
  try {
    areMore = await releaseHeld(state.deps);
  } finally {
    state.mayHold ||= areMore;
  }
}

async function nextLookIn(state: State, lookedAt: UnixMs): Promise<number> {
  const { deps, gates } = state;
  const dueAt = state.backlog || state.sends.room() <= 0 ? null : await deps.ledger.nextDueAt();
  // What was due when we looked and is still there cannot be taken now (its scope is shut): no hurry.
  const nextDueAt = dueAt !== null && dueAt > lookedAt ? dueAt : Infinity;
  const now = deps.clock.now();
  return Math.max(0, Math.min(now + LOOK_EVERY_MS, nextDueAt, gates.nextAt(lookedAt) ?? Infinity) - now);
}

async function stop(state: State, graceMs: number, batches: Promise<void>[]): Promise<boolean> {
  state.stopping = true;
  state.cancelTimer();
  const idle = (async () => {
    await Promise.all([state.looking, ...batches]);
    await Promise.all([state.sends.begun(), state.verifies.begun()]);
    await state.running.ended();
  })();
  return endsWithin(state.deps.clock, graceMs, idle);
}
