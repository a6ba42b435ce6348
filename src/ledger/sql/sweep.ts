import type { Database, Statement } from "better-sqlite3";
import type { Wait } from "../../core/clock-set.ts";
import { DELIVERY_STATES, type DeliveryState } from "../../core/delivery.ts";
import type { UnixMs } from "../../core/time.ts";
import type { LedgerCounts, Overdue } from "../ledger.ts";

/** What waits for whom, by the clock. Only reads. */
export interface Sweeps {
  held(limit: number): string[];
  overdue(now: UnixMs, limit: number): Overdue;
  waitingBeyond(at: UnixMs): Wait[];
  abandoned(): string[];
  counts(now: UnixMs): LedgerCounts;
}

/** Each repeats the condition of its partial index; INDEXED BY for the reason told at `DUE`. */
export const SWEEPS = {
  held: `SELECT id FROM deliveries INDEXED BY deliveries_held
    WHERE state = 'pending' AND next_attempt_at IS NULL ORDER BY seq LIMIT :limit`,
  useless: `SELECT id FROM deliveries INDEXED BY deliveries_useful
    WHERE state IN ('pending', 'verifying') AND useful_until <= :now
    ORDER BY useful_until LIMIT :limit`,
  unconfirmed: `SELECT id FROM deliveries INDEXED BY deliveries_confirm
    WHERE state = 'accepted' AND confirm_by <= :now
    ORDER BY confirm_by LIMIT :limit`,
  lost: `SELECT id FROM deliveries INDEXED BY deliveries_leased
    WHERE lease_until <= :now AND state IN ('sending', 'verifying')
    ORDER BY lease_until LIMIT :limit`,
  waitingBeyond: `SELECT id, state, retry_step, unknown_count, next_attempt_at
    FROM deliveries INDEXED BY deliveries_due
    WHERE state IN ('pending', 'verifying') AND next_attempt_at > :at
    ORDER BY seq`,
  abandoned: `SELECT id FROM deliveries INDEXED BY deliveries_leased
    WHERE lease_until IS NOT NULL AND state IN ('sending', 'verifying')
    ORDER BY lease_until`,
} as const;

export function createSweeps(db: Database): Sweeps {
  const ids = (sql: string): Statement<[object], string> => db.prepare<[object], string>(sql).pluck();
  const held = ids(SWEEPS.held);
  const useless = ids(SWEEPS.useless);
  const unconfirmed = ids(SWEEPS.unconfirmed);
  const lost = ids(SWEEPS.lost);
  const waitingBeyond = db.prepare<[{ at: UnixMs }], Wait>(SWEEPS.waitingBeyond);
  const abandoned = ids(SWEEPS.abandoned);
  const countByState = db.prepare<[], { state: DeliveryState; count: number }>(
    "SELECT state, count FROM delivery_counts",
  );
  const oldestDue = db
    .prepare<[UnixMs, "pending" | "verifying"], UnixMs>(
      `SELECT next_attempt_at FROM deliveries INDEXED BY deliveries_due
       WHERE state IN ('pending', 'verifying') AND next_attempt_at <= ? AND state = ?
       ORDER BY next_attempt_at LIMIT 1`,
    )
    .pluck();

  return {
    held: (limit) => held.all({ limit }),
    overdue: (now, limit) => ({
      useless: useless.all({ now, limit }),
      unconfirmed: unconfirmed.all({ now, limit }),
      lost: lost.all({ now, limit }),
    }),
    waitingBeyond: (at) => waitingBeyond.all({ at }),
    abandoned: () => abandoned.all({}),
    counts(now) {
      const by_state = Object.fromEntries(DELIVERY_STATES.map((state) => [state, 0])) as Record<
        DeliveryState,
        number
      >;
      for (const { state, count } of countByState.all()) by_state[state] = count;
      const due = [oldestDue.get(now, "pending"), oldestDue.get(now, "verifying")];
      const moments = due.filter((moment) => moment !== undefined);
      return { by_state, oldest_due_at: moments.length === 0 ? null : Math.min(...moments) };
    },
  };
}
