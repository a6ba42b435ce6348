import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openPostgresLedger } from "../../src/ledger/postgres/index.ts";
import { createSeal } from "../../src/ledger/seal.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { POSTGRES, startPostgres, type PostgresServer } from "../fakes/postgres.ts";
import { NOON } from "./entries.ts";
import { TEST_KEY, textOf } from "./sqlite-ledger.ts";
import { DAMAGED, type OpenLedger } from "./under-test.ts";

/** For the contract: on a server of the test file's own. To be called at the top of it. */
export function postgresUnderTest(): OpenLedger {
  let server: PostgresServer;
  /** Emptied, for the next test: making one takes longer than most tests. */
  const free: string[] = [];
  beforeAll(async () => {
    if (POSTGRES !== null) server = await startPostgres();
  });
  afterAll(async () => {
    if (POSTGRES !== null) await server.remove();
  });

  return async () => {
    const url = free.pop() ?? (await server.createDatabase());
    const clock = createManualClock(NOON);
    const open = (): Promise<Ledger> =>
      openPostgresLedger({ url, name: "postgres://test", seal: createSeal(() => [TEST_KEY]), clock });
    const ledger = await open();
    const opened = [ledger];
    return {
      ledger,
      clock,
      async another() {
        const other = await open();
        opened.push(other);
        return other;
      },
      stored: () => onDatabase(url, everyText),
      damage: (table, column, condition) =>
        onDatabase(url, async (client) => {
          await client.query(`UPDATE ${table} SET ${column} = $1 WHERE ${condition}`, [DAMAGED]);
        }),
      async end() {
        for (const one of opened) await one.close();
        await onDatabase(url, empty);
        free.push(url);
      },
    };
  };
}

async function onDatabase<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function tablesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'",
  );
  return rows.map(({ name }) => name);
}

/** As it is after its migrations. */
async function empty(client: pg.Client): Promise<void> {
  await client.query(`TRUNCATE ${(await tablesOf(client)).join(", ")} RESTART IDENTITY`);
  await client.query("INSERT INTO meta (key, value) VALUES ('settings', ''), ('alerts', ''), ('leader', '')");
}

async function everyText(client: pg.Client): Promise<string> {
  const lines: string[] = [];
  for (const table of await tablesOf(client)) {
    const { rows } = await client.query<Record<string, unknown>>(`SELECT * FROM ${table}`);
    for (const row of rows) {
      lines.push(...Object.entries(row).map(([column, value]) => `${table}.${column}: ${textOf(value)}`));
    }
  }
  return lines.join("\n");
}
