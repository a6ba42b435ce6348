import Database from "better-sqlite3";
import pg from "pg";
import { beforeEach, describe, expect, test } from "vitest";
import { ledgerPlace } from "../../src/core/ledger-place.ts";
import { backupLedger } from "../../src/ledger/sqlite/backup.ts";
import { holdServiceLock } from "../../src/ledger/sqlite/service-lock.ts";
import { POSTGRES } from "../fakes/postgres.ts";
import { NOON } from "./entries.ts";
import { dump, fill, move, onPlace, openPlace, SOME_OF_ALL, sqlOn } from "./moving.ts";
import { moveStage } from "./move-stage.ts";

const stage = moveStage();
let made = 0;
/** A SQLite ledger with something in it, and an empty database. */
let file: string;
let database: string;
beforeEach(async () => {
  if (POSTGRES === null) return;
  [file, database] = [newFile(), await stage.server.createDatabase()];
  await onPlace(file, (ledger) => fill(ledger, SOME_OF_ALL));
});

const newFile = (): string => stage.folder.file(`ledger-${++made}.db`);
const nothing = (): Promise<void> => Promise.resolve();
const nameOf = (url: string): string => ledgerPlace(url).name;

/** Nothing but one batch is moved. */
async function begun(from: string, to: string): Promise<void> {
  let asked = 0;
  expect(await move(from, to, { stopped: () => ++asked > 1 })).toMatchObject({ finished: false });
}

describe.skipIf(POSTGRES === null)("a target", () => {
  test("with a ledger in it is refused, and stays as it was", async () => {
    const other = newFile();
    await onPlace(other, (ledger) => fill(ledger, []));
    await move(other, database);
    const before = await dump(database);
    await expect(move(file, database)).rejects.toMatchObject({
      code: "conflict",
      message: `${nameOf(database)} has a ledger in it already (3 rows): give an empty target; nothing was changed there`,
    });
    expect(await dump(database)).toEqual(before);
    await expect(move(database, file)).rejects.toThrow(/has a ledger in it already \(\d+ rows\)/);
    await onPlace(file, nothing);
  });

  test("that a service has looked at, and nothing more, is empty", async () => {
    await onPlace(database, (ledger) => ledger.ping(NOON));
    expect(await move(file, database)).toMatchObject({ finished: true });
  });

  test("of an unfinished move takes no other, and nobody may use it", async () => {
    await begun(file, database);
    const other = newFile();
    await onPlace(other, (ledger) => fill(ledger, []));
    await expect(move(other, database)).rejects.toThrow(
      /^a move from .*ledger-\d+\.db into postgres:.* is not finished/,
    );
    await expect(onPlace(database, nothing)).rejects.toMatchObject({
      code: "ledger_unavailable",
      message: expect.stringMatching(
        /^a move from .* into the ledger postgres:.* is not finished: run the same/,
      ) as string,
    });
    // The source is as it was, until all is moved.
    await onPlace(file, nothing);
  });

  test("of an unfinished move into a file may not be used either", async () => {
    const to = newFile();
    await move(file, database);
    await begun(database, to);
    await expect(onPlace(to, nothing)).rejects.toThrow(
      /is not finished: run the same relay migrate-ledger again/,
    );
    await onPlace(database, nothing);
  });

  test("that relays use is refused, and so is one that is moved into already", async () => {
    const relay = await openPlace(ledgerPlace(database));
    await expect(move(file, database)).rejects.toMatchObject({
      code: "ledger_in_use",
      message: expect.stringMatching(
        /^relays use postgres:.*connections of goodcom-relay in pg_stat_activity/,
      ) as string,
    });
    await relay.close();
    const other = new pg.Client(database);
    await other.connect();
    await other.query("SELECT pg_advisory_lock(1195594316, 1)");
    await expect(move(file, database)).rejects.toThrow(
      /^another move of postgres:.* is under way: wait for its end/,
    );
    await other.end();
    expect(await move(file, database)).toMatchObject({ finished: true });
  });

  test.each(["a file", "a database"])("that is not what the source is stays closed: %s", async (kind) => {
    const to = newFile();
    if (kind === "a file") await move(file, database);
    const [from, into] = kind === "a file" ? [database, to] : [file, database];
    let damage: Promise<unknown> | undefined;
    const damaging = move(from, into, {
      onProgress({ step, table, ended }) {
        if (step !== "copied" || table !== "ended_sessions" || !ended) return;
        damage = sqlOn(into, "UPDATE history SET note = note || ' ' WHERE seq = 2");
      },
    });
    await expect(damaging).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(
        / is not what .* is: history \(\d+ rows, \d+ in the copy\); was the source/,
      ) as string,
    });
    await damage;
    await expect(onPlace(into, nothing)).rejects.toThrow(/is not finished/);
    await onPlace(from, nothing);
    await expect(move(from, into)).rejects.toThrow(/is not what .* is: history /);
  });

  test("of a source that was written to between two runs is not what that is", async () => {
    let batches = 0;
    await move(file, database, { stopped: () => ++batches > 12 });
    await sqlOn(file, "UPDATE printers SET updated_at = updated_at + 1");
    await sqlOn(file, "DELETE FROM meta WHERE key = 'ping'");
    await expect(move(file, database)).rejects.toThrow(
      /: printers \(1 rows, 1 in the copy\); was the source written to/,
    );
  });
});

