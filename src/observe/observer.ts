import type { LedgerCounts } from "../ledger/ledger.ts";
import type { Clock } from "../core/time.ts";
import type { Alerts } from "./alerts/alerts.ts";
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
}

/** Everything that watches: each event becomes a log line, is counted, and is alerted where it should be. */
export interface Observer {
  emit: Emit;
  scrape: Metrics["scrape"];
  changes: Changes;
  /** What happened in the last 24 hours, from memory. */
  lastDay(): DayFigures;
  /** Hands every further event to the alerts, too: they begin when the parts that they need are there. */
  watchedBy(alerts: Pick<Alerts, "consider">): void;
  /** An alert could not be sent: a line in the log, and no event, or it would be alerted. */
  alertFailed(detail: string): void;
}

export function createObserver(deps: ObserverDeps): Observer {
  const logger = createLogger(deps.level, deps.logTo);
  const metrics = createMetrics(deps.counts, deps.clock);
  const changes = createChanges();
  const day = createDay(deps.clock);
  let alerts: Pick<Alerts, "consider"> | null = null;
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
    watchedBy(watching) {
      alerts = watching;
    },
    alertFailed: (detail) => logger.error({ event: "alert.failed", detail }, "alert.failed"),
  };
}
