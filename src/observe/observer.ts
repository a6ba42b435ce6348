import type { LedgerCounts } from "../ledger/ledger.ts";
import type { Clock } from "../core/time.ts";
import { createAlerts, type AlertDeps } from "./alerts.ts";
import { createChanges, type Changes } from "./changes.ts";
import { createDay, type DayFigures } from "./day.ts";
import type { Emit } from "./events.ts";
import { createLogger, logEvent } from "./logger.ts";
import { createMetrics, type Metrics } from "./metrics.ts";

export interface ObserverDeps {
  level: string;
  logTo?: { write(line: string): void };
  clock: Clock;
  counts: () => Promise<LedgerCounts>;
  /** Null: nobody is alerted. */
  alerts: Pick<AlertDeps, "url" | "secret" | "publicUrl" | "makeId"> | null;
}

/** Everything that watches: each event becomes a log line, is counted, and is alerted where it should be. */
export interface Observer {
  emit: Emit;
  scrape: Metrics["scrape"];
  changes: Changes;
  /** What happened in the last 24 hours, from memory. */
  lastDay(): DayFigures;
  /** Waits for alerts on their way. */
  close(): Promise<void>;
}

export function createObserver(deps: ObserverDeps): Observer {
  const logger = createLogger(deps.level, deps.logTo);
  const metrics = createMetrics(deps.counts, deps.clock);
  const changes = createChanges();
  const day = createDay(deps.clock);
  const alerts =
    deps.alerts &&
    createAlerts({
      ...deps.alerts,
      clock: deps.clock,
      onFailure: (detail) => logger.error({ event: "alert.failed", detail }, "alert.failed"),
    });
  return {
    emit(event) {
      logEvent(logger, event);
      metrics.count(event);
      day.count(event);
      alerts?.consider(event);
      changes.tell(event);
    },
    changes,
    scrape: () => metrics.scrape(),
    lastDay: () => day.figures(),
    close: async () => alerts?.settle(),
  };
}
