import type { Delivery } from "../core/delivery.ts";
import { SECOND_MS, type Clock } from "../core/time.ts";
import type { ClaimQuery } from "../ledger/ledger.ts";
import type { Story } from "../relay.ts";
import type { Emit } from "../observe/events.ts";
import type { Claims } from "./claims.ts";
import { ledgerFailed } from "./failed.ts";
import type { Running } from "./running.ts";

/** Questions to stores' APIs at once. */
const VERIFIES_MAX = 16;
/** Of one store: whoever sends the relay many webhooks that prove nothing holds no more. */
const OF_STORE_MAX = 2;
/** Of all stores that ail together: the others always find room. */
const OF_AILING_MAX = VERIFIES_MAX / 2;
/** So many bad answers in a row, and a store ails: one at a time shows when it is well again. */
const BAD_IN_ROW = 2;
/** An answer that took longer is as bad as none: it holds the room of many others. */
const SLOW_MS = 5 * SECOND_MS;

/** One store's questions. */
interface StoreLane {
  /** Under way. */
  count: number;
  /** That brought no answer, or a slow one, since the last good one. */
  bad_in_row: number;
}

export interface VerifiesDeps {
  claims: Pick<Claims, "take">;
  relay: Pick<Story, "verify">;
  clock: Clock;
  emit: Emit;
  running: Pick<Running, "begin">;
  /** Called when there may be more. */
  onMore: () => void;
}

/** Asks stores' APIs about what is `verifying`, so that no store takes the others' turn. */
export interface Verifies {
  /** Claims what is due and can be asked at once, one of each store, beside all else. */
  begin(): void;
  /** Resolves when no claim is under way. */
  begun(): Promise<void>;
}

/** The lanes are in memory only: a fresh process finds out again which stores ail. */
export function createVerifies(deps: VerifiesDeps): Verifies {
  const { claims, relay, clock } = deps;
  const lanes = new Map<string | null, StoreLane>();
  let taking: Promise<void> | null = null;
  /** How often a claim was wanted. */
  let wanted = 0;

  async function ask(claimed: Delivery, lane: StoreLane): Promise<void> {
    const startedAt = clock.now();
    const after = await relay.verify(claimed);
    if (after === null) return;
    const isBad = after.retry_step > claimed.retry_step || clock.now() - startedAt > SLOW_MS;
    lane.bad_in_row = isBad ? lane.bad_in_row + 1 : 0;
  }

  /** @returns how many were taken */
  async function take(): Promise<number> {
    let taken = 0;
    // Those that are well come first; the others share what they may hold together.
    for (const whom of ["well", "anybody"] as const) {
      const room = roomIn(lanes, whom);
      if (room === null) continue;
      const claimed = await claims.take({ state: "verifying", ...room });
      for (const delivery of claimed) {
        const lane = lanes.get(delivery.store) ?? { count: 0, bad_in_row: 0 };
        lanes.set(delivery.store, lane);
        deps.running.begin(lane, () => ask(delivery, lane));
      }
      taken += claimed.length;
    }
    return taken;
  }

  async function takeAndTell(): Promise<void> {
    const before = wanted;
    try {
      // Of each store one was taken; and what has come since may have been too late for it.
      if ((await take()) > 0 || wanted > before) deps.onMore();
    } catch (error) {
      deps.emit(ledgerFailed(error));
    } finally {
      taking = null;
    }
  }

  return {
    begin() {
      wanted++;
      taking ??= takeAndTell();
    },
    begun: () => taking ?? Promise.resolve(),
  };
}

type Room = Pick<ClaimQuery, "limit" | "one_of_each_store" | "except_stores">;

/** @returns null: nobody can be asked, or, where all are well, `anybody` says it all */
function roomIn(lanes: Map<string | null, StoreLane>, whom: "well" | "anybody"): Room | null {
  for (const [store, lane] of lanes) {
    if (lane.count === 0 && lane.bad_in_row === 0) lanes.delete(store);
  }
  const all = [...lanes];
  const ailing = all.filter(([, lane]) => isAiling(lane));
  if (whom === "well" && ailing.length === 0) return null;
  const free = VERIFIES_MAX - sumOf(all);
  const limit =
    whom === "anybody" && ailing.length > 0 ? Math.min(free, OF_AILING_MAX - sumOf(ailing)) : free;
  if (limit <= 0) return null;
  const except = all.filter(([, lane]) => isFull(lane) || (whom === "well" && isAiling(lane)));
  return { limit, one_of_each_store: true, except_stores: except.flatMap(([store]) => store ?? []) };
}

function isFull(lane: StoreLane): boolean {
  return lane.count >= (isAiling(lane) ? 1 : OF_STORE_MAX);
}

function isAiling({ bad_in_row }: StoreLane): boolean {
  return bad_in_row >= BAD_IN_ROW;
}

function sumOf(lanes: readonly [string | null, StoreLane][]): number {
  return lanes.reduce((sum, [, { count }]) => sum + count, 0);
}
