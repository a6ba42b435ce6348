import { SECOND_MS, type Clock } from "../core/time.ts";
import { networkOf } from "./client-address.ts";
import { createWindowCounts } from "./window-counts.ts";

/** Counts wrong tokens per address, so that nobody can try them by the million. */
export interface SignInLimiter {
  /** @returns seconds to wait before this address may try again; 0: it may now */
  waitS(address: string): number;
  failed(address: string): void;
}

export function createSignInLimiter(clock: Clock, failuresMax: number, windowMs: number): SignInLimiter {
  const failures = createWindowCounts(clock, windowMs);
  return {
    waitS(address) {
      const { count, leftMs } = failures.of(networkOf(address));
      return count < failuresMax ? 0 : Math.ceil(leftMs / SECOND_MS);
    },
    failed: (address) => void failures.add(networkOf(address)),
  };
}
