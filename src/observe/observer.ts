import type { Clock } from "../core/time.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { createAlerts, type AlertDeps } from "./alerts.ts";
import { createDay, type DayFigures } from "./day.ts";
import type { Emit } from "./events.ts";
import { createLogger, logEvent } from "./logger.ts";
import { createMetrics, type Metrics, type MetricsDeps } from "./metrics.ts";
import { readPast } from "./past.ts";
import { createTracing, type Trace } from "./tracing.ts";

export interface ObserverDeps extends Pick<MetricsDeps, "printers" | "version"> {
  level: string;
  logTo?: { write(line: string): void };
  clock: Clock;
  ledger: Pick<Ledger, "counts" | "vitals" | "pastSteps">;
  /** Null: nobody is alerted. */
  alerts: Pick<AlertDeps, "url" | "secret" | "publicUrl" | "makeId"> | null;
  /** Of an OTLP/HTTP collector; undefined: no traces are made. */
  otlpUrl: string | undefined;
}

/** Everything that watches: each event becomes a log line, is counted, and is alerted where it should be. */
export interface Observer {
  emit: Emit;
  scrape: Metrics["scrape"];
  trace: Trace | undefined;
  /** What happened in the last 24 hours, from memory. */
  lastDay(): DayFigures;
  /** Begins what only a service needs, before anything happens in it: the last day is read, the event loop watched. */
  watch(): void;
  /** Waits for alerts on their way, and a moment for traces. */
  close(): Promise<void>;
}

export function createObserver(deps: ObserverDeps): Observer {
  const logger = createLogger(deps.level, deps.logTo);
  const metrics = createMetrics(deps);
  const day = createDay(deps.clock);
  const alerts =
    deps.alerts &&
    createAlerts({
      ...deps.alerts,
      clock: deps.clock,
      onFailure: (detail) => logger.error({ event: "alert.failed", detail }, "alert.failed"),
    });
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
      tracing?.follow(event);
    },
    trace: tracing,
    scrape: () => metrics.scrape(),
    lastDay: () => day.figures(),
    watch() {
      metrics.watch();
      stopReading = readPast(day, deps.ledger, deps.clock);
    },
    async close() {
      stopReading();
      metrics.stop();
      await Promise.all([alerts?.settle(), tracing?.close()]);
    },
  };
}
