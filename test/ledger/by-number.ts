import type { Ledger } from "../../src/ledger/ledger.ts";
import { idOf, NOON } from "./entries.ts";

/** Sets columns as core/decide.ts would. */
export async function set(
  ledger: Ledger,
  n: number,
  columns: NonNullable<ReturnType<Parameters<Ledger["change"]>[1]["decide"]>>["set"],
): Promise<void> {
  await ledger.change(idOf("DLVR", n), {
    at: NOON,
    by: "relay",
    decide: () => ({ set: columns, note: null }),
  });
}

export const numbers = (deliveries: readonly { id: string }[]): number[] =>
  deliveries.map(({ id }) => Number(id.slice(-16)));
