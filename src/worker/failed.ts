import type { RelayEvent } from "../observe/events.ts";

/** What is told of work that goes on once the ledger does. */
export function ledgerFailed(error: unknown): Extract<RelayEvent, { event: "ledger.failed" }> {
  return { event: "ledger.failed", detail: error instanceof Error ? error.message : "unknown" };
}
