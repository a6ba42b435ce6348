import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { openDatabase } from "../../src/ledger/sqlite/open.ts";
import { createRunner } from "../../src/ledger/sqlite/run.ts";
import { createDeliverySearch } from "../../src/ledger/sql/search-deliveries.ts";
import { migrate, ownMigrations } from "../../src/ledger/sqlite/migrate.ts";
import { isApart, lowestIdAfter, lowestIdSince } from "../../src/ledger/sql/id-time.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { eachIsFoundOnce } from "./contract-search.ts";
import { NOON } from "./entries.ts";
import { makeFolder, openAt } from "./sqlite-ledger.ts";
import type { LedgerUnderTest } from "./under-test.ts";

/** A look sees so few rows that nearly every page ends before it is full. */
async function openShortSighted(): Promise<LedgerUnderTest> {
  const folder = makeFolder();
  const ledger = await openAt(folder.file("relay.db"));
  const db = openDatabase(folder.file("relay.db"));
  const run = createRunner(db);
  const search = createDeliverySearch({ inOrder: 3, picked: 2 });
  return {
    ledger: { ...ledger, searchDeliveries: (asked) => Promise.resolve(run(search(asked))) },
    clock: createManualClock(NOON),
    another: () => Promise.reject(new Error("there is no other")),
    stored: () => Promise.resolve(""),
    damage: () => Promise.resolve(),
    async end() {
      db.close();
      await ledger.close();
      folder.remove();
    },
  };
}

test("short looks end in the middle of nowhere, and page after page still has each once", () =>
  eachIsFoundOnce(openShortSighted));

test("an id tells its moment: the ULID of the specification", () => {
  // https://github.com/ulid/spec: 01ARZ3NDEKTSV4RRFFQ69G5FAV; its time is 1469922850259 (2016-07-30T23:54:10.259Z).
  const id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  expect(isApart(id, 1_469_922_850_259)).toBe(false);
  expect(isApart(id, 1_469_922_850_259 - 60_001)).toBe(true);
  expect(isApart(id, 1_469_922_850_259 + 60_001)).toBe(true);
  expect(isApart("DL1", 1_469_922_850_259)).toBe(true);
  expect(lowestIdSince(1_469_922_850_259 + 60_000)).toBe("01ARZ3NDEK");
  expect(lowestIdAfter(1_469_922_850_259 - 60_000)).toBe("01ARZ3NDEK");
  expect(lowestIdSince(-5)).toBe("0000000000");
});

test("the migration marks those whose id tells another time, and no other", () => {
  const db = new Database(":memory:");
  const migrations = ownMigrations();
  migrate(db, migrations.slice(0, 5), 1);
  const add = db.prepare(`
    INSERT INTO deliveries (id, kind, state, printer, order_id, order_name, order_id_key, order_name_key, search,
      useful_until, created_at)
    VALUES (?, 'test', 'printed', 'kitchen', 'o', 'o', 'o', 'o', '', 0, ?)`);
  add.run("01ARZ3NDEKTSV4RRFFQ69G5FAV", 1_469_922_850_259);
  add.run("01ARZ3NDEKTSV4RRFFQ69G5FAW", 1_469_922_850_259 - 60_000);
  add.run("01ARZ3NDEKTSV4RRFFQ69G5FAX", 1_469_922_850_259 - 60_001);
  add.run("DL1", 1_469_922_850_259);
  migrate(db, migrations, 1);
  const apart = db.prepare("SELECT id FROM deliveries WHERE created_apart = 1 ORDER BY id").pluck().all();
  expect(apart).toEqual(["01ARZ3NDEKTSV4RRFFQ69G5FAX", "DL1"]);
});
