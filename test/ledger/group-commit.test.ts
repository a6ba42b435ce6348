import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { createGroupCommit, type GroupCommit } from "../../src/ledger/sqlite/group-commit.ts";

interface Watched {
  db: Database.Database;
  group: GroupCommit;
  /** Every statement run since the tables were made. */
  log: string[];
  insert: (n: number) => Promise<number>;
}

function open(): Watched {
  const log: string[] = [];
  const db = new Database(":memory:", { verbose: (sql) => void log.push(String(sql)) });
  db.exec(`CREATE TABLE parents (id INTEGER PRIMARY KEY);
    CREATE TABLE numbers (n INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);`);
  const group = createGroupCommit(db, "test.db");
  const statement = db.prepare("INSERT INTO numbers (n) VALUES (?)");
  log.length = 0;
  return { db, group, log, insert: (n) => group.write(() => (statement.run(n), n)) };
}

const count = (db: Database.Database): unknown => db.prepare("SELECT count(*) FROM numbers").pluck().get();
const times = (log: readonly string[], sql: string): number => log.filter((line) => line === sql).length;

describe("group commit", () => {
  test("calls of one turn share one transaction", async () => {
    const { db, log, insert } = open();
    const results = await Promise.all(Array.from({ length: 100 }, (_, n) => insert(n)));
    expect(results).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(times(log, "BEGIN IMMEDIATE")).toBe(1);
    expect(times(log, "COMMIT")).toBe(1);
    await insert(1000);
    expect(times(log, "COMMIT")).toBe(2);
    expect(count(db)).toBe(101);
  });

  test("no promise resolves before the commit", async () => {
    const { log, insert } = open();
    const seen: number[] = [];
    await Promise.all([1, 2, 3].map((n) => insert(n).then(() => seen.push(times(log, "COMMIT")))));
    expect(seen).toEqual([1, 1, 1]);
  });

  test("very many take several turns, so that others get theirs", async () => {
    const { db, log, insert } = open();
    await Promise.all(Array.from({ length: 600 }, (_, n) => insert(n)));
    expect(times(log, "COMMIT")).toBe(3);
    expect(count(db)).toBe(600);
  });

  test("a failing call is undone alone, and its error is its own", async () => {
    const { db, group, insert } = open();
    const halfway = group.write(() => {
      db.prepare("INSERT INTO numbers (n) VALUES (50)").run();
      throw new RangeError("changed my mind");
    });
    const results = await Promise.allSettled([insert(1), halfway, insert(1), insert(2)]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    await expect(halfway).rejects.toBeInstanceOf(RangeError);
    expect(db.prepare("SELECT n FROM numbers ORDER BY n").pluck().all()).toEqual([1, 2]);
  });

  test("when the commit itself fails nobody is told otherwise, and the next ones work", async () => {
    const { db, group, insert } = open();
    const orphan = group.write(() => db.prepare("INSERT INTO numbers (n, parent) VALUES (9, 404)").run());
    const results = await Promise.allSettled([insert(1), orphan, insert(2)]);
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "ledger_unavailable" } });
    }
    expect(count(db)).toBe(0);
    expect(await insert(3)).toBe(3);
    expect(count(db)).toBe(1);
  });

  test("closing commits what waits", async () => {
    const { db, group, insert } = open();
    const waiting = Promise.all(Array.from({ length: 300 }, (_, n) => insert(n)));
    group.close();
    expect(count(db)).toBe(300);
    await waiting;
    await expect(insert(999)).rejects.toMatchObject({ code: "ledger_unavailable" });
  });
});
