import { createHistogram } from "../../core/histogram.ts";
import { SECOND_MS } from "../../core/time.ts";
import type { LedgerVitals } from "../ledger.ts";

/** How long transactions take, and how many calls share one. */
export interface CommitFigures {
  /** @returns what is called when it has ended, with how many calls shared it */
  begin(): (calls: number) => void;
  read: () => Pick<LedgerVitals, "commit_s" | "commit_calls">;
}

const COMMIT_BOUNDS_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const CALLS_BOUNDS = [1, 2, 5, 10, 25, 50, 100, 250];

export function createCommitFigures(): CommitFigures {
  const commits = createHistogram(COMMIT_BOUNDS_S);
  const sizes = createHistogram(CALLS_BOUNDS);
  return {
    begin() {
      const beganAt = performance.now();
      return (calls) => {
        commits.observe((performance.now() - beganAt) / SECOND_MS);
        sizes.observe(calls);
      };
    },
    read: () => ({ commit_s: commits.read(), commit_calls: sizes.read() }),
  };
}
