import type { HttpDeps } from "./deps.ts";
import type { HttpLimits } from "./limits.ts";

/** Whether the ledger can store now. */
export interface Readiness {
  /** As it turns out, however long that takes. */
  isReady(): Promise<boolean>;
  /** For pages, which wait for no lock of another process: what is known by now, or was before. */
  seemsReady(): Promise<boolean>;
}

/** One look at the ledger answers everybody for a while: an open address must not be a way to wear out the disk. */
export function createReadiness(
  { ledger, clock }: Pick<HttpDeps, "ledger" | "clock">,
  limits: HttpLimits,
): Readiness {
  let looked: { at: number; ready: Promise<boolean>; isOver: boolean } | null = null;
  let known = true;

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

  function isReady(): Promise<boolean> {
    const now = clock.now();
    const isFresh = looked !== null && now < looked.at + limits.readyCacheMs && now >= looked.at;
    if (looked !== null && (isFresh || !looked.isOver)) return looked.ready;
    const begun = { at: now, ready: look(now), isOver: false };
    looked = begun;
    void begun.ready.then((ready) => {
      begun.isOver = true;
      known = ready;
    });
    return begun.ready;
  }

  return {
    isReady,
    seemsReady() {
      const ready = isReady();
      return new Promise((resolve) => {
        const cancelTimer = clock.after(limits.readyPageMs, () => resolve(known));
        void ready.then(resolve).finally(cancelTimer);
      });
    },
  };
}
