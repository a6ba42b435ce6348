import type pg from "pg";
import type { Bench } from "../figure.ts";
import { TEMPLATES_MAX } from "../load/bodies.ts";
import { startFleet } from "../subjects/fleet.ts";
import { withClient } from "../subjects/postgres.ts";
import { SPREAD_MS, type Row } from "./columns.ts";
import { namesOf } from "./names.ts";
import { copySql, MADE_BY_SQL, type Column } from "./sql.ts";

/** So many copies of everything in one statement: thousands of rows, sorted in memory. */
const COPIES_AT_ONCE = 250;

interface Table {
  name: string;
  columns: Column[];
  rows: Row[];
  /** Its largest `seq`. */
  stride: number;
}

/** What `makeFilledHome` does, on PostgreSQL. @returns the address; to be copied, not used */
export async function makeFilledDatabase(bench: Bench): Promise<string> {
  const { cloud, extent } = bench;
  const server = await bench.postgres();
  const database = await server.create();
  await cloud.back({ confirm: true });
  const fleet = await startFleet(bench, database, 1);
  const { orders } = await bench.load(fleet.relays, { kind: "count", orders: TEMPLATES_MAX });
  await cloud.confirmed(orders);
  await fleet.stop();
  await withClient(database, (client) => multiplyIn(client, Math.ceil(extent.rows / orders)));
  return database;
}

/** As `multiply`; triggers and indexes work as they would. */
export async function multiplyIn(client: pg.Client, copies: number): Promise<void> {
  const tables = await tablesOf(client);
  const strides = new Map(tables.map(({ name, stride }) => [name, stride]));
  const names = namesOf(tables);
  const extent = { copies, stepMs: Math.floor(SPREAD_MS / copies) };
  await client.query(MADE_BY_SQL);
  await client.query("SET work_mem = '256MB'");
  for (const { name } of tables) {
    await client.query(`CREATE TEMP TABLE original_${name} AS SELECT * FROM ${name}`);
    await client.query(`DELETE FROM ${name}`);
  }
  const statements = tables
    .filter(({ rows }) => rows.length > 0)
    .map((table) => copySql(table, names, strides, extent));
  for (let from = 0; from < copies; from += COPIES_AT_ONCE) {
    const upTo = Math.min(from + COPIES_AT_ONCE, copies) - 1;
    await client.query("BEGIN");
    for (const statement of statements) await client.query(statement, [from, upTo]);
    await client.query("COMMIT");
  }
  for (const { name, columns, stride } of tables) {
    if (stride === 0 || !columns.some((column) => column.name === "seq")) continue;
    await client.query(`SELECT setval(pg_get_serial_sequence('${name}', 'seq'), ${stride * copies})`);
  }
  await client.query("VACUUM ANALYZE");
}

/** As in multiply.ts: all that hold one row per event. */
async function tablesOf(client: pg.Client): Promise<Table[]> {
  const { rows: found } = await client.query<{ name: string; columns: Column[] }>(
    `SELECT table_name AS name, json_agg(json_build_object('name', column_name, 'type', data_type)) AS columns
     FROM information_schema.columns WHERE table_schema = 'public'
     GROUP BY table_name HAVING bool_or(column_name IN ('seq', 'delivery_seq', 'webhook_seq'))`,
  );
  const tables: Table[] = [];
  for (const { name, columns } of found) {
    const { rows } = await client.query<Row>(`SELECT * FROM ${name}`);
    const stride = Math.max(0, ...rows.map(({ seq }) => Number(seq ?? 0)));
    tables.push({ name, columns, rows, stride });
  }
  return tables;
}
