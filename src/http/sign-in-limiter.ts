import { SECOND_MS, type Clock } from "../core/time.ts";
import { networkOf } from "./client-address.ts";
import type { Role } from "./sessions.ts";
import type { HttpLimits } from "./limits.ts";
import { createWindowCounts } from "./window-counts.ts";

/** Counts wrong tokens per address, so that nobody can try them by the million, and the sessions that are opened. */
export interface SignInLimiter {
  /** @returns seconds to wait before this address may try again; 0: it may now */
  waitS(address: string): number;
  failed(address: string): void;
  /**
   * To be asked before one more is opened. Of ended ones so many are remembered (sessions.ts): whoever has the viewer
   * token must not push an admin's out of that memory.
   * @returns seconds to wait before this role may open one; 0: it may now
   */
  openS(role: Role): number;
}

type Bounds = Pick<
  HttpLimits,
  "signInFailuresMax" | "signInWindowMs" | "sessionsOpenedMax" | "sessionsOpenedWindowMs"
>;

export function createSignInLimiter(clock: Clock, limits: Bounds): SignInLimiter {
  const failures = createWindowCounts(clock, limits.signInWindowMs);
  const opened = createWindowCounts(clock, limits.sessionsOpenedWindowMs);
  return {
    waitS(address) {
      const { count, leftMs } = failures.of(networkOf(address));
      return count < limits.signInFailuresMax ? 0 : Math.ceil(leftMs / SECOND_MS);
    },
    failed: (address) => void failures.add(networkOf(address)),
    openS(role) {
      const { count, leftMs } = opened.add(role);
      return count <= limits.sessionsOpenedMax ? 0 : Math.ceil(leftMs / SECOND_MS);
    },
  };
}
