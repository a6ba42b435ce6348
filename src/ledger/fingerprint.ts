import type { Delivery } from "../core/delivery.ts";

/**
 * Everything a decision may read of a row (that is all but its ticket), as JSON text: two rows with the same
 * fingerprint are decided alike.
 */
export function fingerprintOf(row: Omit<Delivery, "ticket">): string {
  return JSON.stringify({ ...row, ticket: undefined });
}
