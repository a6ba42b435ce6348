import type { Delivery } from "./delivery.ts";

const OF_REPRINT = /^(reprint \d+)(?:: |$)/;

/** Why a delivery needs a person. Of a reprint it begins with that: the order's first slip may well have printed. */
export function deliveryReason({
  last_error,
  reprint_number,
}: Pick<Delivery, "last_error" | "reprint_number">): string {
  const reprint = reprint_number === null ? null : `reprint ${reprint_number}`;
  return [reprint, last_error].filter((part) => part !== null).join(": ");
}

/** @returns which reprint a reason speaks of, and the rest of it; empty: of none, nothing */
export function reprintIn(reason: string): { reprint: string; rest: string } {
  const [start = "", reprint = ""] = OF_REPRINT.exec(reason) ?? [];
  return { reprint, rest: reason.slice(start.length) };
}
