import { SECOND_MS, type Clock } from "../../core/time.ts";
import type { StoreVendor } from "./vendor.ts";

/** Of a request: what comes at exactly the rate is not refused because a clock or the way was a little faster. */
const GRACE = 0.5;

/**
 * A bucket that fills by `per_s` up to `burst`.
 * @returns takes one request out of it: null, or after how many whole seconds there will be one again
 */
export function createRate(clock: Clock, rate: StoreVendor["rate"]): () => number | null {
  if (rate === null) return () => null;
  let left = rate.burst + GRACE;
  let filledAt = clock.now();
  return () => {
    const now = clock.now();
    left = Math.min(rate.burst + GRACE, left + (Math.max(0, now - filledAt) / SECOND_MS) * rate.per_s);
    filledAt = now;
    if (left < 1) return Math.max(1, Math.ceil((1 - left) / rate.per_s));
    left -= 1;
    return null;
  };
}
