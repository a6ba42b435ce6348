import Database from "better-sqlite3";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createGroupCommit, type GroupCommit } from "../../src/ledger/sqlite/group-commit.ts";
import { nextTurn } from "../../src/system.ts";

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

/** A file that another connection holds the lock of, and what writes to it. */
function openLocked(timeout: number): Pick<Watched, "group" | "insert"> & { release: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "group-commit-"));
  const path = join(folder, "test.db");
  const db = new Database(path, { timeout });
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE numbers (n INTEGER PRIMARY KEY)");
  const other = new Database(path);
  other.exec("BEGIN IMMEDIATE");
  onTestFinished(() => {
    for (const connection of [db, other]) connection.close();
    rmSync(folder, { recursive: true });
  });
  const group = createGroupCommit(db, path);
  const statement = db.prepare("INSERT INTO numbers (n) VALUES (?)");
  return {
    group,
    insert: (n) => group.write(() => (statement.run(n), n)),
    release: () => void other.exec("ROLLBACK"),
  };
}

describe("while another process writes", () => {
  const TOO_LONG = {
    code: "ledger_unavailable",
    message: expect.stringMatching(/writing to it for too long/),
  };

  test("bug: pages that only read waited with each write for its 3 s: they get their turns in between", async () => {
    const { insert, release } = openLocked(4000);
    let written = false;
    const writing = Promise.all([1, 2].map(insert)).finally(() => (written = true));
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(written).toBe(false);
    const late = insert(3);
    release();
    expect(await writing).toEqual([1, 2]);
    expect(await late).toBe(3);
  });

  test("what has waited for as long as the connection waits for a lock is told so, and the next ones work", async () => {
    const { insert, release } = openLocked(20);
    const waiting = Array.from({ length: 300 }, (_, n) => insert(n));
    for (const result of await Promise.allSettled(waiting)) {
      expect(result).toMatchObject({ status: "rejected", reason: TOO_LONG });
    }
    release();
    expect(await insert(1)).toBe(1);
  });

  test("closing waits for the lock as long, and no longer", async () => {
    const { group, insert } = openLocked(20);
    const waiting = insert(1);
    group.close();
    await expect(waiting).rejects.toMatchObject(TOO_LONG);
  });
});
