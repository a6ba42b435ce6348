import { DELIVERY_STATES } from "../core/delivery.ts";
import { SECOND_MS, type Clock, type UnixMs } from "../core/time.ts";
import type { Ledger, LedgerCounts, LedgerVitals } from "../ledger/ledger.ts";
import { createCounts } from "./counts.ts";
import type { RelayEvent } from "./events.ts";
import { gauge, type Family } from "./families.ts";
import { createProcessFigures } from "./process-figures.ts";

/** What Prometheus reads. */
export interface Metrics {
  count(event: RelayEvent): void;
  /** Begins what only a service needs. */
  watch(): void;
  /** Asks the ledger for its counts and vitals, and whether it can store, then tells everything as text. A ledger in trouble is told, too. */
  scrape(): Promise<{ contentType: string; text: string }>;
  stop(): void;
}

export interface MetricsDeps {
  ledger: Pick<Ledger, "counts" | "vitals" | "ping">;
  clock: Pick<Clock, "now">;
  /** Names of the printers that are configured now. */
  printers: () => readonly string[];
  version: string;
  /** This machine's clock minus the ledger's; left out where there is one clock. */
  machineOffsetMs?: () => number;
}

export function createMetrics(deps: MetricsDeps): Metrics {
  const { ledger, clock, printers, version, machineOffsetMs } = deps;
  const counts = createCounts();
  const own = createProcessFigures(version);

  async function ledgerFamilies(): Promise<Family[]> {
    const now = clock.now();
    // A full disk, or a file that is gone, can be read as if all were well.
    const stores = ledger.ping(now).then(
      () => true,
      () => false,
    );
    try {
      const told = await Promise.all([ledger.counts(now), ledger.vitals()]);
      return [upFamily(await stores), ...countFamilies(told[0], now), ...vitalFamilies(told[1])];
    } catch {
      // What is counted here is worth the more when the ledger cannot be asked.
      return [upFamily(false)];
    }
  }

  return {
    count: (event) => counts.count(event),
    watch: () => own.watch(),
    async scrape() {
      const [{ expose }, ofLedger] = await Promise.all([import("./exposition.ts"), ledgerFamilies()]);
      const ofClock = machineOffsetMs === undefined ? [] : [offsetFamily(machineOffsetMs())];
      return expose([...counts.families(printers()), ...ofLedger, ...ofClock, ...own.families()]);
    },
    stop: () => own.stop(),
  };
}

function upFamily(stores: boolean): Family {
  return gauge("relay_ledger_up", "1 while the ledger can store", stores ? 1 : 0);
}

function offsetFamily(offsetMs: number): Family {
  const help = "This machine's clock minus the database's, by which the relay goes";
  return gauge("relay_clock_offset_seconds", help, offsetMs / SECOND_MS);
}

function countFamilies({ by_state, oldest_due_at }: LedgerCounts, now: UnixMs): Family[] {
  const overdueMs = oldest_due_at === null ? 0 : Math.max(0, now - oldest_due_at);
  return [
    {
      kind: "gauge",
      name: "relay_deliveries",
      help: "Deliveries in the ledger by state",
      series: DELIVERY_STATES.map((state) => ({ labels: { state }, value: by_state[state] })),
    },
    gauge(
      "relay_oldest_due_seconds",
      "How long the longest-due waiting delivery is overdue; 0 when none is",
      overdueMs / SECOND_MS,
    ),
  ];
}

function vitalFamilies({ commit_s, commit_calls, wal_bytes }: LedgerVitals): Family[] {
  return [
    {
      kind: "histogram",
      name: "relay_ledger_commit_seconds",
      help: "One transaction of the ledger, from its begin to the disk",
      figures: commit_s,
    },
    {
      kind: "histogram",
      name: "relay_ledger_commit_calls",
      help: "Calls that shared one transaction",
      figures: commit_calls,
    },
    ...(wal_bytes === null
      ? []
      : [gauge("relay_ledger_wal_bytes", "Size of the ledger's write-ahead log", wal_bytes)]),
  ];
}
