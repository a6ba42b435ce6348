import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { toPostgres } from "../../../src/ledger/postgres/dialect.ts";
import { createSeal } from "../../../src/ledger/seal.ts";
import type { Driver } from "../../../src/ledger/sql/driver.ts";
import { createLedger } from "../../../src/ledger/sql/ledger.ts";
import { readMigrations } from "../../../src/ledger/sql/migrations.ts";
import type * as Statements from "../../../src/ledger/sql/statement.ts";
import { POSTGRES, startPostgres, type PostgresServer } from "../../fakes/postgres.ts";
import { TEST_KEY } from "../sqlite-ledger.ts";

const made = vi.hoisted(() => new Set<string>());
vi.mock(import("../../../src/ledger/sql/statement.ts"), async (original) => {
  const { prepare, ...others }: typeof Statements = await original();
  return {
    ...others,
    prepare: (sql, postgres = sql) => {
      if (postgres !== null) made.add(postgres);
      return prepare(sql, postgres);
    },
  };
});

/** A ledger makes nearly all of its statements when it is made; it is not used. */
createLedger(
  {} as Driver,
  createSeal(() => [TEST_KEY]),
);

describe.skipIf(POSTGRES === null)("PostgreSQL", () => {
  let server: PostgresServer;
  let client: pg.Client;
  beforeAll(async () => {
    server = await startPostgres();
    client = new pg.Client(await server.createDatabase());
    await client.connect();
    for (const { sql } of readMigrations(new URL("../../../migrations/postgres/", import.meta.url))) {
      await client.query(sql);
    }
  });
  afterAll(async () => {
    await client.end();
    await server.remove();
  });

  test("understands every statement, and knows the type of every parameter", async () => {
    const refused: string[] = [];
    for (const sql of made) {
      const { text } = toPostgres(sql);
      try {
        await client.query(`PREPARE one AS ${text}`);
        await client.query("DEALLOCATE one");
      } catch (error) {
        refused.push(`${String(error)}: ${text}`);
      }
    }
    expect(refused).toEqual([]);
    expect(made.size).toBeGreaterThan(80);
  });
});
