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
  /** Makes what has waited due. @param printer whose account it is; undefined: the whole cloud's */
  returned(scope: string, printer: string | undefined, since: UnixMs, now: UnixMs): Promise<void>;
}

export function createOutageNews(
  { ledger, emit }: { ledger: Pick<Ledger, "release">; emit: Emit },
  others: Pick<KnownOutages, "begin" | "end">,
): OutageNews {
  const turns = new Map<string, Promise<void>>();

  function inTurn(scope: string, task: () => Promise<void>): Promise<void> {
    const turn = (turns.get(scope) ?? Promise.resolve()).then(task);
    turns.set(
      scope,
      turn.catch(() => undefined),
    );
    return turn;
  }

  return {
    lost: (scope, detail, outage) =>
      inTurn(scope, async () => {
        emit({ event: "cloud.lost", scope, detail });
        if (outage !== null) await others.begin(outage);
      }),
    returned: (scope, printer, since, now) =>
      inTurn(scope, async () => {
        await others.end(scope);
        const released = await ledger.release(now, printer === undefined ? {} : { printer });
        emit({ event: "cloud.returned", scope, released, away_ms: now - since });
      }),
  };
}
