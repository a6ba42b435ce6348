import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { migrate } from "../../../src/ledger/postgres/migrate.ts";
import type { Migration } from "../../../src/ledger/sql/migrations.ts";
import { until } from "../../e2e/process.ts";
import { POSTGRES, startPostgres, type PostgresServer } from "../../fakes/postgres.ts";

const RELAYS = 4;
const NAME = "postgres://db.example:5432/relay";
const MIGRATIONS: Migration[] = [
  { version: 1, name: "0001_first.sql", sql: "CREATE TABLE first (n bigint); CREATE TABLE log (n bigint);" },
  { version: 2, name: "0002_second.sql", sql: "CREATE TABLE second (n bigint); INSERT INTO log VALUES (2);" },
];
const BROKEN: Migration = {
  version: 3,
  name: "0003_broken.sql",
  sql: "INSERT INTO log VALUES (3); SELECT 1 / 0;",
};

describe.skipIf(POSTGRES === null)("PostgreSQL's schema", () => {
  let server: PostgresServer;
  let clients: pg.Client[];
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());
  beforeEach(async () => {
    const url = await server.createDatabase();
    clients = Array.from(
      { length: RELAYS },
      () => new pg.Client({ connectionString: url, lock_timeout: 2_000 }),
    );
    for (const client of clients) await client.connect();
  });
  afterEach(async () => {
    for (const client of clients) await client.end();
  });

  const one = (n = 0): pg.Client => {
    const client = clients[n];
    if (client === undefined) throw new Error("there are not so many");
    return client;
  };
  const column = async (sql: string): Promise<unknown[]> =>
    (await one(RELAYS - 1).query<unknown[]>({ text: sql, rowMode: "array" })).rows.flat();
  const versions = (): Promise<unknown[]> => column("SELECT version FROM schema_migrations ORDER BY version");

  test("is brought up to date once, and is found so afterwards", async () => {
    await migrate(one(), MIGRATIONS.slice(0, 1), NAME);
    await migrate(one(), MIGRATIONS, NAME);
    await migrate(one(), MIGRATIONS, NAME);
    expect(await column("SELECT version, name FROM schema_migrations ORDER BY version")).toEqual([
      1,
      "0001_first.sql",
      2,
      "0002_second.sql",
    ]);
    expect(await column("SELECT count(*)::int FROM log")).toEqual([1]);
  });

  test("is brought up to date once by several relays that start at once", async () => {
    await Promise.all(clients.map((client) => migrate(client, MIGRATIONS, NAME)));
    expect(await versions()).toEqual([1, 2]);
    expect(await column("SELECT count(*)::int FROM log")).toEqual([1]);
  });

  test("is left as it was by what fails, and by what follows it", async () => {
    const more = [
      ...MIGRATIONS,
      BROKEN,
      { version: 4, name: "0004_after.sql", sql: "INSERT INTO log VALUES (4)" },
    ];
    await expect(migrate(one(), more, NAME)).rejects.toMatchObject({ code: "22012" });
    expect(await versions()).toEqual([1, 2]);
    expect(await column("SELECT count(*)::int FROM log")).toEqual([1]);
    expect(
      await column("SELECT count(*)::int FROM pg_locks WHERE relation::regclass::text = 'schema_migrations'"),
    ).toEqual([0]);
    await migrate(one(), MIGRATIONS, NAME);
  });

  test("of a newer relay is not touched", async () => {
    await migrate(one(), MIGRATIONS, NAME);
    const refused = migrate(one(1), MIGRATIONS.slice(0, 1), NAME);
    await expect(refused).rejects.toMatchObject({
      code: "ledger_newer",
      message: expect.stringContaining(`${NAME} has schema 2 and this relay knows up to 1`) as string,
    });
    expect(await versions()).toEqual([1, 2]);
  });

  test("that a newer relay brings up to date meanwhile is not used either", async () => {
    await migrate(one(), [], NAME);
    await one().query("BEGIN; LOCK TABLE schema_migrations IN EXCLUSIVE MODE");
    const late = migrate(one(1), MIGRATIONS.slice(0, 1), NAME).then(
      () => null,
      (error: unknown) => error,
    );
    await until(async () => (await column("SELECT 1 FROM pg_locks WHERE NOT granted")).length > 0);
    for (const { version, name, sql } of MIGRATIONS) {
      await one().query(sql);
      await one().query("INSERT INTO schema_migrations (version, name) VALUES ($1, $2)", [version, name]);
    }
    await one().query("COMMIT");
    expect(await late).toMatchObject({ code: "ledger_newer" });
  });

  test("waits for another relay's for longer than for any other lock", async () => {
    await migrate(one(), [], NAME);
    await one().query("BEGIN; LOCK TABLE schema_migrations IN EXCLUSIVE MODE");
    await one(1).query("SET lock_timeout = '1ms'");
    const late = migrate(one(1), MIGRATIONS, NAME);
    await until(async () => (await column("SELECT 1 FROM pg_locks WHERE NOT granted")).length > 0);
    await one().query("COMMIT");
    await late;
    expect(await versions()).toEqual([1, 2]);
  });
});
