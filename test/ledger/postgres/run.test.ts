import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WantsAlone, type Session } from "../../../src/ledger/postgres/run.ts";
import {
  alone,
  either,
  prepare,
  settled,
  together,
  turn,
  type Work,
} from "../../../src/ledger/sql/statement.ts";
import { POSTGRES } from "../../fakes/postgres.ts";
import { onServer, openDriver, type Opened } from "./opened.ts";

const SCHEMA = `
  CREATE TABLE things (
    id     bigint PRIMARY KEY,
    text   text COLLATE "C",
    bytes  bytea,
    number double precision
  )`;

interface Thing {
  id: number;
  text: string | null;
  bytes: Buffer | null;
  number: number | null;
}

const insert = prepare<Thing>(
  "INSERT INTO things (id, text, bytes, number) VALUES (:id, :text, :bytes, :number)",
);
const insertId = prepare<[number]>("INSERT INTO things (id) VALUES (?)");
const byId = prepare<[number], Thing>("SELECT * FROM things WHERE id = ?");
const all = prepare<[], Thing>("SELECT * FROM things ORDER BY id");
const ids = prepare<[], number>("SELECT id FROM things ORDER BY id").pluck();
const rename = prepare<[string]>("UPDATE things SET text = ?");
const named = prepare<{ texts: string[] }, number>(
  "SELECT id FROM things WHERE text IN (SELECT value FROM json_each(:texts)) ORDER BY id",
).pluck();

