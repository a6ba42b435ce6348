import type { Delivery } from "./delivery.ts";
import type { Leadership } from "./leadership.ts";
import { SECOND_MS, type UnixMs } from "./time.ts";

/** From a POST's first byte to what came of it in the ledger: headers 30 s, body 10 s, and the record of it. */
export const SEND_MS_MAX = 45 * SECOND_MS;

/** What a claimed delivery is to be used for, and how much of its lease that needs. */
const NEEDED_MS = { send: SEND_MS_MAX, verify: 0 };

/**
 * Whether a claimed delivery is still this service's own, as far as it can know: one that was paused, or cut off from
 * the ledger, must not send what another may have taken over. Where no other works on the ledger, it always is.
 */
export function isOwn(
  { lease_until }: Pick<Delivery, "lease_until">,
  use: keyof typeof NEEDED_MS,
  { shared, isAlive }: Pick<Leadership, "shared" | "isAlive">,
  now: UnixMs,
): boolean {
  return !shared || (isAlive() && lease_until !== null && now < lease_until - NEEDED_MS[use]);
}

/**
 * Whether what was claimed for a question is still in the same hands: that it was claimed anew shows by its lease alone.
 * Where no other works on the ledger a lease may have been made longer meanwhile.
 */
export function isClaimOf(
  row: Pick<Delivery, "lease_until">,
  claimed: Pick<Delivery, "lease_until">,
  { leadership }: { leadership: Pick<Leadership, "shared"> },
): boolean {
  return !leadership.shared || row.lease_until === claimed.lease_until;
}
