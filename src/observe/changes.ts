import type { RelayEvent } from "./events.ts";

/** Tells open dashboards that what they show may no longer be so. Says what changed, never how. */
export interface Changes {
  /** An event of this process; null: another process wrote to the ledger. */
  tell(event: RelayEvent | null): void;
  /**
   * @param listener told the delivery's id; null: something else, or many. Must not throw
   * @returns how to stop it
   */
  subscribe(listener: (delivery: string | null) => void): () => void;
}

/** Nothing on any page changes with these. */
const UNSEEN: ReadonlySet<RelayEvent["event"]> = new Set([
  "service.started",
  "service.stopped",
  "clock.apart",
  "http.failed",
  "ledger.pruning_waits",
  "buyer.forgetting_failed",
]);

export function createChanges(): Changes {
  const listeners = new Set<(delivery: string | null) => void>();
  return {
    tell(event) {
      if (listeners.size === 0 || (event !== null && UNSEEN.has(event.event))) return;
      const delivery = event !== null && "delivery" in event ? event.delivery : null;
      for (const listener of listeners) listener(delivery);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
