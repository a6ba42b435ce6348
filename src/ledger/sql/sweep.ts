import type { Wait } from "../../core/clock-set.ts";
import { UNKNOWN_LAST_TRY } from "../../core/decide.ts";
import { DELIVERY_STATES, type DeliveryState } from "../../core/delivery.ts";
import type { UnixMs } from "../../core/time.ts";
import type { LedgerCounts, Overdue, WaitPage } from "../ledger.ts";
import { NO_LIMIT, prepare, together, type Statement, type Work } from "./statement.ts";

/** What waits for whom, by the clock. Only reads. */
export interface Sweeps {
  held(limit: number): Work<string[]>;
  overdue(now: UnixMs, limit: number): Work<Overdue>;
  waitingBeyond(at: UnixMs, page?: WaitPage): Work<Wait[]>;
  abandoned(): Work<string[]>;
  counts(now: UnixMs): Work<LedgerCounts>;
}

/** Each repeats the condition of its partial index; INDEXED BY for the reason told at `DUE`. */
export const SWEEPS = {
  held: `SELECT id FROM deliveries INDEXED BY deliveries_held
    WHERE state = 'pending' AND next_attempt_at IS NULL AND unknown_count <= :unknown_count_max
    ORDER BY seq LIMIT :limit`,
  useless: `SELECT id FROM deliveries INDEXED BY deliveries_useful
    WHERE state IN ('pending', 'verifying') AND useful_until <= :now
    ORDER BY useful_until LIMIT :limit`,
  unconfirmed: `SELECT id FROM deliveries INDEXED BY deliveries_confirm
    WHERE state = 'accepted' AND confirm_by <= :now
    ORDER BY confirm_by LIMIT :limit`,
  lost: `SELECT id FROM deliveries INDEXED BY deliveries_leased
    WHERE lease_until <= :now AND state IN ('sending', 'verifying')
    ORDER BY lease_until LIMIT :limit`,
  orphaned: `SELECT id, lease_until FROM deliveries INDEXED BY deliveries_leased
    WHERE lease_until > :now AND state IN ('sending', 'verifying') AND claimed_by IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM services WHERE services.id = claimed_by AND seen_until > :now)
    ORDER BY lease_until LIMIT :limit`,
  waitingBeyond: `SELECT seq, id, state, retry_step, unknown_count, next_attempt_at
    FROM deliveries INDEXED BY deliveries_due
    WHERE state IN ('pending', 'verifying') AND state = :state AND next_attempt_at IS NOT NULL
      AND (next_attempt_at, seq) > (:at, coalesce((SELECT seq FROM deliveries WHERE id = :after), 9223372036854775807))
    ORDER BY next_attempt_at, seq LIMIT :limit`,
  abandoned: `SELECT id FROM deliveries INDEXED BY deliveries_leased
    WHERE lease_until IS NOT NULL AND state IN ('sending', 'verifying')
    ORDER BY lease_until`,
} as const;

/** By an index that no claim may read its backlog by; it says why (migrations/postgres). */
const USELESS_BY_ITS_OWN_INDEX = SWEEPS.useless.replace("state IN", "(state || '') IN");

/** Other relays may be sending: theirs is whatever has a lease that runs, by the clock that all of them share. */
const ABANDONED_BY_ANY = `SELECT id FROM deliveries
  WHERE lease_until <= (extract(epoch FROM clock_timestamp()) * 1000)::bigint AND state IN ('sending', 'verifying')
  ORDER BY lease_until`;

const WAITING = ["pending", "verifying"] as const;

type PlacedWait = Wait & { seq: number };

function byMoment(one: PlacedWait, other: PlacedWait): number {
  return (one.next_attempt_at ?? 0) - (other.next_attempt_at ?? 0) || one.seq - other.seq;
}

function waitOf({ id, state, retry_step, unknown_count, next_attempt_at }: PlacedWait): Wait {
  return { id, state, retry_step, unknown_count, next_attempt_at };
}

export function createSweeps(): Sweeps {
  const ids = (sql: string, postgres = sql): Statement<object, string> =>
    prepare<object, string>(sql, postgres).pluck();
  const held = ids(SWEEPS.held);
  const useless = ids(SWEEPS.useless, USELESS_BY_ITS_OWN_INDEX);
  const unconfirmed = ids(SWEEPS.unconfirmed);
  const lost = ids(SWEEPS.lost);
  const orphaned = prepare<object, Overdue["orphaned"][number]>(SWEEPS.orphaned);
  const waitingBeyond = prepare<object, PlacedWait>(SWEEPS.waitingBeyond);
  const abandoned = ids(SWEEPS.abandoned, ABANDONED_BY_ANY);
  const countByState = prepare<[], { state: DeliveryState; count: number }>(
    "SELECT state, count FROM delivery_counts",
    "SELECT state, sum(count)::bigint AS count FROM delivery_counts GROUP BY state",
  );
  const oldestDue = prepare<[UnixMs, "pending" | "verifying"], UnixMs>(
    `SELECT next_attempt_at FROM deliveries INDEXED BY deliveries_due
     WHERE state IN ('pending', 'verifying') AND next_attempt_at <= ? AND state = ?
     ORDER BY next_attempt_at LIMIT 1`,
  ).pluck();

  return {
    held: (limit) => held.all({ limit, unknown_count_max: UNKNOWN_LAST_TRY }),
    *overdue(now, limit) {
      return {
        useless: yield* useless.all({ now, limit }),
        unconfirmed: yield* unconfirmed.all({ now, limit }),
        lost: yield* lost.all({ now, limit }),
        orphaned: yield* orphaned.all({ now, limit }),
      };
    },
    *waitingBeyond(at, { limit = NO_LIMIT, after } = {}) {
      const from = { at: after?.next_attempt_at ?? at, after: after?.id ?? null, limit };
      // By state, in the order of the index: only the page is read, however many wait.
      const pages = yield* together(WAITING.map((state) => waitingBeyond.all({ ...from, state })));
      return pages.flat().sort(byMoment).slice(0, limit).map(waitOf);
    },
    abandoned: () => abandoned.all({}),
    *counts(now) {
      const by_state = Object.fromEntries(DELIVERY_STATES.map((state) => [state, 0])) as Record<
        DeliveryState,
        number
      >;
      for (const { state, count } of yield* countByState.all()) by_state[state] = count;
      const due = [yield* oldestDue.get(now, "pending"), yield* oldestDue.get(now, "verifying")];
      const moments = due.filter((moment) => moment !== undefined);
      return { by_state, oldest_due_at: moments.length === 0 ? null : Math.min(...moments) };
    },
  };
}
