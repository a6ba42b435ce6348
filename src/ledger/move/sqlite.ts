import { existsSync, realpathSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { RelayError } from "../../core/errors.ts";
import { BACKUP_AT } from "../sql/restored.ts";
import { MOVED_TO, MOVING, readMoving, type Moving } from "../sql/moving.ts";
import { asLedgerError } from "../sqlite/errors.ts";
import { openDatabase } from "../sqlite/open.ts";
import { holdServiceLock, serviceIsRunning, type Lock } from "../sqlite/service-lock.ts";
import type { Key, Row, Side, Source, Target } from "./side.ts";
import { whereOf, type Table } from "./tables.ts";

/**
 * Its schema is brought up to date, as by every command. From then on nobody else writes to it.
 * @throws `not_found`, `ledger_in_use`, `ledger_unavailable`, `ledger_newer`
 */
export async function openSqliteSource(path: string): Promise<Source> {
  if (!existsSync(path)) throw new RelayError("not_found", `there is no ledger at ${path}: check the path`);
  return open(path, (db, side) => {
    if (metaOf(db, BACKUP_AT) !== null) {
      throw new RelayError(
        "conflict",
        `${path} is a backup that no service has taken up, so it may bring back what was forgotten since: start ` +
          "the relay on it once, then move it",
      );
    }
    db.exec("BEGIN IMMEDIATE");
    return {
      ...side,
      movedTo: metaOf(db, MOVED_TO),
      mark: told(path, (to: string) => {
        putMeta(db, MOVED_TO, to);
        db.exec("COMMIT");
      }),
    };
  });
}

/** Made when there is none. @throws `ledger_in_use`, `ledger_unavailable`, `ledger_newer` */
export async function openSqliteTarget(path: string): Promise<Target> {
  return open(path, (db, side) => {
    // They are checked when all of it is there: a delivery and its webhook name each other.
    db.pragma("foreign_keys = OFF");
    // What a loss of power takes away is moved again; before it is used all is on the disk.
    db.pragma("synchronous = NORMAL");
    const moving = metaOf(db, MOVING);
    return {
      ...side,
      moving: moving === null ? null : readMoving(moving),
      begin: told(path, (from: string) =>
        putMeta(db, MOVING, JSON.stringify({ from, aside: [] } satisfies Moving)),
      ),
      lastKey: told(path, (table: Table) => lastKeyOf(db, table)),
      write: told(path, (table: Table, columns: readonly string[], rows: readonly Row[]) =>
        write(db, table, columns, rows),
      ),
      settle: told(path, (lastNumbers: ReadonlyMap<string, number>) => settle(db, path, lastNumbers)),
      release: told(path, () => void db.prepare("DELETE FROM meta WHERE key = ?").run(MOVING)),
    };
  });
}

/** The same for every way of writing the path. */
export function sqliteName(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

// Asynchronous because the other side is.
// eslint-disable-next-line @typescript-eslint/require-await
async function open<Opened>(path: string, make: (db: Database, side: Side) => Opened): Promise<Opened> {
  const lock = holdFor(path);
  let db: Database | undefined;
  try {
    const opened = openDatabase(path);
    db = opened;
    return make(opened, sideOf(opened, path, lock));
  } catch (error) {
    db?.close();
    lock.release();
    throw asLedgerError(error, path);
  }
}

function holdFor(path: string): Lock {
  if (serviceIsRunning(path)) {
    throw new RelayError(
      "ledger_in_use",
      `a relay service runs on ${path}, or another move does: stop it first, so that nothing comes in meanwhile`,
    );
  }
  return holdServiceLock(path);
}

function sideOf(db: Database, path: string, lock: Lock): Side {
  return {
    name: sqliteName(path),
    columnsOf: told(path, ({ name }: Table) =>
      db.prepare<[string], string>("SELECT name FROM pragma_table_info(?) ORDER BY cid").pluck().all(name),
    ),
    count: told(path, (table: Table) =>
      numberOf(
        db
          .prepare<[], number>(`SELECT count(*) FROM ${table.name} ${whereOf(table, null)}`)
          .pluck()
          .get(),
      ),
    ),
    read: told(path, (table, columns, after, most) => read(db, table, columns, after, most)),
    lastNumber: told(path, ({ name, key }: Table) => {
      const given = db
        .prepare<[string], number>("SELECT seq FROM sqlite_sequence WHERE name = ?")
        .pluck()
        .get(name);
      const highest = db.prepare<[], number | null>(`SELECT max(${key}) FROM ${name}`).pluck().get();
      return Math.max(numberOf(given), numberOf(highest));
    }),
    close: told(path, () => {
      db.close();
      lock.release();
    }),
  };
}

function read(db: Database, ...[table, columns, after, most]: Parameters<Side["read"]>): Row[] {
  const where = whereOf(table, after === null ? null : `${table.key} > ?`);
  const rows = db
    .prepare<unknown[], unknown[]>(
      `SELECT ${columns.join(", ")} FROM ${table.name} ${where} ORDER BY ${table.key} LIMIT ${most.rows}`,
    )
    .raw()
    .iterate(...(after === null ? [] : [after]));
  const taken: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    taken.push(row);
    for (const value of row) {
      if (typeof value === "string" || Buffer.isBuffer(value)) bytes += value.length;
    }
    if (bytes >= most.bytes) break;
  }
  return taken;
}

function lastKeyOf(db: Database, table: Table): Key | null {
  const { name, key } = table;
  const last = db
    .prepare<[], Key>(`SELECT ${key} FROM ${name} ${whereOf(table, null)} ORDER BY ${key} DESC LIMIT 1`)
    .pluck()
    .get();
  return last ?? null;
}

function write(db: Database, { name }: Table, columns: readonly string[], rows: readonly Row[]): void {
  const places = columns.map(() => "?").join(", ");
  const insert = db.prepare(`INSERT INTO ${name} (${columns.join(", ")}) VALUES (${places})`);
  db.transaction(() => {
    for (const row of rows) insert.run(...row);
  })();
}

function settle(db: Database, path: string, lastNumbers: ReadonlyMap<string, number>): void {
  const [broken] = db.pragma("foreign_key_check") as { table: string }[];
  if (broken !== undefined) {
    throw new RelayError("conflict", `rows of ${broken.table} in ${path} name others that are not there`);
  }
  db.transaction(() => {
    // Of tables that count on by themselves: only where none is given twice.
    for (const [name, number] of lastNumbers) setSequence(db, name, number);
  })();
  db.pragma("wal_checkpoint(TRUNCATE)");
  db.pragma("synchronous = FULL");
}

function setSequence(db: Database, name: string, number: number): void {
  const sql = db
    .prepare<[string], string>("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?")
    .pluck()
    .get(name);
  if (sql?.includes("AUTOINCREMENT") !== true) return;
  db.prepare("DELETE FROM sqlite_sequence WHERE name = ?").run(name);
  db.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)").run(name, number);
}

function metaOf(db: Database, key: string): string | null {
  return db.prepare<[string], string>("SELECT value FROM meta WHERE key = ?").pluck().get(key) ?? null;
}

function putMeta(db: Database, key: string, value: string): void {
  db.prepare(
    "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  ).run(key, value);
}

function numberOf(value: number | null | undefined): number {
  return value ?? 0;
}

/** @returns what rejects instead of throwing, with what to do about the file */
function told<Given extends unknown[], Result>(
  path: string,
  work: (...given: Given) => Result,
): (...given: Given) => Promise<Result> {
  return (...given) =>
    new Promise<Result>((resolve) => resolve(work(...given))).catch((error: unknown) => {
      throw asLedgerError(error, path);
    });
}
