import type { HttpDeps } from "./deps.ts";
import type { HttpLimits } from "./limits.ts";

/** Whether the ledger can store now. */
export type IsReady = () => Promise<boolean>;

/** One look at the ledger answers everybody for a while: an open address must not be a way to wear out the disk. */
export function createReadiness(
  { ledger, clock }: Pick<HttpDeps, "ledger" | "clock">,
  limits: HttpLimits,
): IsReady {
  let looked: { at: number; ready: Promise<boolean> } | null = null;
  return () => {
    const now = clock.now();
    if (looked === null || now >= looked.at + limits.readyCacheMs || now < looked.at) {
      looked = { at: now, ready: look(now) };
    }
    return looked.ready;
  };

  function look(now: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancelTimer = clock.after(limits.readyMs, () => resolve(false));
      ledger
        .ping(now)
        .then(
          () => resolve(true),
          () => resolve(false),
        )
        .finally(cancelTimer);
    });
  }
}
