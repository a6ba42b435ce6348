import type { UnixMs } from "../core/time.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Outage } from "../ledger/service-ledger.ts";
import type { Emit } from "../observe/events.ts";
import type { KnownOutages } from "./known-outages.ts";

/**
 * What is written and told of outages: of each scope in the order in which it came about, for alerts open and close by
 * it, and what is written takes its time.
 */
export interface OutageNews {
  /** @param outage what other relays are told; null: they know it */
  lost(scope: string, detail: string, outage: Outage | null): Promise<void>;
  /** Makes what has waited due. */
  returned(scope: string, since: UnixMs, now: UnixMs): Promise<void>;
  /** Writes and tells the returns that the ledger could not take when they came. */
  makeUp(now: UnixMs): Promise<void>;
}

export interface OutageNewsDeps {
  ledger: Pick<Ledger, "release">;
  emit: Emit;
  /** Whose account a scope is; undefined: the whole cloud's. */
  printerOf: (scope: string) => string | undefined;
}

export function createOutageNews(
  { ledger, emit, printerOf }: OutageNewsDeps,
  others: Pick<KnownOutages, "begin" | "end">,
): OutageNews {
  const turns = new Map<string, Promise<void>>();
  /** Returns that the ledger could not take. */
  const owed = new Map<string, UnixMs>();

  function inTurn(scope: string, task: () => Promise<void>): Promise<void> {
    const turn = (turns.get(scope) ?? Promise.resolve()).then(task);
    turns.set(
      scope,
      turn.catch(() => undefined),
    );
    return turn;
  }

  async function writeReturn(scope: string, since: UnixMs, now: UnixMs): Promise<void> {
    const printer = printerOf(scope);
    try {
      await others.end(scope);
      const released = await ledger.release(now, printer === undefined ? {} : { printer });
      emit({ event: "cloud.returned", scope, released, away_ms: now - since });
    } catch (error) {
      owed.set(scope, since);
      throw error;
    }
  }

  return {
    lost: (scope, detail, outage) =>
      inTurn(scope, async () => {
        // One that is lost again has not returned.
        owed.delete(scope);
        emit({ event: "cloud.lost", scope, detail });
        if (outage !== null) await others.begin(outage);
      }),
    returned: (scope, since, now) => inTurn(scope, () => writeReturn(scope, since, now)),
    async makeUp(now) {
      for (const scope of [...owed.keys()]) {
        await inTurn(scope, async () => {
          const since = owed.get(scope);
          owed.delete(scope);
          if (since !== undefined) await writeReturn(scope, since, now);
        });
      }
    },
  };
}
