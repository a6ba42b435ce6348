import type { UnixMs } from "../../core/time.ts";
import type { ClaimQuery } from "../ledger.ts";
import { prepare, type Work } from "./statement.ts";
import { dueInList, takeInTurn, type DueByStore, type DueRow, type Group } from "./turns.ts";

interface Which {
  state: ClaimQuery["state"];
  now: UnixMs;
  only: string | null;
  /** Names. */
  except: readonly string[];
  except_stores: readonly string[];
}
type DueParameters = Which & { limit: number };

const COLUMNS = "seq, store, next_attempt_at";
const IS_DUE = `
    next_attempt_at <= :now
    AND (:only IS NULL OR printer = :only)
    AND (:except = '[]' OR printer NOT IN (SELECT value FROM json_each(:except)))
    AND (lease_until IS NULL OR lease_until <= :now)
    AND useful_until > :now`;

/**
 * The first condition repeats that of the partial index, or SQLite could not use it. INDEXED BY, here and wherever
 * the worker asks: without statistics SQLite takes any index on `state` for better, and reads a whole backlog.
 */
export const DUE = `
  SELECT ${COLUMNS} FROM deliveries INDEXED BY deliveries_due
  WHERE state IN ('pending', 'verifying') AND state = :state AND ${IS_DUE}
  ORDER BY next_attempt_at, seq
  LIMIT :limit`;

const BY_STORE = `
  FROM deliveries INDEXED BY deliveries_due_by_store
  WHERE state IN ('pending', 'verifying') AND state = :state`;

/** This one, when it is due. */
const DUE_ITSELF = `SELECT ${COLUMNS} FROM deliveries WHERE id = :id AND state = :state AND ${IS_DUE}`;

/** The next due of one store after a row of it, oldest first. */
export const DUE_AFTER = `
  SELECT ${COLUMNS} ${BY_STORE} AND store = :store
    AND (next_attempt_at, seq) > (:after_at, :after_seq) AND ${IS_DUE}
  ORDER BY next_attempt_at, seq LIMIT :limit`;
/** Likewise of what belongs to none. One for both would have PostgreSQL read and sort the whole backlog. */
const DUE_AFTER_OF_NONE = DUE_AFTER.replace("store = :store", "store IS NULL");

/**
 * The oldest due of each store whose name is above `from` and not above `to`, by name. Steps over the index from store
 * to store: what it costs is their number, not that of what is due. A name is never empty.
 */
export const FIRST_OF_EACH = `
  WITH RECURSIVE walk (name) AS (
    SELECT (SELECT store ${BY_STORE} AND next_attempt_at IS NOT NULL AND store > :from ORDER BY store LIMIT 1)
    UNION ALL
    SELECT (SELECT store ${BY_STORE} AND next_attempt_at IS NOT NULL AND store > name ORDER BY store LIMIT 1)
    FROM walk WHERE name < :to)
  SELECT ${COLUMNS} FROM walk CROSS JOIN deliveries
  WHERE name <= :to
    AND (:except_stores = '[]' OR name NOT IN (SELECT value FROM json_each(:except_stores)))
    AND seq = (SELECT seq ${BY_STORE} AND store = name AND ${IS_DUE} ORDER BY next_attempt_at, seq LIMIT 1)
  LIMIT :limit`;

/**
 * In PostgreSQL other relays claim at the same time: what one has in its hands the others step over, to the end of its
 * transaction.
 */
function locked(select: string): string {
  return `${select} FOR UPDATE OF deliveries SKIP LOCKED`;
}

/** Above every name of a store, which are of a-z, 0-9 and - (core/settings.ts). */
const LAST_NAME = "~";

/** So many that are due are looked through in one go; where there are more, from store to store. */
const LOOK_ROWS = 32;

/** @returns what picks whom to take: all that is due, oldest first, or each store's oldest in turn */
export function createDue(): (query: ClaimQuery) => Work<DueRow[]> {
  const due = prepare<DueParameters, DueRow>(DUE, locked(DUE));
  const itself = prepare<Which & { id: string }, DueRow>(DUE_ITSELF, locked(DUE_ITSELF));
  const byStore = createDueByStore();
  // In memory only: where a fresh process begins does not matter.
  const served: Record<ClaimQuery["state"], Group> = { pending: null, verifying: null };

  return function* ({ state, now, limit, ...query }) {
    const which: Which = {
      state,
      now,
      only: query.only_printer ?? null,
      except: query.except_printers ?? [],
      except_stores: query.except_stores ?? [],
    };
    if (query.only_id !== undefined) return yield* itself.all({ ...which, id: query.only_id });
    function* inTurn(source: DueByStore): Work<DueRow[]> {
      const last = served[state];
      const taken = query.one_of_each_store
        ? yield* source.firstRound(last, limit)
        : yield* takeInTurn(source, last, limit);
      const latest = taken.at(-1);
      if (latest !== undefined) served[state] = latest.store;
      return taken;
    }
    if (query.except_stores?.length) return yield* inTurn(byStore(which));
    const rows = Math.max(limit, LOOK_ROWS) + 1;
    const found = yield* due.all({ ...which, limit: rows });
    if (found.length === rows) return yield* inTurn(byStore(which));
    if (found.length > limit || (query.one_of_each_store && found.length > 1))
      return yield* inTurn(dueInList(found));
    return found;
  };
}

function createDueByStore(): (which: Which) => DueByStore {
  const next = (sql: string) =>
    prepare<DueParameters & { store?: Group; after_at: UnixMs; after_seq: number }, DueRow>(sql, locked(sql));
  const ofStore = next(DUE_AFTER);
  const ofNone = next(DUE_AFTER_OF_NONE);
  const firstOfEach = prepare<DueParameters & { from: string; to: string }, DueRow>(
    FIRST_OF_EACH,
    locked(FIRST_OF_EACH),
  );
  return (which) => {
    function* among(from: string, to: string, limit: number): Work<DueRow[]> {
      return limit <= 0 ? [] : yield* firstOfEach.all({ ...which, from, to, limit });
    }
    function after(row: DueRow, limit: number): Work<DueRow[]> {
      const { store, next_attempt_at: after_at, seq: after_seq } = row;
      const place = { ...which, after_at, after_seq, limit };
      return store === null ? ofNone.all(place) : ofStore.all({ ...place, store });
    }
    return {
      *firstRound(last, limit) {
        const later = yield* among(last ?? "", LAST_NAME, limit);
        if (later.length >= limit) return later;
        const noStores = yield* after({ store: null, next_attempt_at: Number.MIN_SAFE_INTEGER, seq: 0 }, 1);
        const found = [...later, ...noStores];
        return last === null ? found : [...found, ...(yield* among("", last, limit - found.length))];
      },
      after,
    };
  };
}
