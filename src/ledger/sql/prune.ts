import { statSync } from "node:fs";
import type { Database } from "better-sqlite3";
import type { PruneCounts, PrunedBatch, PruneQuery } from "../../core/retention.ts";
import type { UnixMs } from "../../core/time.ts";
import type { ActKeys } from "./act-keys.ts";
import { asLedgerError } from "./errors.ts";
import type { GroupCommit } from "./group-commit.ts";

export interface Prunes {
  prune(query: PruneQuery): Promise<PrunedBatch>;
  prunedAt(): UnixMs | null;
}

/**
 * While a reader is open the write-ahead log cannot be reset, and whatever is pruned makes it longer. Above this
 * pruning waits: half of what the log may grow to (64 MB), the other half is the webhooks'.
 */
export const WAL_BYTES_MAX = 32 * 1024 * 1024;

/** A delivery in one of these still needs what it was made of. */
const UNSETTLED = "('verifying', 'pending', 'sending')";

/**
 * One table in which only what can still be pruned stands, so that its front is where the last run stopped and no
 * place need be remembered. Its rows lie in the order in which they came. `SELECT` gives for each `seq`, whether
 * it `goes`, and whether it is `old`; what is old and stays belongs to a delivery that is not settled, or is
 * quarantined.
 */
interface Shelf {
  of: keyof PruneCounts;
  select: string;
  remove: string;
}

/** In this order; each by its key alone, from `:after` on. */
export const SHELVES: readonly Shelf[] = [
  {
    of: "bodies",
    // A quarantined one is kept for a person to see, but a buyer's data no longer than anywhere else.
    select: `
      SELECT webhook_seq AS seq, received_at < max(:bodies_before, :attempts_before) AS old,
        received_at < iif(status = 'quarantined', :attempts_before, :bodies_before)
          AND (state IS NULL OR state NOT IN ${UNSETTLED}) AS goes
      FROM webhook_bodies CROSS JOIN webhooks ON webhooks.seq = webhook_seq
        LEFT JOIN deliveries ON deliveries.id = delivery_id
      WHERE webhook_seq > :after ORDER BY webhook_seq LIMIT :limit`,
    remove: "DELETE FROM webhook_bodies WHERE webhook_seq = ?",
  },
  ...(["attempts", "confirmations"] as const).map((table) => ({
    of: table,
    select: `
      SELECT ${table}.seq, ${table === "attempts" ? "finished_at" : "at"} < :attempts_before AS old,
        state NOT IN ${UNSETTLED} AS goes
      FROM ${table} CROSS JOIN deliveries ON deliveries.seq = delivery_seq
      WHERE ${table}.seq > :after ORDER BY ${table}.seq LIMIT :limit`,
    remove: `DELETE FROM ${table} WHERE seq = ?`,
  })),
  {
    of: "tickets",
    select: `
      SELECT delivery_seq AS seq, created_at < :attempts_before AS old, state NOT IN ${UNSETTLED} AS goes
      FROM tickets CROSS JOIN deliveries ON deliveries.seq = delivery_seq
      WHERE delivery_seq > :after ORDER BY delivery_seq LIMIT :limit`,
    remove: "DELETE FROM tickets WHERE delivery_seq = ?",
  },
  {
    of: "alerts",
    select: `
      SELECT seq, raised_at < :attempts_before AS old,
        closed_at < :attempts_before AND tell_at IS NULL AS goes
      FROM alerts WHERE seq > :after ORDER BY seq LIMIT :limit`,
    remove: "DELETE FROM alerts WHERE seq = ?",
  },
  {
    of: "alerts",
    select: `
      SELECT seq, created_at < :attempts_before AS old, outcome IS NOT NULL AS goes
      FROM alert_messages WHERE seq > :after ORDER BY seq LIMIT :limit`,
    remove: "DELETE FROM alert_messages WHERE seq = ?",
  },
];

interface Row {
  seq: number;
  old: 0 | 1;
  goes: 0 | 1 | null;
}

/** Where the next batch of the same run goes on. */
interface Place {
  run: string;
  shelf: number;
  after: number;
}

export function createPrunes(
  db: Database,
  path: string,
  group: Pick<GroupCommit, "write">,
  keys: Pick<ActKeys, "forget">,
): Prunes {
  const shelves = SHELVES.map((shelf) => ({
    of: shelf.of,
    select: db.prepare<[object], Row>(shelf.select),
    remove: db.prepare<[number]>(shelf.remove),
  }));
  const readPrunedAt = db.prepare<[], string>("SELECT value FROM meta WHERE key = 'pruned_at'").pluck();
  const writePrunedAt = db.prepare(
    "INSERT INTO meta (key, value) VALUES ('pruned_at', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );
  let place: Place = { run: "", shelf: 0, after: 0 };

  /**
   * The rest of one shelf, up to `limit` rows. Should the commit fail, the rows stay and the place has moved on:
   * the next run begins from the front again.
   */
  function batch(query: PruneQuery): PrunedBatch {
    const { bodies_before, attempts_before, limit } = query;
    const dryRun = query.dry_run === true;
    const run = `${bodies_before} ${attempts_before} ${dryRun}`;
    if (place.run !== run) place = { run, shelf: 0, after: 0 };
    if (!dryRun && query.run_at !== undefined) keys.forget(query.run_at);
    const result = { ...NOTHING, done: false };
    const shelf = shelves[place.shelf];
    if (shelf === undefined) throw new Error(`there is no shelf ${place.shelf}`);
    const rows = shelf.select.all({ bodies_before, attempts_before, limit, after: place.after });
    const gone = rows.filter((row) => row.old === 1 && row.goes === 1);
    result[shelf.of] = gone.length;
    if (!dryRun) for (const { seq } of gone) shelf.remove.run(seq);

    const last = rows.at(-1);
    // Beyond a whole batch of young ones there are only younger ones (but for a clock that was set back meanwhile:
    // those are taken when they come to the front).
    if (last === undefined || rows.length < limit || rows.every(({ old }) => old === 0)) {
      place = { run, shelf: place.shelf + 1, after: 0 };
    } else place.after = last.seq;
    if (place.shelf < shelves.length) return result;
    place = { run: "", shelf: 0, after: 0 };
    if (!dryRun && query.run_at !== undefined) writePrunedAt.run(String(query.run_at));
    return { ...result, done: true };
  }

  return {
    async prune(query) {
      try {
        if (query.dry_run === true) return batch(query);
        if (mustWait(db, path)) return { ...NOTHING, done: false, waiting: true };
      } catch (error) {
        throw asLedgerError(error, path);
      }
      return await group.write(() => batch(query));
    },
    prunedAt() {
      const value = readPrunedAt.get();
      return value === undefined ? null : Number(value);
    },
  };
}

const NOTHING = { bodies: 0, attempts: 0, confirmations: 0, tickets: 0, alerts: 0, waiting: false };

/**
 * The file says how far the log has grown; whether it can begin anew, a checkpoint: one that copied all of it
 * leaves it to the next commit to begin at its front (and to cut it, `journal_size_limit`).
 */
export function mustWait(db: Database, path: string): boolean {
  if (walBytes(path) <= WAL_BYTES_MAX) return false;
  const [found] = db.pragma("wal_checkpoint(PASSIVE)") as { log: number; checkpointed: number }[];
  return found !== undefined && found.checkpointed < found.log;
}

/** @param path of the ledger @returns the size of its write-ahead log */
export function walBytes(path: string): number {
  return statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}
