import type Database from "better-sqlite3";
import type { Delivery } from "../../src/core/delivery.ts";

/** A delivery as it stands in the file, without what is only to be read. */
export type Row = Pick<
  Delivery,
  | (
      | "id"
      | "kind"
      | "state"
      | "attention"
      | "store"
      | "printer"
      | "order_id"
      | "attempt_count"
      | "retry_step"
    )
  | ("unknown_count" | "next_attempt_at" | "lease_until" | "useful_until" | "accepted_at" | "reprint_number")
  | ("denied_count" | "last_error")
>;

/** What is really in the ledger's file, seen by another connection: never by the code under test. */
export interface Rows {
  all(): Row[];
  find(id: string): Row | undefined;
  /** Attempts of which nobody knows whether they printed. */
  unknowns(id: string): number;
  webhooks(): string[];
  integrity(): string;
  strays(): number;
}

const COLUMNS = `id, kind, state, attention, store, printer, order_id, attempt_count, retry_step, unknown_count,
  next_attempt_at, lease_until, useful_until, accepted_at, reprint_number, denied_count, last_error`;

export function createRows(db: Database.Database): Rows {
  const all = db.prepare<[], Row>(`SELECT ${COLUMNS} FROM deliveries ORDER BY seq`);
  const find = db.prepare<[string], Row>(`SELECT ${COLUMNS} FROM deliveries WHERE id = ?`);
  const unknowns = db
    .prepare<[string], number>(
      `SELECT count(*) FROM attempts WHERE outcome = 'unknown' AND kind = 'send'
       AND delivery_seq = (SELECT seq FROM deliveries WHERE id = ?)`,
    )
    .pluck();
  const webhooks = db.prepare<[], string>("SELECT id FROM webhooks ORDER BY seq").pluck();
  return {
    all: () => all.all(),
    find: (id) => find.get(id),
    unknowns: (id) => unknowns.get(id) ?? 0,
    webhooks: () => webhooks.all(),
    integrity: () => String(db.pragma("integrity_check", { simple: true })),
    strays: () => (db.pragma("foreign_key_check") as unknown[]).length,
  };
}
