import type { Clock } from "../core/time.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Alerts } from "./alerts/alerts.ts";
import { createChanges, type Changes } from "./changes.ts";
import { createDay, type DayFigures } from "./day.ts";
import type { Emit } from "./events.ts";
import { createLogger, logEvent } from "./logger.ts";
import { createMetrics, type Metrics, type MetricsDeps } from "./metrics.ts";
import { readPast } from "./past.ts";
import { createTracing, type Trace } from "./tracing.ts";

export interface ObserverDeps extends Pick<MetricsDeps, "printers" | "version" | "machineOffsetMs"> {
  level: string;
  logTo?: { write(line: string): void };
  clock: Clock;
  ledger: Pick<Ledger, "counts" | "vitals" | "ping" | "pastSteps">;
  /** Of an OTLP/HTTP collector; undefined: no traces are made. */
  otlpUrl: string | undefined;
}

/** Everything that watches: each event becomes a log line, is counted, and is alerted where it should be. */
export interface Observer {
  emit: Emit;
  scrape: Metrics["scrape"];
  changes: Changes;
  trace: Trace | undefined;
  /** What happened in the last 24 hours, from memory. */
  lastDay(): DayFigures;
  /** Begins what only a service needs, before anything happens in it: the last day is read, the event loop watched. */
  watch(): void;
  /** Hands every further event to the alerts, too: they begin when the parts that they need are there. */
  watchedBy(alerts: Pick<Alerts, "consider">): void;
  /** An alert could not be sent: a line in the log, and no event, or it would be alerted. */
  alertFailed(detail: string): void;
  /** Waits a moment for traces on their way. */
  close(): Promise<void>;
}

export function createObserver(deps: ObserverDeps): Observer {
  const logger = createLogger(deps.level, deps.logTo);
  const metrics = createMetrics(deps);
  const changes = createChanges();
  const day = createDay(deps.clock);
  let alerts: Pick<Alerts, "consider"> | null = null;
  const tracing =
    deps.otlpUrl === undefined
      ? undefined
      : createTracing({
          url: deps.otlpUrl,
          version: deps.version,
          clock: deps.clock,
          onFailure: (detail) => logger.warn({ event: "traces.failed", detail }, "traces.failed"),
        });
  let stopReading = (): void => undefined;
  return {
    emit(event) {
      logEvent(logger, event);
      metrics.count(event);
      day.count(event);
      alerts?.consider(event);
      changes.tell(event);
      tracing?.follow(event);
    },
    changes,
    trace: tracing,
    scrape: () => metrics.scrape(),
    lastDay: () => day.figures(),
    watch() {
      metrics.watch();
      stopReading = readPast(day, deps.ledger, deps.clock);
    },
    watchedBy(watching) {
      alerts = watching;
    },
    alertFailed: (detail) => logger.error({ event: "alert.failed", detail }, "alert.failed"),
    async close() {
      stopReading();
      metrics.stop();
      await tracing?.close();
    },
  };
}
