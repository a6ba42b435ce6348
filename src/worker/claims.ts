import type { Delivery } from "../core/delivery.ts";
import type { Leadership } from "../core/leadership.ts";
import type { Clock, UnixMs } from "../core/time.ts";
import type { ClaimQuery, Ledger } from "../ledger/ledger.ts";
import { LEASE_MS } from "./sweep.ts";

export interface ClaimsDeps {
  ledger: Pick<Ledger, "claim" | "handBack">;
  clock: Pick<Clock, "now">;
  leadership: Pick<Leadership, "id" | "shared">;
}

/** Of so many claims the leases are known: more than are made while one holds. */
const LEASES_MAX = 10_000;

/** Claims of this service. */
export interface Claims {
  /** For as long as a lease lasts, by the clock of now. */
  take(query: Omit<ClaimQuery, "by" | "now" | "lease_until">): Promise<Delivery[]>;
  /**
   * A claim whose answer was lost may have been made all the same, and nobody works on what it took: that is due again,
   * unmarked, instead of when its lease ends.
   */
  handBackLost(): Promise<void>;
}

/** Of claims that failed in a row: when their leases end. */
interface Failed {
  first: UnixMs;
  last: UnixMs;
  /** Another failure that follows belongs to it. */
  isOpen: boolean;
}

export function createClaims({ ledger, clock, leadership }: ClaimsDeps): Claims {
  const failed: Record<ClaimQuery["state"], Failed[]> = { pending: [], verifying: [] };
  const given = new Set<UnixMs>();
  const { id: by } = leadership;

  /** No two claims have the same: what one took that was lost is known by it, and must not be taken for another's. */
  function leaseFrom(now: UnixMs): UnixMs {
    let lease = now + LEASE_MS;
    while (given.has(lease)) lease++;
    const [oldest] = given;
    if (oldest !== undefined && given.size >= LEASES_MAX) given.delete(oldest);
    given.add(lease);
    return lease;
  }

  function fail(state: ClaimQuery["state"], lease: UnixMs): void {
    const open = failed[state].at(-1);
    if (open?.isOpen === true) open.last = lease;
    else failed[state].push({ first: lease, last: lease, isOpen: true });
  }

  return {
    async take(query) {
      const now = clock.now();
      const lease_until = leaseFrom(now);
      // A clock that was set back gives leases anew: what is under way must not be taken for what was lost.
      failed[query.state] = failed[query.state].filter(({ last }) => last < lease_until);
      try {
        const claimed = await ledger.claim({ ...query, by, now, lease_until });
        const open = failed[query.state].at(-1);
        if (open !== undefined) open.isOpen = false;
        return claimed;
      } catch (error) {
        // Where no other works on the ledger, what a claim has left is recovered with the ledger itself.
        if (leadership.shared) fail(query.state, lease_until);
        throw error;
      }
    },
    async handBackLost() {
      if (by === null) return;
      const now = clock.now();
      for (const state of ["pending", "verifying"] as const) {
        // Again and again: a server that stood still does what it was asked when it goes on.
        failed[state] = failed[state].filter(({ last }) => last > now);
        for (const { first, last } of failed[state]) {
          const claims = {
            by,
            state: state === "pending" ? "sending" : state,
            lease_until: { first, last },
          } as const;
          await ledger.handBack(claims, now);
        }
      }
    },
  };
}
