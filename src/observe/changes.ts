import type { RelayEvent } from "./events.ts";

/** Tells open dashboards that what they show may no longer be so. Says what changed, never how. */
export interface Changes {
  /** An event of this process; null: another process wrote to the ledger. */
  tell(event: RelayEvent | null): void;
  /**
   * @param listener told the order's id, which all its slips share; null: something else, or many. Must not throw
   * @returns how to stop it
   */
  subscribe(listener: (order: string | null) => void): () => void;
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

/** Nor with what strangers send to addresses of no store. */
function isUnseen(event: RelayEvent): boolean {
  return UNSEEN.has(event.event) || (event.event === "webhook.refused" && event.store === null);
}

export function createChanges(): Changes {
  const listeners = new Set<(order: string | null) => void>();
  return {
    tell(event) {
      if (listeners.size === 0 || (event !== null && isUnseen(event))) return;
      const order = event !== null && "order" in event ? event.order : null;
      for (const listener of listeners) listener(order);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
