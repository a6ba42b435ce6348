import type { LoadPlan } from "./plan.ts";

/** Which order goes next, by number; the number decides the body too, so a repeat is the same to the byte. */
export interface Orders {
  /** Null: none is left to send. */
  next(): number | null;
  answered(order: number, status: number): void;
  /** How many different ones were answered 200. */
  acknowledged(): number;
}

/** More refusals than a bad moment explains: what is measured is broken. */
const REFUSALS_MAX = 1000;

/** @param isOver whether time is up; with mode `count` the number of orders decides besides */
export function createOrders({ repeats, mode }: LoadPlan, isOver: () => boolean): Orders {
  const known = new Set<number>();
  const acknowledged: number[] = [];
  const refused: number[] = [];
  const issuedMax = mode.kind === "count" ? mode.orders : Infinity;
  let issued = 0;
  let refusals = 0;

  return {
    next() {
      if (isOver()) return null;
      const again = refused.pop();
      if (again !== undefined) return again;
      const any = acknowledged[Math.floor(Math.random() * acknowledged.length)];
      if (any !== undefined && Math.random() < repeats) return any;
      return issued < issuedMax ? issued++ : null;
    },
    answered(order, status) {
      if (status !== 200) {
        if (++refusals > REFUSALS_MAX) throw new Error(`${refusals} answers not 200, the last ${status}`);
        refused.push(order);
      } else if (!known.has(order)) {
        known.add(order);
        acknowledged.push(order);
      }
    },
    acknowledged: () => acknowledged.length,
  };
}
