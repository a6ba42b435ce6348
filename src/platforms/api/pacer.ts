import { RETRY_AFTER_MS_MAX } from "../../core/backoff.ts";
import { SECOND_MS, type Clock, type UnixMs } from "../../core/time.ts";

/** What a platform allows one app at one store. */
export interface Rate {
  perSecond: number;
  /** So many may go at once after a pause. */
  burst: number;
}

/** Keeps the questions to each store within its rate. */
export interface Pacer {
  /**
   * Resolves when a question may go: urgent ones first, the others in their order.
   * @param signal gives the place up; then it resolves all the same
   */
  turn(store: string, urgent: boolean, signal: AbortSignal): Promise<void>;
  /** The store has said that it was too much: nothing goes for so long. A wait past all reason is cut. */
  hold(store: string, forMs: number): void;
  /** How long nothing will go; 0: the store is not held. */
  heldMs(store: string): number;
}

interface Waiting {
  urgent: boolean;
  go: () => void;
}

interface Lane {
  tokens: number;
  filledAt: UnixMs;
  heldFrom: UnixMs;
  heldForMs: number;
  queue: Waiting[];
  cancelTimer: () => void;
}

export function createPacer({ perSecond, burst }: Rate, clock: Clock): Pacer {
  const lanes = new Map<string, Lane>();

  function laneOf(store: string): Lane {
    let lane = lanes.get(store);
    if (lane === undefined) {
      const none = { heldFrom: 0, heldForMs: 0, queue: [], cancelTimer: () => undefined };
      lane = { tokens: burst, filledAt: clock.now(), ...none };
      lanes.set(store, lane);
    }
    return lane;
  }

  function fill(lane: Lane, now: UnixMs): void {
    // A clock that was set back fills nothing, and takes nothing away.
    const passedMs = Math.max(0, now - lane.filledAt);
    lane.tokens = Math.min(burst, lane.tokens + (passedMs * perSecond) / SECOND_MS);
    lane.filledAt = now;
  }

  /** A clock that was set back holds no longer than was asked for. */
  function heldMsOf(lane: Lane, now: UnixMs): number {
    return Math.max(0, lane.heldForMs - Math.max(0, now - lane.heldFrom));
  }

  function letGo(lane: Lane): void {
    lane.cancelTimer();
    const now = clock.now();
    fill(lane, now);
    const heldMs = heldMsOf(lane, now);
    while (lane.queue.length > 0 && lane.tokens >= 1 && heldMs === 0) {
      lane.tokens--;
      lane.queue.shift()?.go();
    }
    if (lane.queue.length === 0) return;
    const untilToken = Math.ceil(((1 - Math.min(1, lane.tokens)) * SECOND_MS) / perSecond);
    lane.cancelTimer = clock.after(Math.max(untilToken, heldMs, 1), () => letGo(lane));
  }

  return {
    turn(store, urgent, signal) {
      const lane = laneOf(store);
      return new Promise((resolve) => {
        const place: Waiting = {
          urgent,
          go() {
            signal.removeEventListener("abort", leave);
            resolve();
          },
        };
        function leave(): void {
          lane.queue = lane.queue.filter((other) => other !== place);
          if (lane.queue.length === 0) lane.cancelTimer();
          resolve();
        }
        signal.addEventListener("abort", leave, { once: true });
        const behind = urgent ? lane.queue.findIndex((other) => !other.urgent) : -1;
        lane.queue.splice(behind === -1 ? lane.queue.length : behind, 0, place);
        letGo(lane);
      });
    },
    hold(store, forMs) {
      const lane = laneOf(store);
      const now = clock.now();
      lane.heldForMs = Math.max(heldMsOf(lane, now), Math.min(forMs, RETRY_AFTER_MS_MAX));
      lane.heldFrom = now;
    },
    heldMs: (store) => heldMsOf(laneOf(store), clock.now()),
  };
}
