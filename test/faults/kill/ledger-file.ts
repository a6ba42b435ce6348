import Database from "better-sqlite3";
import type { LedgerFacts } from "./history.ts";
import type { LedgerUnderKills } from "./ledger.ts";

export function ledgerInFile(path: string): LedgerUnderKills {
  return {
    env: { RELAY_DATABASE: path },
    facts: () => Promise.resolve(factsOf(path)),
    stored: (webhooks) => Promise.resolve(storedOf(path, webhooks)),
    unsettled: () => Promise.resolve(unsettled(path)),
    // A service that starts on a file knows that no other has it.
    forsake: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

/** Looks into a ledger's file from outside, without changing it; a relay may be at work on it. */
export function look<Result>(path: string, read: (db: Database.Database) => Result): Result {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
}

export function factsOf(path: string): LedgerFacts {
  return look(path, (db) => ({
    integrity: String(db.pragma("integrity_check", { simple: true })),
    broken_keys: (db.pragma("foreign_key_check") as unknown[]).length,
    webhooks: new Set(db.prepare<[], string>("SELECT id FROM webhooks").pluck().all()),
    deliveries: db
      .prepare<[], LedgerFacts["deliveries"][number]>('SELECT id, order_id AS "order", state FROM deliveries')
      .all(),
  }));
}

function storedOf(path: string, webhooks: readonly string[]): Set<string> {
  return look(path, (db) => {
    const find = db.prepare<[string], string>("SELECT id FROM webhooks WHERE id = ?").pluck();
    return new Set(webhooks.filter((id) => find.get(id) !== undefined));
  });
}

function unsettled(path: string): { waiting: number; held: string[] } {
  return look(path, (db) => {
    const rows = db
      .prepare<[], { id: string; held: number }>(
        `SELECT id, state = 'pending' AND next_attempt_at IS NULL AS held FROM deliveries
         WHERE state NOT IN ('accepted', 'printed')`,
      )
      .all();
    return { waiting: rows.length, held: rows.filter(({ held }) => held === 1).map(({ id }) => id) };
  });
}
