import type { Database } from "better-sqlite3";
import type { Delivery } from "../../core/delivery.ts";
import { SECOND_MS, type UnixMs } from "../../core/time.ts";
import type { ClaimQuery } from "../ledger.ts";
import type { DeliveryReader } from "./rows.ts";
import { dueInList, takeInTurn, type DueByStore, type DueRow, type Group } from "./turns.ts";

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
  SELECT seq, store, next_attempt_at FROM deliveries INDEXED BY deliveries_due
  WHERE state IN ('pending', 'verifying') AND state = :state AND next_attempt_at <= :now
    AND (:only IS NULL OR printer = :only)
    AND printer NOT IN (SELECT value FROM json_each(:except))
    AND (lease_until IS NULL OR lease_until <= :now)
    AND useful_until > :now
  ORDER BY next_attempt_at, seq
  LIMIT :limit`;

/** The oldest due of one store after a row of it: one, however many there are. */
export const DUE_OF_STORE = `
  SELECT seq, store, next_attempt_at FROM deliveries INDEXED BY deliveries_due_by_store
  WHERE state IN ('pending', 'verifying') AND state = :state AND store IS :store
    AND next_attempt_at <= :now AND (next_attempt_at, seq) > (:after_at, :after_seq)
    AND (:only IS NULL OR printer = :only)
    AND printer NOT IN (SELECT value FROM json_each(:except))
    AND (lease_until IS NULL OR lease_until <= :now)
    AND useful_until > :now
  ORDER BY next_attempt_at, seq
  LIMIT 1`;

/** The first store after this name that something waits for, due or not. A name is never empty. */
export const NEXT_STORE = `
  SELECT store FROM deliveries INDEXED BY deliveries_due_by_store
  WHERE state IN ('pending', 'verifying') AND next_attempt_at IS NOT NULL AND state = :state AND store > :name
  ORDER BY store LIMIT 1`;

/** Whether anything waits that is no store's. */
export const OF_NO_STORE = `
  SELECT 1 FROM deliveries INDEXED BY deliveries_due_by_store
  WHERE state IN ('pending', 'verifying') AND next_attempt_at IS NOT NULL AND state = :state AND store IS NULL
  LIMIT 1`;

/** So many that are due are looked through in one go; where there are more, from store to store. */
const LOOK_ROWS = 64;

/** Waiting because the last try found nobody: `retry_step` above 0 says so (core/decide.ts). */
export const WAITING_FOR_CLOUD = `
  SELECT seq FROM deliveries INDEXED BY deliveries_due
  WHERE state IN ('pending', 'verifying') AND state = 'pending' AND next_attempt_at > :now
    AND retry_step > 0 AND (:printer IS NULL OR printer = :printer)
  ORDER BY seq LIMIT :limit`;

/** SQLite's "no limit". */
const NO_LIMIT = -1;

export function createClaims(db: Database, reader: DeliveryReader): Claims {
  const choose = createChoice(db);
  const takeToSend = db.prepare<[UnixMs, UnixMs, number]>(`
    UPDATE deliveries
    SET state = 'sending', attempt_count = attempt_count + 1, signed_at = ?, lease_until = ?, next_attempt_at = NULL
    WHERE seq = ?`);
  const takeToVerify = db.prepare<[UnixMs, number]>("UPDATE deliveries SET lease_until = ? WHERE seq = ?");
  const release = db.prepare(
    `UPDATE deliveries SET next_attempt_at = :now WHERE seq IN (${WAITING_FOR_CLOUD})`,
  );
  const nextDueAt = createNextDueAt(db);
  const nextSignedAt = createNextSignedAt(db);

  function take(seq: number, { state, now, lease_until }: ClaimQuery): Delivery {
    const before = reader.bySeq(seq);
    if (state === "verifying") {
      takeToVerify.run(lease_until, seq);
      return { ...before, lease_until };
    }
    const signed_at = nextSignedAt(seq, before, now);
    takeToSend.run(signed_at, lease_until, seq);
    const attempt_count = before.attempt_count + 1;
    return { ...before, state: "sending", attempt_count, signed_at, lease_until, next_attempt_at: null };
  }

  return {
    // Selecting first keeps the order of the due; nobody comes between, for the transaction is IMMEDIATE.
    claim: (query) => choose(query).map(({ seq }) => take(seq, query)),
    release: (now, { printer, limit }) =>
      release.run({ now, printer: printer ?? null, limit: limit ?? NO_LIMIT }).changes,
    nextDueAt,
  };
}

/** @returns what picks whom to take: all that is due, oldest first, or each store's oldest in turn */
function createChoice(db: Database): (query: ClaimQuery) => DueRow[] {
  const due = db.prepare<[DueParameters], DueRow>(DUE);
  const byStore = createDueByStore(db);
  // In memory only: where a fresh process begins does not matter.
  const served: Record<ClaimQuery["state"], Group> = { pending: null, verifying: null };
  return ({ state, now, limit, per_store = limit, ...query }) => {
    const only = query.only_printer ?? null;
    const except = JSON.stringify(query.except_printers ?? []);
    const full = new Set<Group>(query.except_stores);
    const rows = Math.max(limit, LOOK_ROWS) + 1;
    const found = due.all({ state, now, only, except, limit: rows });
    if (found.length <= limit && per_store >= found.length && full.size === 0) return found;
    const source = found.length < rows ? dueInList(found) : byStore({ state, now, only, except });
    const taken = takeInTurn(source, served[state], { limit, per_store, except: full });
    const last = taken.at(-1);
    if (last !== undefined) served[state] = last.store;
    return taken;
  };
}

type DueOfStore = Omit<DueParameters, "limit"> & { store: Group; after_at: UnixMs; after_seq: number };

/** Steps over the index from store to store: what it costs is their number, not that of what is due. */
function createDueByStore(db: Database): (of: Omit<DueParameters, "limit">) => DueByStore {
  const dueOfStore = db.prepare<[DueOfStore], DueRow>(DUE_OF_STORE);
  const nextStore = db.prepare<[{ state: string; name: string }], string>(NEXT_STORE).pluck();
  const ofNoStore = db.prepare<[{ state: string }], 1>(OF_NO_STORE).pluck();
  return (of) => {
    const { state } = of;
    const groupAfter = (group: Group): Group | undefined => nextStore.get({ state, name: group ?? "" });
    return {
      firstGroup: () => (ofNoStore.get({ state }) === undefined ? groupAfter(null) : null),
      groupAfter,
      nextOf: (store, last) =>
        dueOfStore.get({
          ...of,
          store,
          after_at: last?.next_attempt_at ?? Number.MIN_SAFE_INTEGER,
          after_seq: last?.seq ?? 0,
        }),
    };
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

/**
 * Two sends in one millisecond are signed with two moments, and a clock that is slewed gives none twice. One that was
 * set back farther than this was wrong before: going on from its old time would look stale to the cloud.
 */
const CLOCK_SET_BACK_MS = 5 * SECOND_MS;

/** @returns what finds the moment an attempt is signed with: now, or as soon after as no attempt has had it */
function createNextSignedAt(db: Database): (seq: number, before: Delivery, now: UnixMs) => UnixMs {
  const isUsed = db.prepare<[number, UnixMs]>(
    "SELECT 1 FROM attempts WHERE delivery_seq = ? AND kind = 'send' AND signed_at = ?",
  );
  let last = 0;
  return (seq, before, now) => {
    const isSetBack = last - now > CLOCK_SET_BACK_MS;
    let at = isSetBack ? now : Math.max(now, last + 1);
    if (before.attempt_count > 0) {
      while (at === before.signed_at || isUsed.get(seq, at) !== undefined) at++;
    }
    last = at;
    return at;
  };
}
