import type { Leadership } from "../core/leadership.ts";
import { MINUTE_MS, type UnixMs } from "../core/time.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Outage } from "../ledger/service-ledger.ts";

/** How much longer than the leader another relay waits before it probes by itself. */
export const FOLLOWER_PATIENCE_MS = MINUTE_MS;

/** What the relays of one ledger tell each other of outages; where there is one relay alone, nothing is told or asked. */
export interface KnownOutages {
  begin(outage: Outage): Promise<void>;
  end(scope: string): Promise<void>;
  /** Since when the ledger has had it for away, as last read; null: it has not. */
  since(scope: string): UnixMs | null;
  /** Which are over since the last time by another's word, and which are to be looked after by this one. */
  follow(): Promise<{ over: string[]; mine: Outage[] }>;
  /** How much longer this one waits before it probes: while the leader looks after it. */
  patienceMs(scope: string): number;
}

export interface KnownOutagesDeps {
  ledger: Pick<Ledger, "outages" | "beginOutage" | "endOutage">;
  leadership: Pick<Leadership, "shared" | "leads">;
}

export function createKnownOutages({ ledger, leadership }: KnownOutagesDeps): KnownOutages {
  /** As last read. */
  let known = new Map<string, Outage>();
  /** Counts what this process tells the ledger: what was read meanwhile may be older. */
  let told = 0;

  async function tell(write: () => Promise<void>): Promise<void> {
    if (!leadership.shared) return;
    told++;
    await write().finally(() => told++);
  }

  return {
    async begin(outage) {
      await tell(() => ledger.beginOutage(outage));
      if (leadership.shared) known.set(outage.scope, outage);
    },
    end(scope) {
      known.delete(scope);
      return tell(() => ledger.endOutage(scope));
    },
    since: (scope) => known.get(scope)?.since ?? null,
    async follow() {
      const before = told;
      const outages = leadership.shared ? await ledger.outages() : [];
      if (told !== before) return { over: [], mine: [] };
      const found = new Map(outages.map((outage) => [outage.scope, outage]));
      const over = [...known.keys()].filter((scope) => !found.has(scope));
      known = found;
      return { over, mine: leadership.leads() ? outages : [] };
    },
    patienceMs: (scope) => (known.has(scope) && !leadership.leads() ? FOLLOWER_PATIENCE_MS : 0),
  };
}