describe.skipIf(POSTGRES === null)("a work in PostgreSQL", () => {
  const { url, query } = onServer(SCHEMA);
  let driver: Opened;
  beforeEach(async () => {
    await query("TRUNCATE things");
    driver = openDriver(url());
  });
  afterEach(() => driver.close());

  const run = <Result>(work: () => Work<Result>): Promise<Result> =>
    driver.lend((session) => session.run(work(), "alone"));
  /** In one transaction, which is undone afterwards. */
  const inTransaction = <Result>(work: (session: Session) => Promise<Result>): Promise<Result> =>
    driver.lend(async (session) => {
      await session.command("BEGIN");
      const result = await work(session);
      await session.command("ROLLBACK");
      return result;
    });
  const thing = (id: number, others: Partial<Thing> = {}): Thing => ({
    id,
    text: null,
    bytes: null,
    number: null,
    ...others,
  });

  test("finds a row or none, all rows or none, one column, and how many it changed", async () => {
    await run(function* () {
      expect(yield* byId.get(1)).toBeUndefined();
      expect(yield* all.all()).toEqual([]);
      expect(yield* ids.get()).toBeUndefined();
      expect(yield* ids.all()).toEqual([]);
      expect(yield* rename.run("x")).toBe(0);
      expect(yield* insert.run(thing(1))).toBe(1);
      expect(yield* insert.run(thing(2))).toBe(1);
      expect(yield* rename.run("y")).toBe(2);
      expect(yield* byId.get(2)).toEqual(thing(2, { text: "y" }));
      expect(yield* all.all()).toEqual([thing(1, { text: "y" }), thing(2, { text: "y" })]);
      expect(yield* ids.get()).toBe(1);
      expect(yield* ids.all()).toEqual([1, 2]);
    });
  });

  test("what is put is there for whatever comes after it", async () => {
    const found = await run(function* () {
      for (let id = 1; id <= 20; id++) yield* insertId.put(id);
      return yield* ids.all();
    });
    expect(found).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  });

  test("values come back as SQLite gives them", async () => {
    const types = prepare<[], Record<string, unknown>>(`
      SELECT CAST(9007199254740991 AS bigint) AS big, CAST(7 AS smallint) AS small, CAST(1.5 AS numeric) AS numeric,
        count(*) AS count, sum(CAST(2 AS bigint)) AS sum, true AS yes, false AS no, CAST(NULL AS bigint) AS nothing,
        CAST('{"a": 1}' AS text) AS json, CAST('\\x00ff' AS bytea) AS bytes
      FROM (VALUES (1), (2)) AS of (n)`);
    expect(await run(() => types.get())).toEqual({
      big: Number.MAX_SAFE_INTEGER,
      small: 7,
      numeric: 1.5,
      count: 2,
      sum: 4,
      yes: 1,
      no: 0,
      nothing: null,
      json: '{"a": 1}',
      bytes: Buffer.from([0, 255]),
    });
  });

  test("values are kept as they are; of a text's only the character 0 is not", async () => {
    const kept = [
      thing(1, { text: "'\"\\$1?:x\n\u202e\ud83c\udf55", bytes: Buffer.from([0, 1, 255]), number: 0.1 }),
      thing(Number.MAX_SAFE_INTEGER, { text: "", bytes: Buffer.alloc(0), number: 1e308 }),
    ];
    await run(function* () {
      for (const one of kept) yield* insert.run(one);
      yield* insert.run(thing(2, { text: "a\0b\0" }));
    });
    const [first, nul, last] = await run(() => all.all());
    expect([first, last]).toEqual(kept);
    expect(nul?.text).toBe("a\ufffdb\ufffd");
  });

  test("a list is a parameter, whatever its texts hold", async () => {
    const texts = ["a", 'b"', "c,d", "{e}", "f\\", "NULL", "", "g\0"];
    await run(function* () {
      for (const [id, text] of texts.entries()) yield* insert.run(thing(id, { text }));
      yield* insert.run(thing(100, { text: "other" }));
    });
    expect(await run(() => named.all({ texts }))).toEqual(texts.map((_, id) => id));
    expect(await run(() => named.all({ texts: [] }))).toEqual([]);
  });

  test("a statement that PostgreSQL does without is not sent, and finds nothing", async () => {
    const sqliteOnly = prepare<[], number>("PRAGMA user_version", null);
    const found = await run(function* () {
      return [
        yield* sqliteOnly.get(),
        yield* sqliteOnly.all(),
        yield* sqliteOnly.run(),
        yield* sqliteOnly.put(),
      ];
    });
    expect(found).toEqual([undefined, [], 0, undefined]);
  });

  test("a parameter that is missing is an error, null is none", async () => {
    const incomplete = { id: 1, text: null, bytes: null } as Thing;
    const missing = "the parameter :number is missing";
    await expect(run(() => insert.run(incomplete))).rejects.toThrow(missing);
    await expect(run(() => insert.put(incomplete))).rejects.toThrow(missing);
    expect(await run(() => insert.run(thing(1)))).toBe(1);
  });

  test("an error of a statement's arrives where it was asked, and may be caught there", async () => {
    const caught = await run(function* () {
      yield* insertId.run(1);
      try {
        yield* insertId.run(1);
      } catch (error) {
        return (error as { code: string }).code;
      }
      return "none";
    });
    expect(caught).toBe("23505");
  });

  test("what each database does in its own way is done in PostgreSQL's", async () => {
    const ways = { sqlite: () => settled("sqlite"), postgres: () => settled("postgres") };
    expect(await run(() => either(ways))).toBe("postgres");
  });

  test("works side by side are all asked before the first is answered, and answer in their order", async () => {
    const log: string[] = [];
    function* look(id: number): Work<number> {
      log.push(`asks ${id}`);
      const found = yield* byId.get(id);
      log.push(`hears ${id}`);
      return found?.id ?? 0;
    }
    await run(() => insertId.run(2));
    expect(await run(() => together([look(1), look(2), look(3)]))).toEqual([0, 2, 0]);
    expect(log.slice(0, 3)).toEqual(["asks 1", "asks 2", "asks 3"]);
  });

  test("what fails first of works side by side is what is told", async () => {
    function* fail(): Work<number[]> {
      return [yield* insertId.run(1)];
    }
    const reason = await inTransaction(async (session) => {
      await session.run(insertId.run(1), "others");
      const works = together([ids.all(), fail(), ids.all(), ids.all()]);
      return session.run(works, "others").catch((error: unknown) => error);
    });
    expect(reason).toMatchObject({ code: "23505" });
  });

  test("what wants a turn gets it when the one before has ended, failed or not", async () => {
    const log: string[] = [];
    function* inTurn(name: string, fails = false): Work<void> {
      yield* turn("of all");
      log.push(`${name} begins`);
      yield* ids.all();
      yield* turn("of all");
      yield* ids.all();
      log.push(`${name} ends`);
      if (fails) throw new RangeError(name);
    }
    const results = await inTransaction((session) =>
      Promise.allSettled(
        [inTurn("a", true), inTurn("b"), inTurn("c")].map((work) => session.run(work, "others")),
      ),
    );
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(log).toEqual(["a", "b", "c"].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  test("what wants to be alone is told to come again, when it is not", async () => {
    function* work(): Work<string> {
      yield* alone();
      return "alone";
    }
    await inTransaction(async (session) => {
      await expect(session.run(work(), "others")).rejects.toBeInstanceOf(WantsAlone);
      expect(await session.run(work(), "alone")).toBe("alone");
    });
  });

  test("what nobody waited for and fails, fails the transaction by its own error", async () => {
    const seen = driver.lend(async (session) => {
      await session.command("BEGIN");
      await session.run(insertId.run(1), "alone");
      const looks = session.run(
        (function* () {
          yield* insertId.put(1);
          return yield* ids.all();
        })(),
        "alone",
      );
      const reason = await looks.catch((error: unknown) => error);
      return { reason, ended: await session.command("COMMIT") };
    });
    expect(await seen).toMatchObject({ reason: { code: "23505" }, ended: "ROLLBACK" });
    expect(await query("SELECT id FROM things")).toEqual([]);
  });

  test("is known to have written when it changed a row", async () => {
    const writes = async (work: () => Work<unknown>): Promise<boolean> =>
      driver.lend(async (session) => {
        await session.run(work(), "alone");
        return session.hasWritten();
      });
    const locked = prepare("SELECT id FROM things FOR UPDATE");
    const made = prepare<[number], number>(
      "WITH made AS (INSERT INTO things (id) VALUES (?) RETURNING id) SELECT id FROM made",
    ).pluck();
    const remove = prepare("DELETE FROM things");
    expect(await writes(() => insertId.run(1))).toBe(true);
    expect(await writes(() => made.get(2))).toBe(true);
    expect(await writes(() => rename.run("x"))).toBe(true);
    expect(await writes(() => locked.all())).toBe(false);
    expect(await writes(() => remove.run())).toBe(true);
    expect(await writes(() => remove.run())).toBe(false);
    expect(await writes(() => rename.run("x"))).toBe(false);
  });

  test("a statement is prepared once for each client, however often it is asked", async () => {
    const prepared = prepare<[], { statement: string }>("SELECT statement FROM pg_prepared_statements");
    const found = await driver.lend(async (session) => {
      for (let n = 0; n < 3; n++)
        await session.run(together([byId.get(n), byId.get(n), byId.get(n)]), "alone");
      return session.run(prepared.all(), "alone");
    });
    expect(found.filter(({ statement }) => statement.startsWith("SELECT * FROM things WHERE"))).toHaveLength(
      1,
    );
  });

  test("a statement that was first asked in a transaction that had failed already is asked as ever later", async () => {
    const fresh = prepare<[number], number>("SELECT id + 1 FROM things WHERE id = ?").pluck();
    const found = await driver.lend(async (session) => {
      await session.run(insertId.run(1), "alone");
      await session.command("BEGIN");
      const failing = (function* (): Work<unknown> {
        yield* insertId.put(1);
        return yield* together([fresh.get(1), fresh.get(1)]);
      })();
      await expect(session.run(failing, "alone")).rejects.toMatchObject({ code: "23505" });
      await session.command("ROLLBACK");
      return session.run(fresh.get(1), "alone");
    });
    expect(found).toBe(2);
  });
});
