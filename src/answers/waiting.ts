import type { Ledger } from "../ledger/ledger.ts";

/** Also those whose store is asked first. */
const STATES = ["verifying", "pending", "sending"] as const;
const COUNTED_MAX = 100;

/** How many slips wait for this printer, in words; null: none. Without its settings they cannot go out. */
export async function waitingFor(
  ledger: Pick<Ledger, "listDeliveries">,
  printer: string,
): Promise<string | null> {
  const lists = STATES.map((state) => ledger.listDeliveries({ printer, state, limit: COUNTED_MAX }));
  const count = (await Promise.all(lists)).flat().length;
  if (count === 0) return null;
  if (count === 1) return "1 slip waits";
  return `${count < COUNTED_MAX ? count : `${COUNTED_MAX} or more`} slips wait`;
}
