import type { Delivery } from "../core/delivery.ts";
import type { Lane, Running } from "./running.ts";

/** Attempts at the cloud at once: as many as the client has connections. */
export const SENDS_MAX = 64;
/** Together with those that are answered and being written down. */
const RUNNING_MAX = 4 * SENDS_MAX;
/** Beside others: a claim of few takes the ledger nearly as long. */
const CLAIM_MIN = SENDS_MAX / 4;
/** Slips begun in one turn of the event loop: each is set and signed, which takes half a millisecond or more. */
const SENDS_PER_TURN = 8;

export interface SendsDeps {
  running: Running;
  nextTurn: () => Promise<void>;
  /** Sets and sends one. @param leave called when its connection is free again */
  send: (claimed: Delivery, leave: () => void) => Promise<void>;
  /** Called when all that was claimed is on its way. */
  onBegun: () => void;
}

/** What is claimed, on its way to the cloud. */
export interface Sends {
  /** How many more may be claimed now. While others are still being set, a few are not worth a claim. */
  room(): number;
  /** Sets and sends them a few at a time, beside all else: the ledger claims the next ones meanwhile. */
  begin(claimed: readonly Delivery[]): void;
  /** Resolves when all of them are on their way. */
  begun(): Promise<void>;
}

export function createSends({ running, nextTurn, send, onBegun }: SendsDeps): Sends {
  const lane: Lane = { count: 0 };
  const ready: Delivery[] = [];
  let beginning: Promise<void> | null = null;

  async function beginAll(): Promise<void> {
    while (ready.length > 0) {
      for (const delivery of ready.splice(0, SENDS_PER_TURN)) {
        running.begin(lane, (leave) => send(delivery, leave));
      }
      // The first are on their way while the others are set, and nobody's webhook waits for all.
      await nextTurn();
    }
    beginning = null;
    onBegun();
  }

  return {
    room() {
      const free = Math.min(SENDS_MAX - lane.count, RUNNING_MAX - running.count()) - ready.length;
      return ready.length > 0 && free < CLAIM_MIN ? 0 : free;
    },
    begin(claimed) {
      ready.push(...claimed);
      if (claimed.length > 0) beginning ??= beginAll();
    },
    begun: () => beginning ?? Promise.resolve(),
  };
}