describe.skipIf(POSTGRES === null)("a source", () => {
  test("bug: with a damaged row, which PostgreSQL's checks refuse, was called a bug: it goes on once that is mended", async () => {
    const setResult = (sql: string): void => {
      const db = new Database(file);
      db.exec(`PRAGMA ignore_check_constraints = ON; UPDATE act_keys SET result = ${sql}`);
      db.close();
    };
    setResult("result || '{'");
    await expect(move(file, database)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/^a row of act_keys is damaged \(invalid input syntax/) as string,
    });
    setResult("rtrim(result, '{')");
    expect(await move(file, database)).toMatchObject({ finished: true, resumed: true });
  });

  test("with rows whose delivery is gone is not taken for a whole ledger", async () => {
    await move(file, database);
    await sqlOn(database, "DELETE FROM tickets WHERE delivery_seq = (SELECT max(delivery_seq) FROM history)");
    await sqlOn(database, "DELETE FROM deliveries WHERE seq = (SELECT max(delivery_seq) FROM history)");
    const target = newFile();
    await expect(move(database, target)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/^rows of \w+ in .* name others that are not there$/) as string,
    });
    await expect(onPlace(target, nothing)).rejects.toThrow(/is not finished/);
  });

  test("that is not there is not made", async () => {
    const missing = newFile();
    await expect(move(missing, database)).rejects.toMatchObject({ code: "not_found" });
    await expect(move(missing, database)).rejects.toThrow(/there is no ledger at .*: check the path/);
  });

  test("that a service runs on is refused", async () => {
    const lock = holdServiceLock(file);
    await expect(move(file, database)).rejects.toMatchObject({ code: "ledger_in_use" });
    lock.release();
    await move(file, database);
    const relay = await openPlace(ledgerPlace(database));
    await expect(move(database, newFile())).rejects.toMatchObject({ code: "ledger_in_use" });
    await relay.close();
  });

  test("bug: was moved away from under relays whose address names their connections otherwise", async () => {
    await move(file, database);
    const relay = await openPlace(ledgerPlace(`${database}?application_name=relay-1`));
    await expect(move(database, newFile())).rejects.toMatchObject({ code: "ledger_in_use" });
    await relay.close();
  });

  test("that a relay has come to meanwhile is not left behind under it", async () => {
    await move(file, database);
    const to = newFile();
    let relay: ReturnType<typeof openPlace> | undefined;
    const moving = move(database, to, {
      onProgress: () => void (relay ??= openPlace(ledgerPlace(database))),
    });
    await expect(moving).rejects.toMatchObject({ code: "ledger_in_use" });
    await (await relay)?.close();
    expect(await move(database, to)).toMatchObject({ finished: true, resumed: true });
  });

  test("is only read until all is moved, then says where it went; with keep it stays as it was", async () => {
    const before = await dump(file);
    await move(file, database, { keep: true });
    expect(await dump(file)).toEqual(before);
    await onPlace(file, nothing);
    const second = await stage.server.createDatabase();
    await move(file, second);
    await expect(onPlace(file, nothing)).rejects.toMatchObject({
      code: "ledger_unavailable",
      message: `the ledger ${file} was moved to ${nameOf(second)}: set RELAY_DATABASE to that one`,
    });
    await expect(move(file, second)).rejects.toThrow(/was moved to .* already: set RELAY_DATABASE/);
    await expect(move(file, await stage.server.createDatabase())).rejects.toThrow(
      /was moved to .* before: move that one/,
    );
    const third = newFile();
    await move(second, third);
    await expect(onPlace(second, nothing)).rejects.toThrow(
      /was moved to .*ledger-\d+\.db: set RELAY_DATABASE/,
    );
    await onPlace(third, nothing);
  });

  test("that is a backup nobody has taken up is refused: only there is what was forgotten since", async () => {
    const copy = newFile();
    backupLedger({ path: file, to: copy, now: NOON });
    await expect(move(copy, database)).rejects.toThrow(
      /is a backup that no service has taken up.*start the relay on it/,
    );
    await onPlace(copy, (ledger) => ledger.takeUpRestored(NOON + 1));
    expect(await move(copy, database)).toMatchObject({ finished: true });
  });

  test("nobody else writes to meanwhile", async () => {
    let written: Promise<unknown> | undefined;
    const writing = "UPDATE meta SET value = '1'";
    await move(file, database, { keep: true });
    await move(database, newFile(), {
      keep: true,
      onProgress: () =>
        void (written ??= sqlOn(database, `SET lock_timeout = 1; ${writing}`).catch((e: unknown) => e)),
    });
    expect(await written).toMatchObject({ code: "55P03" });
  });

  test("a server that cannot be reached is told without user and password", async () => {
    const gone = "postgres://relay:geheim@127.0.0.1:1/ledger";
    const failed = move(file, gone);
    await expect(failed).rejects.toMatchObject({ code: "ledger_unavailable" });
    await expect(failed).rejects.toThrow(
      /^the ledger postgres:\/\/127\.0\.0\.1:1\/ledger cannot be used now: /,
    );
    await onPlace(file, nothing);
  });
});
