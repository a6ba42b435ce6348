import type { DeliveryState } from "../../core/delivery.ts";
import type { UnixMs } from "../../core/time.ts";
import type { DeliveryStep, PastQuery, PastSteps } from "../ledger.ts";
import { prepare, type Work } from "./statement.ts";

interface Line {
  seq: number;
  at: UnixMs;
  state: DeliveryState;
  /** The state of the line before it, of the same delivery; null when it is the first. */
  before: DeliveryState | null;
  /** Of the delivery; only where it printed. */
  created_at: UnixMs | null;
}

/** By the table's own order, so that no index is needed and a page costs its lines alone. */
export const PAST_LINES = `
  SELECT seq, at, state,
    CASE WHEN state IN ('pending', 'verifying', 'printed', 'rejected', 'dead')
      THEN (SELECT earlier.state FROM history AS earlier
            WHERE earlier.delivery_seq = line.delivery_seq AND earlier.seq < line.seq
            ORDER BY earlier.seq DESC LIMIT 1)
      ELSE state END AS before,
    CASE WHEN state = 'printed'
      THEN (SELECT created_at FROM deliveries WHERE seq = line.delivery_seq) END AS created_at
  FROM history AS line
  WHERE seq < :before ORDER BY seq DESC LIMIT :limit`;

/** @returns `Ledger.pastSteps`. Only reads. */
export function createPastSteps(): (query: PastQuery) => Work<PastSteps> {
  const lines = prepare<{ before: number; limit: number }, Line>(PAST_LINES);
  return function* ({ place, since, limit }) {
    const page = yield* lines.all({ before: place ?? Number.MAX_SAFE_INTEGER, limit });
    // A replayed webhook's first line is as old as the webhook: one old line is not yet the end.
    const isEnd = page.length < limit || page.every(({ at }) => at < since);
    return {
      steps: page.filter(({ at }) => at >= since).flatMap(stepOf),
      next_place: isEnd ? null : (page.at(-1)?.seq ?? null),
    };
  };
}

function stepOf({ at, state, before, created_at }: Line): DeliveryStep[] {
  if (before === null) return [{ step: "received", at }];
  if (before === state) return [];
  if (state === "printed") return [{ step: "printed", at, since_received_ms: at - (created_at ?? at) }];
  return state === "rejected" || state === "dead" ? [{ step: "failed", at }] : [];
}
