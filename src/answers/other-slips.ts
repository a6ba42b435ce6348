import { isHeld } from "../core/decide.ts";
import type { Delivery } from "../core/delivery.ts";
import type { Ledger } from "../ledger/ledger.ts";

// One order may have several slips: its own and its reprints. What became of the one is not all that became of it.

/** What tells which slip it is. */
export type Slip = Pick<Delivery, "id" | "reprint_of" | "reprint_number" | "created_at">;

/** Asked about in one go. */
const ORDERS_MAX = 100;
/** Of so many orders, the newest: an order has one slip or two. */
const SLIPS_MAX = 1000;

const firstOf = ({ id, reprint_of }: Pick<Slip, "id" | "reprint_of">): string => reprint_of ?? id;

/** @returns what other slips the order of each of these has, oldest first */
export async function otherSlipsOf(
  ledger: Pick<Ledger, "listDeliveries">,
  slips: readonly Slip[],
): Promise<(slip: Slip) => Delivery[]> {
  const firsts = [...new Set(slips.map(firstOf))];
  const found: Delivery[] = [];
  for (let from = 0; from < firsts.length; from += ORDERS_MAX) {
    const slips_of = firsts.slice(from, from + ORDERS_MAX);
    found.push(...(await ledger.listDeliveries({ slips_of, limit: SLIPS_MAX })));
  }
  const byFirst = Map.groupBy(
    found.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    firstOf,
  );
  return (slip) => (byFirst.get(firstOf(slip)) ?? []).filter(({ id }) => id !== slip.id);
}

/** Whether another slip may stand in place of this one: it is not on paper, as far as anybody knows. */
export function isMissing(delivery: Delivery): boolean {
  const { state, attention } = delivery;
  return state === "dead" || state === "rejected" || state === "pending" || attention === "unconfirmed";
}

/**
 * The slip that came out in place of this one, or is to: none, and the kitchen knows nothing yet. One that had printed
 * before this one was asked for stands for nothing, for then another was wanted.
 */
export function inPlaceOf(slip: Slip, others: readonly Delivery[]): Delivery | null {
  const printed = others.findLast(
    ({ state, printed_at }) => state === "printed" && (printed_at ?? 0) >= slip.created_at,
  );
  const isLater = ({ reprint_number }: Slip): boolean => (reprint_number ?? 0) > (slip.reprint_number ?? 0);
  const coming = others.findLast((other) => isLater(other) && isOnItsWay(other) && other.attention === null);
  return printed ?? coming ?? null;
}

/** It goes on by itself. */
export function isOnItsWay(delivery: Delivery): boolean {
  const { state } = delivery;
  if (isHeld(delivery)) return false;
  return state === "verifying" || state === "pending" || state === "sending" || state === "accepted";
}

/** `reprint 2`, or what was reprinted. */
export function slipName({ reprint_number }: Pick<Slip, "reprint_number">): string {
  return reprint_number === null ? "the first slip" : `reprint ${reprint_number}`;
}
