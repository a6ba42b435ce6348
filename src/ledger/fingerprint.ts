import type { Delivery } from "../core/delivery.ts";

/**
 * All of a row but its ticket, as JSON text: two rows with the same fingerprint are decided alike. A ticket is read only
 * to hide its buyer in what a callback says. Whatever writes or erases one changes the row too; pruning alone does not,
 * and what was decided before it hides no less.
 */
export function fingerprintOf(row: Omit<Delivery, "ticket">): string {
  return JSON.stringify({ ...row, ticket: undefined });
}
