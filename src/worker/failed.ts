import type { RelayEvent } from "../observe/events.ts";

/**
 * What is told of work that was cut short and is taken up again by itself. Nearly always it is the ledger; a fault of
 * ours is told by the same event, so that a person looks.
 */
export function ledgerFailed(error: unknown): Extract<RelayEvent, { event: "ledger.failed" }> {
  return { event: "ledger.failed", detail: error instanceof Error ? error.message : "unknown" };
}
