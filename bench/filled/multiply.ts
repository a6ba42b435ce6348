import type { Database } from "better-sqlite3";
import { namesOf, renaming } from "./names.ts";

export type Value = string | number | Buffer | null;
export type Row = Record<string, Value>;

/** One set of copies of everything. */
interface Copy {
  index: number;
  /** How much older it is than what it was made from. */
  olderMs: number;
  /** New names by the old. */
  names: ReadonlyMap<string, string>;
}

/** Copies are spread over the last three months. */
export const SPREAD_DAYS = 90;
const SPREAD_MS = SPREAD_DAYS * 24 * 3600 * 1000;

/** Columns that hold a row's place in a table: their own, or another's. */
const PLACES: Readonly<Record<string, string>> = { delivery_seq: "deliveries", webhook_seq: "webhooks" };
/** Columns that are a name, or hold some, one a line. */
const NAMES = [
  ...["id", "webhook_id", "delivery_id", "platform_webhook_id", "search"],
  ...["order_id", "order_name", "order_id_key", "order_name_key"],
];
const TIMES = /(^|_)(at|until|by)$/;

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
  const place = column === "seq" ? table : PLACES[column];
  if (place !== undefined) {
    const stride = strides.get(place) ?? 0;
    return (value, { index }) => Number(value) + index * stride;
  }
  if (NAMES.includes(column))
    return (value, { names }) => (typeof value === "string" ? renamed(value, names) : value);
  if (TIMES.test(column))
    return (value, { olderMs }) => (typeof value === "number" ? value - olderMs : value);
  return (value) => value;
}

function renamed(text: string, names: ReadonlyMap<string, string>): string {
  return text
    .split("\n")
    .map((name) => names.get(name) ?? name)
    .join("\n");
}
