import type { Delivery } from "../../core/delivery.ts";
import { isDamagedTicket } from "../../core/ticket.ts";
import { SECOND_MS, type UnixMs } from "../../core/time.ts";
import type { ClaimQuery, ReleaseFilter } from "../ledger.ts";
import type { DeliveryWriter } from "./change.ts";
import { createDue } from "./due.ts";
import type { RestoredLedger } from "./restored.ts";
import type { DeliveryReader } from "./rows.ts";
import { NO_LIMIT, prepare, together, type Work } from "./statement.ts";

/** Run inside the group commit, but for `nextDueAt`, which only reads. */
export interface Claims {
  claim(query: ClaimQuery): Work<Delivery[]>;
  release(now: UnixMs, filter: ReleaseFilter): Work<number>;
  nextDueAt(): Work<UnixMs | null>;
}

/** Waiting because the last try found nobody: `retry_step` above 0 says so (core/decide.ts). */
const WAITING = `
  SELECT seq FROM deliveries INDEXED BY deliveries_due
  WHERE state IN ('pending', 'verifying') AND state = 'pending' AND next_attempt_at > :now
    AND retry_step > 0 AND (:printer IS NULL OR printer = :printer)`;
export const WAITING_FOR_CLOUD = `${WAITING} ORDER BY seq LIMIT :limit`;
/** ...or due, beside this one. */
const ANOTHER_IS_THERE = `
  EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_due
    WHERE state IN ('pending', 'verifying') AND state = 'pending' AND next_attempt_at IS NOT NULL
      AND seq <> (SELECT seq FROM deliveries WHERE id = :id) AND (:printer IS NULL OR printer = :printer))`;
const AS_MANY_WAIT = `(SELECT count(*) FROM (${WAITING} LIMIT :at_least) AS few) >= :at_least`;

export function createClaims(
  reader: DeliveryReader,
  writer: Pick<DeliveryWriter, "tell">,
  restored: Pick<RestoredLedger, "isAwaited">,
): Claims {
  const due = createDue();
  const SEND = "SET state = 'sending', attempt_count = attempt_count + 1, next_attempt_at = NULL";
  const takeToSend = prepare<[UnixMs, UnixMs, string | null, number]>(
    `UPDATE deliveries ${SEND}, signed_at = ?, lease_until = ?, claimed_by = ? WHERE seq = ?`,
    {
      types: { signed_at: "bigint", lease_until: "bigint", by: "text", seq: "bigint" },
      sql: `
        UPDATE deliveries ${SEND}, signed_at = given.signed_at, lease_until = given.lease_until, claimed_by = given.by
        FROM given WHERE deliveries.seq = given.seq`,
    },
  );
  const takeToVerify = prepare<[UnixMs, string | null, number]>(
    "UPDATE deliveries SET lease_until = ?, claimed_by = ? WHERE seq = ?",
    {
      types: { lease_until: "bigint", by: "text", seq: "bigint" },
      sql: `
        UPDATE deliveries SET lease_until = given.lease_until, claimed_by = given.by
        FROM given WHERE deliveries.seq = given.seq`,
    },
  );
  const RELEASE = "UPDATE deliveries SET next_attempt_at = :now WHERE seq IN";
  const release = prepare<object>(
    `${RELEASE} (${WAITING_FOR_CLOUD}) AND ${AS_MANY_WAIT}`,
    `${RELEASE} (${WAITING_FOR_CLOUD} FOR UPDATE SKIP LOCKED) AND ${AS_MANY_WAIT}`,
  );
  const releaseOne = prepare<object>(
    `UPDATE deliveries SET next_attempt_at = :now
     WHERE id = :id AND state = 'pending' AND next_attempt_at > :now AND (:alone_too = 1 OR ${ANOTHER_IS_THERE})`,
  );
  const nextSignedAt = createNextSignedAt();
  const tellOfDamage = createTellOfDamage(writer);

  function* take(seq: number, { state, now, lease_until, by = null }: ClaimQuery): Work<Delivery | null> {
    const before = yield* reader.bySeq(seq);
    if (!isStillDue(before, state, now)) return null;
    if (isDamagedTicket(before.ticket)) yield* tellOfDamage(seq, before, now);
    if (state === "verifying") {
      yield* takeToVerify.put(lease_until, by, seq);
      return { ...before, lease_until };
    }
    const signed_at = yield* nextSignedAt(seq, before, now);
    yield* takeToSend.put(signed_at, lease_until, by, seq);
    const attempt_count = before.attempt_count + 1;
    return { ...before, state: "sending", attempt_count, signed_at, lease_until, next_attempt_at: null };
  }

  return {
    // Selecting first keeps the order of the due. In SQLite nobody comes between, for the transaction is IMMEDIATE; in
    // PostgreSQL nobody does once the rows are locked.
    *claim(query) {
      if (yield* restored.isAwaited()) return [];
      const rows = yield* due(query);
      const taken = yield* together(rows.map(({ seq }) => take(seq, query)));
      return taken.filter((delivery) => delivery !== null);
    },
    release: (now, { printer = null, limit = NO_LIMIT, unless_alone = false, only_id: id }) =>
      id === undefined
        ? release.run({ now, printer, limit, at_least: unless_alone ? 2 : 0 })
        : releaseOne.run({ now, printer, id, alone_too: unless_alone ? 0 : 1 }),
    nextDueAt: createNextDueAt(),
  };
}

