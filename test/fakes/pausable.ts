import type { Ledger } from "../../src/ledger/ledger.ts";
import { everyCall } from "./busy-ledger.ts";

/** A ledger whose calls wait while it is paused, before they are made and before they are answered. */
export interface Pausable {
  ledger: Ledger;
  pause(): void;
  /** By itself, as soon as it has claimed anything. */
  pauseOnClaim(): void;
  goOn(): void;
}

export function createPausable(ledger: Ledger): Pausable {
  let gate = Promise.resolve();
  let open = (): void => undefined;
  let onClaim = false;

  function pause(): void {
    gate = new Promise((resolve) => (open = resolve));
  }

  return {
    ledger: everyCall(ledger, async (name, call) => {
      await gate;
      const answer = await call();
      if (onClaim && name === "claim" && (answer as unknown[]).length > 0) {
        onClaim = false;
        pause();
      }
      await gate;
      return answer;
    }),
    pause,
    pauseOnClaim() {
      onClaim = true;
    },
    goOn: () => open(),
  };
}
