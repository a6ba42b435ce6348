import type { UnixMs } from "../core/time.ts";

/** What tells one sample order from another. */
export interface SampleOrder {
  /** The cancellation lies a few seconds before it. */
  now: UnixMs;
  order_id: string;
  order_name: string;
}
