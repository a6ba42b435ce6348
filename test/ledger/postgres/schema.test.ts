import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ownMigrations } from "../../../src/ledger/postgres/migrate.ts";
import { readMigrations } from "../../../src/ledger/sql/migrations.ts";
import { POSTGRES } from "../../fakes/postgres.ts";
import { onEmptyDatabase } from "./session.ts";

const SQLITE = new URL("../../../migrations/sqlite/", import.meta.url);

/** What PostgreSQL keeps in another way, or has no use for (its migration says why). */
const OTHERWISE = { table: "delivery_counts", index: "deliveries_by_webhook" };
const OWN_CONDITION = ["deliveries_useful", "(state = ANY", "((state || ''::text) = ANY"] as const;

/** Written with every webhook or try: no foreign key looks at these. */
const HOT = [
  ["tickets", "delivery_seq"],
  ["history", "delivery_seq"],
  ["attempts", "delivery_seq"],
  ["confirmations", "delivery_seq"],
  ["webhook_bodies", "webhook_seq"],
  ["webhooks", "delivery_id"],
  ["deliveries", "webhook_id"],
] as const;

const FLAGS = [
  ...["deliveries.may_be_repeat", "deliveries.created_apart", "alerts.gathered"],
  ...["services.leads", "outages.unreachable"],
];
/** Small numbers; every other INTEGER is a moment, a place or a count. */
const SMALL = [
  ...["reprint_number", "attempt_count", "retry_step", "unknown_count", "denied_count"].map(
    (of) => `deliveries.${of}`,
  ),
  ...["webhooks.body_bytes", "attempts.number", "attempts.http_status", "store_watches.found_count"],
  ...["alert_messages.tries", "alerts.count", "alerts.told_times"],
];

interface Column {
  table: string;
  name: string;
  type: string;
  required: boolean;
  initial: string | null;
}
interface SqliteColumn extends Column {
  pk: number;
}

const sqlite = new Database(":memory:");
for (const { sql } of readMigrations(SQLITE)) sqlite.exec(sql);
afterAll(() => void sqlite.close());

const sqliteTables = sqlite
  .prepare<[string], { name: string; sql: string }>(
    `SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> ? ORDER BY name`,
  )
  .all(OTHERWISE.table)
  .map(({ name, sql }) => ({ name, sql: sql.replace(/--.*$/gm, "") }));

function sqliteColumns(): SqliteColumn[] {
  return sqliteTables.flatMap(({ name: table }) =>
    sqlite
      .prepare<[string], Omit<SqliteColumn, "table" | "required"> & { required: 0 | 1 }>(
        `SELECT name, type, "notnull" OR pk AS required, dflt_value AS initial, pk FROM pragma_table_info(?)`,
      )
      .all(table)
      .map((column) => ({ table, ...column, required: column.required === 1 })),
  );
}

function expectedColumn({ pk, ...column }: SqliteColumn): Column {
  const place = `${column.table}.${column.name}`;
  if (column.type === "TEXT") return { ...column, type: 'text COLLATE "C"' };
  if (column.type === "BLOB") return { ...column, type: "bytea" };
  if (pk > 0 && column.name === "seq") return { ...column, type: "bigint identity" };
  const type = FLAGS.includes(place) ? "smallint" : SMALL.includes(place) ? "integer" : "bigint";
  return { ...column, type };
}

