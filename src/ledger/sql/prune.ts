import type { PruneCounts, PrunedBatch, PruneQuery } from "../../core/retention.ts";
import type { UnixMs } from "../../core/time.ts";
import type { ActKeys } from "./act-keys.ts";
import type { Driver } from "./driver.ts";
import { prepare, type Work } from "./statement.ts";

export interface Prunes {
  prune(query: PruneQuery): Promise<PrunedBatch>;
  prunedAt(): Work<UnixMs | null>;
}

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
  /** In PostgreSQL's words, where these differ. */
  remove_there?: string;
}

/** In this order; each by its key alone, from `:after` on: both tables of a pair, as in ERASURE_SHELVES. */
export const SHELVES: readonly Shelf[] = [
  {
    of: "bodies",
    // A quarantined one is kept for a person to see, but a buyer's data no longer than anywhere else.
    select: `
      SELECT webhook_seq AS seq, (received_at < :bodies_before OR received_at < :attempts_before) AS old,
        CASE WHEN status = 'quarantined' THEN received_at < :attempts_before ELSE received_at < :bodies_before END
          AND (state IS NULL OR state NOT IN ${UNSETTLED}) AS goes
      FROM webhook_bodies CROSS JOIN webhooks ON webhooks.seq = webhook_seq AND webhooks.seq > :after
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
      FROM tickets CROSS JOIN deliveries ON deliveries.seq = delivery_seq AND deliveries.seq > :after
      WHERE delivery_seq > :after ORDER BY delivery_seq LIMIT :limit`,
    remove: "DELETE FROM tickets WHERE delivery_seq = ?",
    // Somebody may be sending it again: nobody does, once the row is locked.
    remove_there: `
      WITH settled AS (SELECT seq FROM deliveries WHERE seq = ? AND state NOT IN ${UNSETTLED} FOR SHARE)
      DELETE FROM tickets WHERE delivery_seq IN (SELECT seq FROM settled)`,
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
  driver: Pick<Driver, "read" | "write" | "mustWait">,
  keys: Pick<ActKeys, "forget">,
): Prunes {
  const shelves = SHELVES.map((shelf) => ({
    of: shelf.of,
    select: prepare<object, Row>(shelf.select),
    remove: prepare<[number]>(shelf.remove, shelf.remove_there ?? shelf.remove),
  }));
  const readPrunedAt = prepare<[], string>("SELECT value FROM meta WHERE key = 'pruned_at'").pluck();
  const writePrunedAt = prepare<[string]>(
    "INSERT INTO meta (key, value) VALUES ('pruned_at', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  );
  let place = FRONT;

  /** The rest of one shelf, up to `limit` rows. @returns what went, and where the next batch goes on */
  function* batch(query: PruneQuery): Work<{ result: PrunedBatch; next: Place }> {
    const { bodies_before, attempts_before, limit } = query;
    const dryRun = query.dry_run === true;
    const run = `${bodies_before} ${attempts_before} ${dryRun}`;
    const here = place.run === run ? place : { run, shelf: 0, after: 0 };
    if (!dryRun && query.run_at !== undefined) yield* keys.forget(query.run_at);
    const result = { ...NOTHING, done: false };
    const shelf = shelves[here.shelf];
    if (shelf === undefined) throw new Error(`there is no shelf ${here.shelf}`);
    const rows = yield* shelf.select.all({ bodies_before, attempts_before, limit, after: here.after });
    const gone = rows.filter((row) => row.old === 1 && row.goes === 1);
    result[shelf.of] = gone.length;
    if (!dryRun) for (const { seq } of gone) yield* shelf.remove.put(seq);

    const last = rows.at(-1);
    // Beyond a whole batch of young ones there are only younger ones (but for a clock that was set back meanwhile:
    // those are taken when they come to the front).
    const isEnd = last === undefined || rows.length < limit || rows.every(({ old }) => old === 0);
    const next = isEnd ? { run, shelf: here.shelf + 1, after: 0 } : { ...here, after: last.seq };
    if (next.shelf < shelves.length) return { result, next };
    if (!dryRun && query.run_at !== undefined) yield* writePrunedAt.put(String(query.run_at));
    return { result: { ...result, done: true }, next: FRONT };
  }

  return {
    async prune(query) {
      const isDry = query.dry_run === true;
      if (!isDry && (await driver.mustWait())) return { ...NOTHING, done: false, waiting: true };
      const work = (): ReturnType<typeof batch> => batch(query);
      const { result, next } = await (isDry ? driver.read(work) : driver.write(work));
      // Only now: where the transaction is undone, the rows are still there.
      place = next;
      return result;
    },
    *prunedAt() {
      const value = yield* readPrunedAt.get();
      return value === undefined ? null : Number(value);
    },
  };
}

const FRONT: Place = { run: "", shelf: 0, after: 0 };
const NOTHING = { bodies: 0, attempts: 0, confirmations: 0, tickets: 0, alerts: 0, waiting: false };