const DAMAGED_NOTE =
  "its ticket is damaged in the ledger: the slip says which order is cancelled, and no more";

/** @returns what writes into a delivery's history, once, why its slip says so little */
function createTellOfDamage({
  tell,
}: Pick<DeliveryWriter, "tell">): (seq: number, delivery: Delivery, at: UnixMs) => Work<void> {
  const isTold = prepare<[number, string]>(
    "SELECT 1 FROM history WHERE delivery_seq = ? AND note = ? LIMIT 1",
  );
  return function* (seq, { state }, at) {
    if ((yield* isTold.get(seq, DAMAGED_NOTE)) !== undefined) return;
    yield* tell(seq, { at, state, by: "relay", note: DAMAGED_NOTE });
  };
}

/**
 * PostgreSQL may look for a row, see another relay commit a claim of it, and then lock it: it asks again only what the
 * locking query itself says of the row (FIRST_OF_EACH says it in a query within). What is read under the lock is true.
 */
function isStillDue(
  { state, next_attempt_at, lease_until }: Delivery,
  wanted: ClaimQuery["state"],
  now: UnixMs,
): boolean {
  const isFree = lease_until === null || lease_until <= now;
  return state === wanted && next_attempt_at !== null && next_attempt_at <= now && isFree;
}

function createNextDueAt(): () => Work<UnixMs | null> {
  const unclaimed = prepare<["pending" | "verifying"], UnixMs>(
    `SELECT next_attempt_at FROM deliveries INDEXED BY deliveries_due
       WHERE state IN ('pending', 'verifying') AND state = ? AND next_attempt_at IS NOT NULL
         AND lease_until IS NULL
       ORDER BY next_attempt_at LIMIT 1`,
  ).pluck();
  // A claimed `verifying` one stays due by its column, but nobody can have it before its lease ends.
  const claimed = prepare<[], UnixMs | null>(
    `SELECT min(lease_until) FROM deliveries INDEXED BY deliveries_leased
       WHERE lease_until IS NOT NULL AND state = 'verifying' AND next_attempt_at IS NOT NULL`,
  ).pluck();
  return function* () {
    const moments = yield* together<UnixMs | null | undefined>([
      unclaimed.get("pending"),
      unclaimed.get("verifying"),
      claimed.get(),
    ]);
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
function createNextSignedAt(): (seq: number, before: Delivery, now: UnixMs) => Work<UnixMs> {
  const isUsed = prepare<[number, UnixMs]>(
    "SELECT 1 FROM attempts WHERE delivery_seq = ? AND kind = 'send' AND signed_at = ?",
  );
  let last = 0;
  return function* (seq, before, now) {
    const isSetBack = last - now > CLOCK_SET_BACK_MS;
    let at = isSetBack ? now : Math.max(now, last + 1);
    // At once: where works run side by side, the next one begins while this one looks.
    last = at;
    if (before.attempt_count > 0) {
      while (at === before.signed_at || (yield* isUsed.get(seq, at)) !== undefined) at++;
    }
    last = Math.max(last, at);
    return at;
  };
}