/** Every `CHECK (…)` of a table, in PostgreSQL's words. */
function checksOf(sql: string): string[] {
  return [...sql.matchAll(/\bCHECK \(/g)].map(({ index, 0: begin }) => {
    const from = index + begin.length;
    let depth = 1;
    let to = from;
    for (; depth > 0; to++) depth += sql[to] === "(" ? 1 : sql[to] === ")" ? -1 : 0;
    return sql
      .slice(from, to - 1)
      .replace(/json_valid\((\w+)\)/g, "$1::json IS NOT NULL")
      .replace("type GLOB '[a-z]*.[a-z]*'", "type ~ '^[a-z].*\\.[a-z]'");
  });
}

describe.skipIf(POSTGRES === null)("the schema in PostgreSQL is that of SQLite:", () => {
  const client = onEmptyDatabase(ownMigrations().map(({ sql }) => sql));
  beforeAll(sayAgain);

  /** SQLite's checks and indexes once more in a schema of their own, for PostgreSQL to say in its own form. */
  async function sayAgain(): Promise<void> {
    await client().query("CREATE SCHEMA sqlite; SET search_path = sqlite, public");
    for (const { name, sql } of sqliteTables) {
      await client().query(`CREATE TABLE sqlite.${name} (LIKE public.${name})`);
      for (const check of checksOf(sql))
        await client().query(`ALTER TABLE sqlite.${name} ADD CHECK (${check})`);
    }
    const indexes = sqlite
      .prepare<[string], string>(
        "SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND name <> ?",
      )
      .pluck();
    for (const sql of indexes.all(OTHERWISE.index)) await client().query(sql);
    await client().query("SET search_path = public");
  }

  async function texts(sql: string, parameters: unknown[] = []): Promise<string[]> {
    const { rows } = await client().query<string[]>({ text: sql, values: parameters, rowMode: "array" });
    return rows.map(([text = ""]) => text).sort();
  }

  test("the tables", async () => {
    const names = sqliteTables.map(({ name }) => name);
    expect(await texts("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).toEqual(
      [...names, OTHERWISE.table].sort(),
    );
  });

  test("the columns, what they may hold, and what they begin with", async () => {
    const { rows } = await client().query<Column>(
      `SELECT relname AS table, attname AS name, attnotnull AS required,
         replace(pg_get_expr(adbin, adrelid), '::text', '') AS initial,
         format_type(atttypid, atttypmod) || CASE WHEN attidentity = 'd' THEN ' identity' ELSE '' END
           || coalesce(' COLLATE "' || collname || '"', '') AS type
       FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
         LEFT JOIN pg_collation ON pg_collation.oid = attcollation
         LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
       WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND relname <> $1`,
      [OTHERWISE.table],
    );
    const line = ({ table, name, type, required, initial }: Column): string =>
      `${table}.${name} ${type}${required ? " NOT NULL" : ""}${initial === null ? "" : ` DEFAULT ${initial}`}`;
    expect(rows.map(line).sort()).toEqual(sqliteColumns().map(expectedColumn).map(line).sort());
  });

  test("the keys", async () => {
    const keys = sqliteTables.flatMap(({ name: table }) => {
      const columns = sqliteColumns().filter((column) => column.table === table);
      const primary = columns.filter(({ pk }) => pk > 0).map(({ name }) => name);
      const unique = sqlite
        .prepare<[string], string>(
          `SELECT (SELECT group_concat(name, ', ') FROM pragma_index_info(list.name))
           FROM pragma_index_list(?) AS list WHERE origin = 'u'`,
        )
        .pluck()
        .all(table);
      return [
        `${table} PRIMARY KEY (${primary.join(", ")})`,
        ...unique.map((of) => `${table} UNIQUE (${of})`),
      ];
    });
    const made = await texts(
      `SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u') AND conrelid <> $1::regclass`,
      [OTHERWISE.table],
    );
    expect(made).toEqual(keys.sort());
  });

  test("what refers to what", async () => {
    const references = sqliteTables.flatMap(({ name: table, sql }) =>
      sqlite
        .prepare<[string], { from: string; to: string; column: string; on_delete: string }>(
          `SELECT "from", "table" AS "to", "to" AS "column", on_delete FROM pragma_foreign_key_list(?)`,
        )
        .all(table)
        .map(({ from, to, column, on_delete }) => {
          const removed = on_delete === "NO ACTION" ? "" : ` ON DELETE ${on_delete}`;
          const late = new RegExp(`^ *${from} .*( DEFERRABLE INITIALLY DEFERRED)`, "m").exec(sql)?.[1] ?? "";
          return `${table} FOREIGN KEY (${from}) REFERENCES ${to}(${column})${removed}${late}`;
        }),
    );
    expect(references.filter((text) => text.includes("DEFERRED"))).toHaveLength(1);
    const made = await texts(
      `SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace AND contype = 'f'`,
    );
    const isHot = (text: string): boolean =>
      HOT.some((from) => text.startsWith(`${from[0]} FOREIGN KEY (${from[1]})`));
    expect(references.filter(isHot)).toHaveLength(HOT.length);
    expect(made).toEqual(references.filter((text) => !isHot(text)).sort());
  });

  test("the checks", async () => {
    const checks = (schema: string): Promise<string[]> =>
      texts(
        `SELECT relname || ' ' || pg_get_constraintdef(pg_constraint.oid)
         FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
         WHERE connamespace = $1::regnamespace AND contype = 'c' AND relname <> $2`,
        [schema, OTHERWISE.table],
      );
    // Not looked at in PostgreSQL: it is written with every webhook.
    const hot = "webhooks CHECK (((headers)::json IS NOT NULL))";
    const wanted = await checks("sqlite");
    expect(wanted).toContain(hot);
    expect(await checks("public")).toEqual(wanted.filter((check) => check !== hot));
  });

  test("the indexes", async () => {
    const indexes = (schema: string): Promise<string[]> =>
      texts(
        `SELECT replace(indexdef, $1 || '.', '') FROM pg_indexes
         WHERE schemaname = $1 AND NOT EXISTS (
           SELECT 1 FROM pg_constraint WHERE conname = indexname AND connamespace = $1::regnamespace)`,
        [schema],
      );
    const wanted = await indexes("sqlite");
    expect(wanted.length).toBeGreaterThan(25);
    const [name, condition, own] = OWN_CONDITION;
    expect(await indexes("public")).toEqual(
      wanted.map((index) => (index.includes(` ${name} `) ? index.replace(condition, own) : index)),
    );
  });

  test("what is packed is not packed again", async () => {
    const packed = await texts(
      `SELECT attrelid::regclass || '.' || attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
       WHERE relnamespace = 'public'::regnamespace AND attstorage = 'e'`,
    );
    expect(packed).toEqual([
      "attempts.request",
      "attempts.response",
      "confirmations.raw",
      "tickets.ticket",
      "webhook_bodies.body",
    ]);
  });

  test("a message with strangers' worst words is kept, and what is no JSON is refused", async () => {
    const keep = (id: string, body: string): Promise<unknown> =>
      client().query("INSERT INTO alert_messages (id, body, created_at, next_try_at) VALUES ($1, $2, 1, 1)", [
        id,
        body,
      ]);
    const worst = JSON.stringify({ order_name: "\0 \ud83c \u202e", number: 1e308 });
    await keep("a", worst);
    expect(await texts("SELECT body FROM alert_messages")).toEqual([worst]);
    await expect(keep("b", "{")).rejects.toThrow(/json/);
  });
});
