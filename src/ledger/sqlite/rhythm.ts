import type { Database } from "better-sqlite3";
import type { UnixMs } from "../../core/time.ts";
import type { Rhythm } from "../alert-ledger.ts";

/**
 * @returns `Ledger.rhythmOf`: from mark to mark by the index on store and id, so that a store with a million webhooks
 *   costs no more than one with fifty
 */
export function createRhythms(
  db: Database,
): (store: string, marks: readonly UnixMs[], limit: number) => Rhythm {
  const beside = (sign: "<" | ">=", order: "ASC" | "DESC") =>
    db
      .prepare<[string, string], UnixMs>(
        `SELECT received_at FROM webhooks INDEXED BY webhooks_by_store
         WHERE store = ? AND id ${sign} ? AND origin = 'webhook' ORDER BY id ${order} LIMIT 1`,
      )
      .pluck();
  const before = beside("<", "DESC");
  const after = beside(">=", "ASC");
  const last = db
    .prepare<[string], UnixMs>(
      `SELECT received_at FROM webhooks INDEXED BY webhooks_by_store WHERE store = ? AND origin = 'webhook'
       ORDER BY id DESC LIMIT 1`,
    )
    .pluck();
  const count = db
    .prepare<[string, string, number], number>(
      `SELECT count(*) FROM (
         SELECT 1 FROM webhooks INDEXED BY webhooks_by_store WHERE store = ? AND id >= ? AND origin = 'webhook'
         LIMIT ?)`,
    )
    .pluck();
  return (store, marks, limit) => {
    const silences = new Map<UnixMs, UnixMs>();
    for (const mark of marks) {
      const id = idAt(mark);
      const [from, until] = [before.get(store, id), after.get(store, id)];
      if (from !== undefined && until !== undefined) silences.set(from, until);
    }
    return {
      webhooks: count.get(store, idAt(marks[0] ?? 0), limit) ?? 0,
      last_at: last.get(store) ?? null,
      silences: [...silences].map(([from, until]) => ({ from, until })),
    };
  };
}

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_CHARS = 10;

/** Before every ULID of this moment or later, after every earlier one. @see https://github.com/ulid/spec "Timestamp" */
function idAt(at: UnixMs): string {
  let rest = at;
  let id = "";
  for (let place = 0; place < TIME_CHARS; place++) {
    id = (CROCKFORD[rest % CROCKFORD.length] ?? "") + id;
    rest = Math.floor(rest / CROCKFORD.length);
  }
  return id;
}
