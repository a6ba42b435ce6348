import type { Database } from "better-sqlite3";
import { kindOf, SPREAD_MS, type Row, type Value } from "./columns.ts";
import { namesOf, renaming } from "./names.ts";

/** One set of copies of everything. */
interface Copy {
  index: number;
  /** How much older it is than what it was made from. */
  olderMs: number;
  /** New names by the old. */
  names: ReadonlyMap<string, string>;
}

/**
 * Makes `copies` of everything that is there in place of it, the oldest first: rows stand in the file in the order of
 * time, as they would. Columns are told by their names, so that one the relay gains is copied as it is.
 */
export function multiply(db: Database, copies: number): void {
  const tables = tablesOf(db).map((name) => ({
    name,
    rows: db.prepare<[], Row>(`SELECT * FROM ${name}`).all(),
  }));
  const strides = new Map(
    tables.map(({ name, rows }) => [name, Math.max(...rows.map(({ seq }) => Number(seq ?? 0)))]),
  );
  const originals = namesOf(tables);
  const stepMs = Math.floor(SPREAD_MS / copies);
  db.transaction(() => {
    const writers = tables.map(({ name, rows }) => {
      db.exec(`DELETE FROM ${name}`);
      return createWriter(db, name, rows, strides);
    });
    for (let index = 0; index < copies; index++) {
      const olderMs = (copies - 1 - index) * stepMs;
      const copy = { index, olderMs, names: renaming(originals, index, olderMs) };
      for (const write of writers) write(copy);
    }
  })();
}

/** All that hold one row per event; settings and facts about the ledger are left alone. */
function tablesOf(db: Database): string[] {
  return db
    .prepare<[], string>(
      `SELECT DISTINCT tables.name FROM sqlite_schema tables, pragma_table_info(tables.name) columns
       WHERE tables.type = 'table' AND columns.name IN ('seq', 'delivery_seq', 'webhook_seq')`,
    )
    .pluck()
    .all();
}

type Convert = (value: Value, copy: Copy) => Value;

function createWriter(
  db: Database,
  table: string,
  rows: Row[],
  strides: ReadonlyMap<string, number>,
): (copy: Copy) => void {
  const columns = Object.keys(rows[0] ?? {});
  if (columns.length === 0) return () => undefined;
  const insert = db.prepare(
    `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
  );
  const converts = columns.map((column) => convertOf(column, table, strides));
  const values = rows.map((row) => columns.map((column) => row[column] ?? null));
  return (copy) => {
    for (const row of values) insert.run(row.map((value, n) => converts[n]?.(value, copy) ?? null));
  };
}

function convertOf(column: string, table: string, strides: ReadonlyMap<string, number>): Convert {
  const kind = kindOf(table, column);
  switch (kind.kind) {
    case "place": {
      const stride = strides.get(kind.of) ?? 0;
      return (value, { index }) => Number(value) + index * stride;
    }
    case "names":
      return (value, { names }) => (typeof value === "string" ? renamed(value, names) : value);
    case "time":
      return (value, { olderMs }) => (typeof value === "number" ? value - olderMs : value);
    case "same":
      return (value) => value;
  }
}

function renamed(text: string, names: ReadonlyMap<string, string>): string {
  return text
    .split("\n")
    .map((name) => names.get(name) ?? name)
    .join("\n");
}
