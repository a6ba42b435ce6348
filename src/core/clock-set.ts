import { JITTER_MAX, REPEAT_DELAYS_MS, RETRY_DELAYS_MS } from "./backoff.ts";
import { DENIED_AGAIN_MS } from "./decide.ts";
import type { Delivery, Transition } from "./delivery.ts";
import type { UnixMs } from "./time.ts";

/** What a wait is made of. */
export type Wait = Pick<Delivery, "id" | "state" | "retry_step" | "unknown_count" | "next_attempt_at">;

/**
 * The clock was set back, so moments noted before are further off than was meant: nothing waits longer from now than
 * its delay by the law. A longer `Retry-After` is forgotten with it. May be asked of any delivery, and more than once.
 * Null: it waits no longer than that.
 */
export function afterClockSetBack(wait: Wait, now: UnixMs): Transition | null {
  const waits = wait.state === "pending" || wait.state === "verifying";
  const latest = now + longestDelayMs(wait);
  if (!waits || wait.next_attempt_at === null || wait.next_attempt_at <= latest) return null;
  return { set: { next_attempt_at: latest }, note: "the clock was set back: it waits no longer for that" };
}

/** The delay that its last transition can have asked for, with all the jitter there is. */
function longestDelayMs({ state, retry_step, unknown_count }: Wait): number {
  return Math.ceil((1 + JITTER_MAX) * delayMs());

  function delayMs(): number {
    if (retry_step > 0) return RETRY_DELAYS_MS[Math.min(retry_step, RETRY_DELAYS_MS.length) - 1] ?? 0;
    if (state === "verifying") return DENIED_AGAIN_MS;
    return REPEAT_DELAYS_MS[unknown_count - 1] ?? 0;
  }
}
