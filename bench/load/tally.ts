import { percentile } from "../stats.ts";
import type { LoadReport } from "./plan.ts";

/** Counts answers; only those from `from` to `until` are told as rate and latency. */
export interface Tally {
  count(status: number, isDuplicate: boolean, sentAt: number, at: number): void;
  broken(): void;
  /** @param until when counting ended, on the shared monotonic clock */
  report(until: number): Omit<LoadReport, "orders" | "body_bytes_mean" | "sent_at">;
}

/** @param from what is answered before is warm-up */
export function createTally(from: number, upTo: number): Tally {
  const latencies: number[] = [];
  const others: Record<string, number> = {};
  let duplicates = 0;
  let broken = 0;
  return {
    count(status, isDuplicate, sentAt, at) {
      if (status !== 200) others[status] = (others[status] ?? 0) + 1;
      else if (at >= from && at <= upTo) {
        latencies.push(at - sentAt);
        if (isDuplicate) duplicates++;
      }
    },
    broken: () => broken++,
    report(until) {
      const sorted = Float64Array.from(latencies).sort();
      return {
        acks: sorted.length,
        per_second: sorted.length / ((Math.min(until, upTo) - from) / 1000),
        p50_ms: percentile(sorted, 0.5),
        p95_ms: percentile(sorted, 0.95),
        p99_ms: percentile(sorted, 0.99),
        max_ms: percentile(sorted, 1),
        duplicates,
        others,
        broken,
      };
    },
  };
}
