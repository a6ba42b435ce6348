import { RelayError } from "../core/errors.ts";
import type { Leadership } from "../core/leadership.ts";
import { endsWithin, type Clock } from "../core/time.ts";
import type { Emit } from "../observe/events.ts";
import type { StoreActs } from "../stores/store-acts.ts";
import { createTurns, type Place } from "./turns.ts";
import { ledgerFailed } from "./failed.ts";

/** Stores asked at once, a page each: one whose list is long goes behind the others after every page. */
const STORES_AT_ONCE = 4;

export interface RoundsDeps {
  relay: Pick<StoreActs, "watch" | "reconcile">;
  /** Names of the stores that can be asked. */
  stores: () => string[];
  clock: Clock;
  emit: Emit;
  leadership: Pick<Leadership, "leads" | "onLead">;
  /** From the beginning of a round to that of the next; 0: there are none. */
  watchEveryMs: number;
  reconcileEveryMs: number;
}

/** Asks the stores, one round after the other: is the subscription there, and what was missed. */
export interface Rounds {
  /** The first rounds begin at once, and so do those of a new leader: nobody knows how long the stores were not asked. */
  start(): void;
  /** Begins nothing more. @returns false when what runs was not done within `graceMs` */
  stop(graceMs: number): Promise<boolean>;
}

export function createRounds(deps: RoundsDeps): Rounds {
  const { relay } = deps;
  const reconcile: Ask = (store, { take }) => relay.reconcile(store, BY, { turn: take });
  const rounds = [
    createRound(deps, deps.watchEveryMs, async (store, place) => {
      if (!(await place.take())) return;
      const isBack = await relay.watch(store);
      place.leave();
      // What was cancelled while there was no subscription will not be told by anybody.
      if (isBack) await reconcile(store, place);
    }),
    createRound(deps, deps.reconcileEveryMs, reconcile),
  ];
  return {
    start() {
      for (const round of rounds) round.start();
    },
    stop: (graceMs) => endsWithin(deps.clock, graceMs, Promise.all(rounds.map((round) => round.stop()))),
  };
}

const BY = "relay";

interface Round {
  start(): void;
  stop(): Promise<void>;
}

/** What one store is asked, each question in a turn of its own, so that none takes the others' places. */
type Ask = (store: string, place: Place) => Promise<unknown>;

function createRound({ stores, clock, emit, leadership }: RoundsDeps, everyMs: number, ask: Ask): Round {
  const turns = createTurns(STORES_AT_ONCE);
  const running = new Map<string, Promise<void>>();
  let cancel = (): void => undefined;
  let stopListening = (): void => undefined;

  async function askOne(store: string): Promise<void> {
    const place = turns.place();
    try {
      await ask(store, place);
    } catch (error) {
      // Whatever the store says has been told by whoever asked it.
      if (error instanceof RelayError && error.code !== "ledger_unavailable") return;
      emit(ledgerFailed(error));
    } finally {
      place.leave();
    }
  }

  function run(): void {
    cancel();
    cancel = clock.after(everyMs, run);
    if (!leadership.leads()) return;
    // One that is still at it, however long, is the only one that misses this round.
    for (const store of stores().filter((name) => !running.has(name))) {
      running.set(
        store,
        askOne(store).finally(() => running.delete(store)),
      );
    }
  }

  return {
    start() {
      if (everyMs === 0) return;
      stopListening = leadership.onLead(run);
      run();
    },
    async stop() {
      stopListening();
      cancel();
      turns.close();
      await Promise.all(running.values());
    },
  };
}
