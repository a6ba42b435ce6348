import type { Database } from "better-sqlite3";
import type { Delivery } from "../../core/delivery.ts";
import type { UnixMs } from "../../core/time.ts";
import type { ClaimQuery } from "../ledger.ts";
import type { DeliveryReader } from "./rows.ts";

/** Run inside the group commit, but for `nextDueAt`, which only reads. */
export interface Claims {
  claim(query: ClaimQuery): Delivery[];
  release(now: UnixMs, filter: { printer?: string; limit?: number }): number;
  nextDueAt(): UnixMs | null;
}

export interface DueParameters {
  state: ClaimQuery["state"];
  now: UnixMs;
  only: string | null;
  /** JSON array of names. */
  except: string;
  limit: number;
}

/**
 * The first condition repeats that of the partial index, or SQLite could not use it. INDEXED BY, here and wherever
 * the worker asks: without statistics SQLite takes any index on `state` for better, and reads a whole backlog.
 */
export const DUE = `
  SELECT seq FROM deliveries INDEXED BY deliveries_due
  WHERE state IN ('pending', 'verifying') AND state = :state AND next_attempt_at <= :now
    AND (:only IS NULL OR printer = :only)
    AND printer NOT IN (SELECT value FROM json_each(:except))
    AND (lease_until IS NULL OR lease_until <= :now)
    AND useful_until > :now
  ORDER BY next_attempt_at, seq
  LIMIT :limit`;

/** Waiting because the last try found nobody: `retry_step` above 0 says so (core/decide.ts). */
export const WAITING_FOR_CLOUD = `
  SELECT seq FROM deliveries INDEXED BY deliveries_due
  WHERE state IN ('pending', 'verifying') AND state = 'pending' AND next_attempt_at > :now
    AND retry_step > 0 AND (:printer IS NULL OR printer = :printer)
  ORDER BY seq LIMIT :limit`;

/** SQLite's "no limit". */
const NO_LIMIT = -1;

export function createClaims(db: Database, reader: DeliveryReader): Claims {
  const due = db.prepare<[DueParameters], number>(DUE).pluck();
  const takeToSend = db.prepare<[UnixMs, number]>(`
    UPDATE deliveries
    SET state = 'sending', attempt_count = attempt_count + 1, lease_until = ?, next_attempt_at = NULL
    WHERE seq = ?`);
  const takeToVerify = db.prepare<[UnixMs, number]>("UPDATE deliveries SET lease_until = ? WHERE seq = ?");
  const release = db.prepare(
    `UPDATE deliveries SET next_attempt_at = :now WHERE seq IN (${WAITING_FOR_CLOUD})`,
  );
  const nextDueAt = createNextDueAt(db);

  return {
    // Selecting first keeps the order of the due; nobody comes between, for the transaction is IMMEDIATE.
    claim({ state, now, lease_until, limit, only_printer, except_printers }) {
      const only = only_printer ?? null;
      const except = JSON.stringify(except_printers ?? []);
      const seqs = due.all({ state, now, only, except, limit });
      const take = state === "pending" ? takeToSend : takeToVerify;
      return seqs.map((seq) => {
        take.run(lease_until, seq);
        return reader.bySeq(seq);
      });
    },
    release: (now, { printer, limit }) =>
      release.run({ now, printer: printer ?? null, limit: limit ?? NO_LIMIT }).changes,
    nextDueAt,
  };
}

function createNextDueAt(db: Database): () => UnixMs | null {
  const unclaimed = db
    .prepare<["pending" | "verifying"], UnixMs>(
      `SELECT next_attempt_at FROM deliveries INDEXED BY deliveries_due
       WHERE state IN ('pending', 'verifying') AND state = ? AND next_attempt_at IS NOT NULL
         AND lease_until IS NULL
       ORDER BY next_attempt_at LIMIT 1`,
    )
    .pluck();
  // A claimed `verifying` one stays due by its column, but nobody can have it before its lease ends.
  const claimed = db
    .prepare<[], UnixMs | null>(
      `SELECT min(lease_until) FROM deliveries INDEXED BY deliveries_leased
       WHERE lease_until IS NOT NULL AND state = 'verifying' AND next_attempt_at IS NOT NULL`,
    )
    .pluck();
  return () => {
    const moments = [unclaimed.get("pending"), unclaimed.get("verifying"), claimed.get()];
    const known = moments.filter((moment) => typeof moment === "number");
    return known.length === 0 ? null : Math.min(...known);
  };
}
