import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { migrate, ownMigrations } from "../../../src/ledger/postgres/migrate.ts";
import { readMigrations, type Migration } from "../../../src/ledger/sql/migrations.ts";
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

  test.each(["SQL_ASCII", "WIN1252", "EUC_JP"])(
    "bug: was made in %s, and a webhook with a letter that it lacks was refused for ever",
    async (encoding) => {
      const name = `in_${encoding.toLowerCase()}`;
      await server.command(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING '${encoding}' LOCALE 'C'`);
      const client = new pg.Client({ host: one().host, port: one().port, user: one().user, database: name });
      await client.connect();
      try {
        await expect(migrate(client, MIGRATIONS, NAME)).rejects.toMatchObject({
          code: "ledger_unavailable",
          message: expect.stringContaining("encoding is not UTF8: create another, in UTF8") as string,
        });
        expect((await client.query("SELECT relname FROM pg_class WHERE relname ~ '^schema_'")).rows).toEqual(
          [],
        );
        // One that was made by a relay of before.
        await client.query("CREATE TABLE schema_migrations (version integer, name text, works_with integer)");
        expect(await migrate(client, MIGRATIONS, NAME)).toBe(2);
      } finally {
        await client.end();
      }
    },
  );

  test("of a newer relay is not touched", async () => {
    await migrate(one(), MIGRATIONS, NAME);
    const refused = migrate(one(1), MIGRATIONS.slice(0, 1), NAME);
    await expect(refused).rejects.toMatchObject({
      code: "ledger_newer",
      message: expect.stringContaining(`${NAME} has schema 2 and this relay knows up to 1`) as string,
    });
    expect(await versions()).toEqual([1, 2]);
  });

  test("of a newer relay is used by an older one when every change since says that it works with it", async () => {
    const third = { version: 3, name: "0003_third.sql", sql: "CREATE TABLE third (n bigint)" };
    const told = (second: number, last: number): Migration[] =>
      MIGRATIONS.map((migration) =>
        migration.version === 2 ? { ...migration, worksWith: second } : migration,
      ).concat({ ...third, worksWith: last });
    await migrate(one(), told(1, 2), NAME);
    await migrate(one(1), told(1, 2).slice(0, 2), NAME);
    const refused = expect.objectContaining({ code: "ledger_newer" }) as Error;
    await expect(migrate(one(1), told(1, 2).slice(0, 1), NAME)).rejects.toEqual(refused);
    await one().query("UPDATE schema_migrations SET works_with = 1 WHERE version = 3");
    await migrate(one(1), told(1, 1).slice(0, 1), NAME);
    expect(await versions()).toEqual([1, 2, 3]);
    expect(await column("SELECT count(*)::int FROM log")).toEqual([1]);
  });

  test("of a newer relay is not copied by an older one, which would leave out what it does not know", async () => {
    await migrate(
      one(),
      MIGRATIONS.map((migration) => (migration.version === 2 ? { ...migration, worksWith: 1 } : migration)),
      NAME,
    );
    const copied = migrate(one(1), MIGRATIONS.slice(0, 1), NAME, "all");
    await expect(copied).rejects.toMatchObject({ code: "ledger_newer" });
    await migrate(one(1), MIGRATIONS, NAME, "all");
  });

  test("of before any change said so works with its own relays, until the next change", async () => {
    await one().query(
      `CREATE TABLE schema_migrations (version integer PRIMARY KEY, name text NOT NULL,
         applied_at timestamptz NOT NULL DEFAULT now());
       INSERT INTO schema_migrations (version, name) VALUES (1, '0001_first.sql'), (2, '0002_second.sql')`,
    );
    await Promise.all(clients.map((client) => migrate(client, MIGRATIONS, NAME)));
    await expect(migrate(one(), MIGRATIONS.slice(0, 1), NAME)).rejects.toMatchObject({
      code: "ledger_newer",
    });
    const third = { version: 3, name: "0003_third.sql", sql: "CREATE TABLE third (n bigint)", worksWith: 2 };
    await migrate(one(), [...MIGRATIONS, third], NAME);
    await migrate(one(1), MIGRATIONS, NAME);
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

describe("what a migration says of older relays", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "relay-migrations-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** What the second of two says, when it is this. */
  function said(sql: string): number | null {
    writeFileSync(join(folder, "0001_first.sql"), "SELECT 1;\n");
    writeFileSync(join(folder, "0002_second.sql"), sql);
    return readMigrations(pathToFileURL(folder + sep))[1]?.worksWith ?? null;
  }

  test.each([
    ["-- works with: 1\nSELECT 1;", 1],
    ["-- What it is for.\n-- works with: 1\n-- And why.\nSELECT 1;", 1],
    ["-- What it is for.\nSELECT 1;", null],
    ["SELECT 1;\n-- works with: 1\n", null],
  ])("%j: %s", (sql, expected) => {
    expect(said(sql)).toBe(expected);
  });

  test.each(["0", "2", "3"])("%s is no version before it", (version) => {
    expect(() => said(`-- works with: ${version}\n`)).toThrow(/0002_second\.sql/);
  });
});

/**
 * What an older relay, which runs on meanwhile, would trip over or wait for (behind a lock, while all rows are read).
 * What takes anything away belongs into a later migration, when no relay uses it any more.
 */
const BREAKS: readonly (readonly [what: string, found: RegExp])[] = [
  ["takes away", /\bDROP\b|\bTRUNCATE\b/i],
  ["renames", /\bRENAME\b/i],
  ["changes a type", /\bTYPE\b/i],
  ["requires what older relays do not write", /\bSET NOT NULL\b/i],
  ["requires what older relays do not write", /\bADD COLUMN\b(?=[^;,]*\bNOT NULL\b)(?![^;,]*\bDEFAULT\b)/i],
  ["refuses what older relays write", /\bUNIQUE INDEX\b/i],
  ["looks at every row", /\bADD CONSTRAINT\b(?![^;]*\bNOT VALID\b)/i],
];

function breaking(sql: string): string[] {
  const plain = sql.replace(/--.*$/gm, "");
  return BREAKS.filter(([, found]) => found.test(plain)).map(([what]) => what);
}

describe("a migration that works with older relays only adds", () => {
  test.each([
    "ALTER TABLE t DROP COLUMN a;",
    "drop index i;",
    "ALTER TABLE t RENAME a TO b;",
    "ALTER TABLE t ALTER COLUMN a TYPE bigint;",
    "ALTER TABLE t ALTER a SET DATA TYPE bigint;",
    "ALTER TABLE t ALTER COLUMN a SET NOT NULL;",
    "ALTER TABLE t ADD COLUMN a bigint DEFAULT 0, ADD COLUMN b bigint NOT NULL;",
    "CREATE UNIQUE INDEX i ON t (a);",
    "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);",
  ])("not so: %s", (sql) => {
    expect(breaking(sql)).toHaveLength(1);
  });

  test("new columns, tables, indexes and constraints for what comes do", () => {
    const sql = `
      -- DROP nothing
      ALTER TABLE t ADD COLUMN a bigint, ADD COLUMN b text NOT NULL DEFAULT '';
      CREATE TABLE u (a bigint NOT NULL);
      CREATE INDEX i ON t (a);
      ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;
    `;
    expect(breaking(sql)).toEqual([]);
  });

  test("so do those of PostgreSQL that say it", () => {
    for (const { name, sql, worksWith } of ownMigrations()) {
      if (worksWith !== undefined) expect(breaking(sql), name).toEqual([]);
    }
  });
});
