import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { createSeal } from "../../src/ledger/seal.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/index.ts";
import { unpackText } from "../../src/ledger/sql/pack.ts";
import { DAMAGED, type LedgerUnderTest } from "./under-test.ts";
import { NOON } from "./entries.ts";
import { createManualClock } from "../fakes/manual-clock.ts";

export const TEST_KEY = Buffer.alloc(32, 7);

/** A folder of its own for one test's files. */
export function makeFolder(): { path: string; file(name: string): string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "ledger-test-"));
  return {
    path,
    file: (name) => join(path, name),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

export function openAt(path: string, pragmas: readonly string[] = []): Promise<Ledger> {
  return openSqliteLedger({
    path,
    seal: createSeal(() => [TEST_KEY]),
    clock: createManualClock(NOON),
    pragmas,
  });
}

/** Of every table and every column, whatever will be added to them. */
export function everyText(path: string): string {
  const db = new Database(path, { readonly: true });
  try {
    const tables = db
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .pluck()
      .all();
    return tables.flatMap((table) => textsOf(db, table)).join("\n");
  } finally {
    db.close();
  }
}

function textsOf(db: Database.Database, table: string): string[] {
  return (db.prepare(`SELECT * FROM ${table}`).all() as Record<string, unknown>[]).flatMap((row) =>
    Object.entries(row).map(([column, value]) => `${table}.${column}: ${textOf(value)}`),
  );
}

/** What a column holds, unpacked where it is packed. */
export function textOf(value: unknown): string {
  if (!Buffer.isBuffer(value)) return String(value);
  try {
    return unpackText(value);
  } catch {
    return value.toString("latin1");
  }
}

/** For the contract: on the disk, as in life. */
export async function openSqliteUnderTest(): Promise<LedgerUnderTest> {
  const folder = makeFolder();
  const clock = createManualClock(NOON);
  const path = folder.file("relay.db");
  const open = (): Promise<Ledger> => openSqliteLedger({ path, seal: createSeal(() => [TEST_KEY]), clock });
  const ledger = await open();
  const others: Ledger[] = [];
  return {
    ledger,
    clock,
    async another() {
      const other = await open();
      others.push(other);
      return other;
    },
    stored: () => Promise.resolve(everyText(path)),
    damage(table, column, condition) {
      const db = new Database(path);
      db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${condition}`).run(DAMAGED);
      db.close();
      return Promise.resolve();
    },
    async end() {
      for (const opened of [...others, ledger]) await opened.close();
      folder.remove();
    },
  };
}
