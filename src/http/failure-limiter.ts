import { SECOND_MS, type Clock } from "../core/time.ts";
import type { Emit } from "../observe/events.ts";
import { networkOf } from "./client-address.ts";
import type { HttpLimits } from "./limits.ts";
import { createSums } from "./sums.ts";
import { createWindowCounts } from "./window-counts.ts";

/**
 * Bounds what webhooks that do not verify cost beyond verifying them: their lines in the log; beyond it their sender is
 * told to wait. Only verifying tells an authentic webhook from others, so it is asked after that, of failures
 * alone: whatever anybody sends, from whatever address, no authentic one waits or is refused for it.
 */
export interface FailureLimiter {
  count(failure: Failure): Verdict;
  /** Tells what is not told yet. */
  close(): void;
}

export interface Failure {
  /** Of the client, an IP address. */
  address: string;
  /** The known store in the webhook's address; null: there is none of that name. */
  store: string | null;
  /**
   * Whether the answer is the one for an unknown address. Those count together for all stores: counts of its own would
   * show which store is known.
   */
  hidden: boolean;
}

export interface Verdict {
  /** Beyond the limit: seconds after which the address is within it again. Null: within. */
  retry_after_s: number | null;
  /** False: this one gets no line of its own, because it is in the minute's sum. */
  told: boolean;
}

export function createFailureLimiter(deps: { clock: Clock; emit: Emit; limits: HttpLimits }): FailureLimiter {
  const { clock, limits } = deps;
  const bySender = createWindowCounts(clock, limits.failureWindowMs);
  const byStore = createWindowCounts(clock, limits.failureWindowMs);
  const sums = createSums<string | null>(clock, limits.failureWindowMs, (store, sum) =>
    deps.emit({ event: "webhook.refusals_summed", store, ...sum }),
  );

  return {
    count({ address, store, hidden }) {
      const network = networkOf(address);
      // No store's name is empty, and none has a space.
      const { count, leftMs } = bySender.add(`${hidden ? "" : (store ?? "")} ${network}`);
      const isBeyond = count > limits.failuresMax;
      const told = !isBeyond && byStore.add(store ?? "").count <= limits.failureLinesMax;
      if (!told) sums.add(store, network);
      return { retry_after_s: isBeyond ? Math.ceil(leftMs / SECOND_MS) : null, told };
    },
    close: () => sums.close(),
  };
}
