import { pino, type Logger } from "pino";
import type { RelayEvent } from "./events.ts";

/** Events that a person on call should find by level alone. */
const LEVELS: Partial<Record<RelayEvent["event"], "warn" | "error">> = {
  "webhook.refused": "warn",
  "webhook.refusals_summed": "warn",
  "operator.refused": "warn",
  "operator.refusals_summed": "warn",
  "delivery.dead": "error",
  "delivery.held": "error",
  "delivery.unconfirmed": "warn",
  "delivery.recovered": "warn",
  "delivery.lease_lost": "warn",
  "cloud.lost": "warn",
  "service.exposed": "warn",
  "clock.apart": "warn",
  "ledger.newer": "warn",
  "ledger.failed": "error",
  "ledger.lost": "error",
  "ledger.pruning_waits": "warn",
  "ledger.restored": "warn",
  "buyer.forgetting_failed": "error",
  "http.failed": "error",
};

/** A look every quarter of an hour that finds all as it was is nothing to read. */
const CHECK_LEVELS: Partial<Record<string, "warn">> = { restored: "warn", gone: "warn", moved: "warn" };

/** Webhooks that were kept but not understood are worth a warning, too. */
function levelOf(event: RelayEvent): "debug" | "info" | "warn" | "error" {
  if (event.event === "webhook.received" && event.status === "quarantined") return "warn";
  if (event.event === "cancellation.fetched" && event.status === "quarantined") return "warn";
  if ("summed" in event) return "debug";
  if ("api" in event && event.api !== "answered") return "warn";
  if (event.event === "subscription.checked") return CHECK_LEVELS[event.result] ?? "debug";
  if (event.event === "delivery.attempted" && event.outcome !== "accepted") return "warn";
  return LEVELS[event.event] ?? "info";
}

/** JSON lines with RFC 3339 times; standard output unless told otherwise. Each is written before its act goes on. */
export function createLogger(level: string, to: { write(line: string): void } = standardOutput()): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, to);
}

const STDOUT = 1;
/** Of lines that its disk does not take now: they are written when it does again, and what comes beyond is lost. */
const KEPT_BYTES_MAX = 1024 * 1024;

/** A full disk under the log must stop no webhook: pino's own output would end the process, and wait at its end for room. */
function standardOutput(): { write(line: string): void } {
  const output = pino.destination({ dest: STDOUT, sync: true, maxLength: KEPT_BYTES_MAX });
  output.on("error", () => undefined);
  return output;
}

export function logEvent(logger: Logger, event: RelayEvent): void {
  // What pino is told is undefined it leaves out.
  logger[levelOf(event)]({ ...event, traced: undefined }, event.event);
}
