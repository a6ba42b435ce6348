import { RelayError } from "../core/errors.ts";
import type { Clock } from "../core/time.ts";
import type { Emit } from "../observe/events.ts";
import type { StoreActs } from "../stores/store-acts.ts";

/** Stores asked at once; each has a rate limit of its own. */
const STORES_AT_ONCE = 4;

export interface RoundsDeps {
  relay: Pick<StoreActs, "watch" | "reconcile">;
  /** Names of the stores that can be asked. */
  stores: () => string[];
  clock: Clock;
  emit: Emit;
  /** Between the end of a round and the next; 0: there are none. */
  watchEveryMs: number;
  reconcileEveryMs: number;
}

/** Asks the stores, one round after the other: is the subscription there, and what was missed. */
export interface Rounds {
  /** The first rounds begin at once: nobody knows how long the relay was away. */
  start(): void;
  /** Begins nothing more. @returns false when what runs was not done within `graceMs` */
  stop(graceMs: number): Promise<boolean>;
}

export function createRounds(deps: RoundsDeps): Rounds {
  let stopped = false;
  const watchRound = createRound(
    deps,
    () => stopped,
    deps.watchEveryMs,
    async (store) => {
      // What was cancelled while there was no subscription will not be told by anybody.
      if (await deps.relay.watch(store)) await deps.relay.reconcile(store, BY);
    },
  );
  const reconcileRound = createRound(
    deps,
    () => stopped,
    deps.reconcileEveryMs,
    (store) => deps.relay.reconcile(store, BY),
  );
  return {
    start() {
      watchRound.start();
      reconcileRound.start();
    },
    async stop(graceMs) {
      stopped = true;
      let cancel = (): void => undefined;
      const late = new Promise<boolean>((resolve) => {
        cancel = deps.clock.after(graceMs, () => resolve(false));
      });
      const done = Promise.all([watchRound.stop(), reconcileRound.stop()]).then(() => true);
      return Promise.race([done, late]).finally(() => cancel());
    },
  };
}

const BY = "relay";

interface Round {
  start(): void;
  stop(): Promise<void>;
}

function createRound(
  { stores, clock, emit }: RoundsDeps,
  stopped: () => boolean,
  everyMs: number,
  ask: (store: string) => Promise<unknown>,
): Round {
  let cancel = (): void => undefined;
  let running: Promise<void> = Promise.resolve();

  async function askOne(store: string): Promise<void> {
    try {
      await ask(store);
    } catch (error) {
      // Whatever the store says has been told by whoever asked it.
      if (error instanceof RelayError && error.code !== "ledger_unavailable") return;
      emit({ event: "ledger.failed", detail: error instanceof Error ? error.message : "unknown" });
    }
  }

  async function round(): Promise<void> {
    const waiting = stores();
    const lanes = Array.from({ length: STORES_AT_ONCE }, async () => {
      for (let store = waiting.shift(); store !== undefined && !stopped(); store = waiting.shift()) {
        await askOne(store);
      }
    });
    await Promise.all(lanes);
  }

  function run(): void {
    running = round().then(() => {
      if (!stopped()) cancel = clock.after(everyMs, run);
    });
  }

  return {
    start() {
      if (everyMs > 0) run();
    },
    stop() {
      cancel();
      return running;
    },
  };
}
