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
export function createLogger(level: string, to?: { write(line: string): void }): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return to === undefined ? pino(options) : pino(options, to);
}

export function logEvent(logger: Logger, event: RelayEvent): void {
  // What pino is told is undefined it leaves out.
  logger[levelOf(event)]({ ...event, traced: undefined }, event.event);
}
