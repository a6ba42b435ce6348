import type { Client } from "pg";
import type { Key } from "./side.ts";
import { TABLES, whereOf, type Table } from "./tables.ts";

export interface Query {
  name: string;
  text: string;
}

interface Column {
  name: string;
  type: string;
}

/** Prepared once for a connection. */
const TYPES = new WeakMap<Client, Map<string, string>>();

/** By `table.column`, as PostgreSQL writes them. */
async function typesOf(client: Client): Promise<Map<string, string>> {
  const known = TYPES.get(client);
  if (known !== undefined) return known;
  const { rows } = await client.query<Column & { table: string }>(
    `SELECT relname AS table, attname AS name, format_type(atttypid, NULL) AS type
     FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
     WHERE relname = ANY ($1) AND relnamespace = current_schema()::regnamespace AND attnum > 0
       AND NOT attisdropped`,
    [TABLES.map(({ name }) => name)],
  );
  const types = new Map(rows.map(({ table, name, type }) => [`${table}.${name}`, type]));
  TYPES.set(client, types);
  return types;
}

/** `$1` rows, `$2` bytes at most, then the key behind which it begins. Sizes are read without what they are of. */
export async function readSql(
  client: Client,
  table: Table,
  columns: readonly string[],
  after: Key | null,
): Promise<Query> {
  const types = await typesOf(client);
  const sized = columns.filter((column) =>
    ["text", "bytea"].includes(types.get(`${table.name}.${column}`) ?? ""),
  );
  const size = ["0", ...sized.map((column) => `coalesce(octet_length(${column}), 0)`)].join(" + ");
  const list = columns.join(", ");
  const where = whereOf(table, after === null ? null : `${table.key} > $3`);
  return {
    name: `read ${table.name}${after === null ? "" : " after"}`,
    text: `
      SELECT ${list} FROM (
        SELECT ${list}, sum(${size}) OVER (ORDER BY ${table.key}) - (${size}) AS before
        FROM (SELECT ${list} FROM ${table.name} ${where} ORDER BY ${table.key} LIMIT $1) AS next
      ) AS summed
      WHERE before < $2::bigint ORDER BY ${table.key}`,
  };
}

/** One statement, so one transaction: a list of values for each column. */
export async function writeSql(client: Client, { name }: Table, columns: readonly string[]): Promise<Query> {
  const types = await typesOf(client);
  const lists = columns.map(
    (column, index) => `$${index + 1}::${types.get(`${name}.${column}`) ?? "text"}[]`,
  );
  return {
    name: `write ${name}`,
    text: `INSERT INTO ${name} (${columns.join(", ")}) SELECT * FROM unnest(${lists.join(", ")})`,
  };
}

/**
 * Takes off what each row would be looked up in, or put into: an index is made quicker of all rows at once, and a foreign
 * key looked through quicker.
 * @returns SQL that puts it back, in its order
 */
export async function takeAside(client: Client): Promise<string[]> {
  const names = TABLES.map(({ name }) => name);
  const keys = await client.query<{ drop: string; back: string }>(
    `SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', relname, conname) AS drop,
            format('ALTER TABLE %I ADD CONSTRAINT %I %s', relname, conname, pg_get_constraintdef(pg_constraint.oid)) AS back
     FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
     WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND relname = ANY ($1)
     ORDER BY relname, conname`,
    [names],
  );
  const indexes = await client.query<{ drop: string; back: string }>(
    `SELECT format('DROP INDEX %I', indexname) AS drop, indexdef AS back
     FROM pg_indexes
     WHERE schemaname = current_schema() AND tablename = ANY ($1)
       AND NOT EXISTS (SELECT 1 FROM pg_constraint
                       WHERE conname = indexname AND connamespace = current_schema()::regnamespace)
     ORDER BY tablename, indexname`,
    [names],
  );
  for (const { drop } of [...keys.rows, ...indexes.rows]) await client.query(drop);
  return [...indexes.rows, ...keys.rows].map(({ back }) => back);
}
