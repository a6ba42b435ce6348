import Database from "better-sqlite3";
import { mkdirSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MESSAGE_OUTCOMES } from "../../src/core/alert.ts";
import { PLATFORM_NAMES } from "../../src/core/cancellation.ts";
import { ATTENTIONS, DELIVERY_KINDS, DELIVERY_STATES, OUTCOMES, VERDICTS } from "../../src/core/delivery.ts";
import { ORIGINS, WEBHOOK_STATUSES } from "../../src/core/webhook.ts";
import { SELECT_ALERT } from "../../src/ledger/sql/alert-rows.ts";
import { SENT_BESIDE } from "../../src/ledger/sql/change.ts";
import { WAITING_FOR_CLOUD } from "../../src/ledger/sql/claim.ts";
import { DUE, DUE_AFTER, FIRST_OF_EACH } from "../../src/ledger/sql/due.ts";
import { ERASURE_SHELVES } from "../../src/ledger/sql/erasure-walk.ts";
import { SLIPS_OF } from "../../src/ledger/sql/find.ts";
import { readMigrations } from "../../src/ledger/sql/migrations.ts";
import { migrate, ownMigrations } from "../../src/ledger/sqlite/migrate.ts";
import { APPLICATION_ID, openDatabase } from "../../src/ledger/sqlite/open.ts";
import { SELECT_DELIVERY } from "../../src/ledger/sql/rows.ts";
import { PAST_LINES } from "../../src/ledger/sql/past-steps.ts";
import { KNOWN_ORDERS, QUARANTINED } from "../../src/ledger/sql/store-watches.ts";
import { SWEEPS } from "../../src/ledger/sql/sweep.ts";
import { makeFolder } from "./sqlite-ledger.ts";

const folder = makeFolder();
let db: Database.Database;
beforeAll(() => {
  db = openDatabase(folder.file("relay.db"));
});
afterAll(() => {
  db.close();
  folder.remove();
});

/** `table.column` → the words its CHECK allows. */
function checkedLists(): Record<string, string[]> {
  const lists: Record<string, string[]> = {};
  const tables = db
    .prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
    .all();
  for (const { name, sql } of tables) {
    const bare = sql.replace(/--.*$/gm, "");
    for (const [, column = "", words = ""] of bare.matchAll(/CHECK \((\w+) IN\s*\(('[^)]*)\)\)/g)) {
      lists[`${name}.${column}`] = words.split(",").map((word) => word.trim().replaceAll("'", ""));
    }
  }
  return lists;
}

describe("schema", () => {
  test("every list in a CHECK is the one in core, in its order", () => {
    expect(checkedLists()).toEqual({
      "stores.platform": PLATFORM_NAMES,
      "deliveries.kind": DELIVERY_KINDS,
      "deliveries.state": DELIVERY_STATES,
      "deliveries.attention": ATTENTIONS,
      "deliveries.platform": PLATFORM_NAMES,
      "deliveries.endpoint": ["submitorder"],
      "delivery_counts.state": DELIVERY_STATES,
      "webhooks.status": WEBHOOK_STATUSES,
      "webhooks.platform": PLATFORM_NAMES,
      "webhooks.origin": ORIGINS,
      "attempts.kind": ["verify", "send"],
      "attempts.outcome": OUTCOMES,
      "confirmations.verdict": VERDICTS,
      "history.state": DELIVERY_STATES,
      "alert_messages.outcome": MESSAGE_OUTCOMES,
    });
  });

  test("every table is STRICT", () => {
    const loose = db
      .prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%'",
      )
      .all();
    expect(loose).toEqual([]);
  });

  test("the pragmas that keep the promises are on", () => {
    const of = (name: string): unknown => db.pragma(name, { simple: true });
    expect(of("journal_mode")).toBe("wal");
    expect(of("synchronous")).toBe(2);
    expect(of("foreign_keys")).toBe(1);
    expect(of("trusted_schema")).toBe(0);
    expect(of("busy_timeout")).toBe(3000);
    expect(of("secure_delete")).toBe(1);
    expect(of("application_id")).toBe(0x4743524c);
  });
});

describe("migrations", () => {
  test("run from empty to the last, and a second time do nothing", () => {
    const empty = new Database(":memory:");
    const migrations = ownMigrations();
    migrate(empty, migrations, APPLICATION_ID);
    expect(empty.pragma("user_version", { simple: true })).toBe(migrations.length);
    const before = empty.prepare("SELECT * FROM sqlite_schema").all();
    migrate(empty, migrations, APPLICATION_ID);
    expect(empty.prepare("SELECT * FROM sqlite_schema").all()).toEqual(before);
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
    for (const { sql } of migrations) expect(sql).toMatch(/^-- \w/);
  });

  test("one that fails leaves the version before it, whole", () => {
    const empty = new Database(":memory:");
    const good = { version: 1, name: "0001_a.sql", sql: "CREATE TABLE a (x INTEGER) STRICT;" };
    const bad = { version: 2, name: "0002_b.sql", sql: "CREATE TABLE b (x INTEGER) STRICT; NONSENSE;" };
    expect(() => migrate(empty, [good, bad], 1)).toThrow(/NONSENSE/);
    expect(empty.pragma("user_version", { simple: true })).toBe(1);
    expect(empty.prepare("SELECT name FROM sqlite_schema").pluck().all()).toEqual(["a"]);
  });

  test("a gap or a wrong name in their numbers is refused", () => {
    mkdirSync(folder.file("migrations"));
    writeFileSync(folder.file("migrations/0002_late.sql"), "");
    expect(() => readMigrations(pathToFileURL(folder.file("migrations/")))).toThrow(/expected number 1/);
  });
});

describe("100,000 deliveries", () => {
  beforeAll(() => {
    db.exec(`
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
      INSERT INTO deliveries (id, kind, state, platform, store, printer, order_id, order_name, order_id_key,
        order_name_key, search, next_attempt_at, lease_until, useful_until, confirm_by, created_at)
      SELECT printf('01D%023d', i), 'cancellation', iif(i % 10, 'printed', 'pending'), 'shopline', 'noodle-bar',
        'p' || (i % 7), 'o' || i, '#' || i, 'o' || i, i, '01d' || i, iif(i % 10, NULL, i), NULL, i, NULL, i
      FROM n`);
    db.exec("INSERT INTO tickets (delivery_seq, ticket) SELECT seq, x'0300' FROM deliveries");
  });

  const plan = (sql: string): string =>
    db
      .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql.replace(/:\w+|\?/g, "1")}`)
      .all()
      .map(({ detail }) => detail)
      .join("\n");

  test.each([
    ["claim", DUE.replace(":state", "'pending'"), "deliveries_due"],
    ["release", WAITING_FOR_CLOUD, "deliveries_due"],
    ["held", SWEEPS.held, "deliveries_held"],
    ["useless", SWEEPS.useless, "deliveries_useful"],
    ["unconfirmed", SWEEPS.unconfirmed, "deliveries_confirm"],
    ["lost", SWEEPS.lost, "deliveries_leased"],
    ["waitingBeyond", SWEEPS.waitingBeyond, "deliveries_due"],
    ["abandoned", SWEEPS.abandoned, "deliveries_leased"],
    ["list by state", `${SELECT_DELIVERY} WHERE state = :s ORDER BY id DESC LIMIT 50`, "deliveries_by_state"],
    ["list by store", `${SELECT_DELIVERY} WHERE store = :s ORDER BY id DESC LIMIT 50`, "deliveries_by_store"],
    ["list what needs a person", `${SELECT_DELIVERY} WHERE attention IS NOT NULL`, "deliveries_attention"],
    [
      "one order",
      `${SELECT_DELIVERY} WHERE (order_id_key = :o OR order_name_key = :o)`,
      "deliveries_by_order",
    ],
    [
      "the slips of some orders",
      `${SELECT_DELIVERY} WHERE ${SLIPS_OF} ORDER BY id DESC`,
      "deliveries_reprints",
    ],
    ["a slip that was sent beside", SENT_BESIDE, "deliveries_reprints"],
  ])("%s uses its index and scans no table", (_what, sql, index) => {
    expect(plan(sql)).toContain(index);
    expect(plan(sql)).not.toMatch(/SCAN deliveries(?! USING INDEX)/);
    expect(plan(sql)).not.toMatch(/SCAN tickets/);
  });

  test.each([
    ["open alerts", `${SELECT_ALERT} WHERE closed_at IS NULL`, "alerts_open"],
    ["an open matter", `${SELECT_ALERT} WHERE matter = 'x' AND closed_at IS NULL`, "alerts_open"],
    ["alerts to tell", `${SELECT_ALERT} WHERE tell_at <= 5 ORDER BY tell_at, seq LIMIT 9`, "alerts_to_tell"],
    ["alerts of a type", "SELECT count(*) FROM alerts WHERE type = 'x' AND raised_at > 5", "alerts_by_type"],
    [
      "messages to send",
      "SELECT id FROM alert_messages WHERE next_try_at <= 5 ORDER BY next_try_at, seq LIMIT 9",
      "alert_messages_due",
    ],
    ["what is to be erased", "SELECT id FROM erasures WHERE done_at IS NULL ORDER BY seq", "erasures_undone"],
    [
      "alerts of one delivery",
      "SELECT seq FROM alerts WHERE delivery_id = 'x' ORDER BY seq",
      "alerts_by_delivery",
    ],
    ["orders that are known", KNOWN_ORDERS, "deliveries_dedupe"],
    ["what a run has quarantined", QUARANTINED, "webhooks_quarantined"],
  ])("%s are found by an index", (_what, sql, index) => {
    expect(plan(sql)).toContain(index);
  });

  test("the claim is in order without sorting, also with its parameters unknown", () => {
    const statement = db.prepare<object[], { detail: string }>(`EXPLAIN QUERY PLAN ${DUE}`);
    const details = statement.all({ state: "pending", now: 5, only: null, except: "[]", limit: 9 });
    const text = details.map(({ detail }) => detail).join("\n");
    expect(text).toContain("SEARCH deliveries USING INDEX deliveries_due (state=? AND next_attempt_at<?)");
    expect(text).not.toContain("B-TREE");
  });

  test("a claim of one that floods steps over the index, and neither sorts nor reads its backlog", () => {
    const next = plan(DUE_AFTER.replace(":state", "'pending'"));
    expect(next).toContain(
      "SEARCH deliveries USING INDEX deliveries_due_by_store (state=? AND store=? AND next_attempt_at>? AND next_attempt_at<?)",
    );
    const first = plan(FIRST_OF_EACH);
    expect(first.match(/COVERING INDEX deliveries_due_by_store \(state=\? AND store>\?\)/g)).toHaveLength(2);
    expect(first).toContain(
      "USING INDEX deliveries_due_by_store (state=? AND store=? AND next_attempt_at<?)",
    );
    for (const text of [next, first]) expect(text).not.toMatch(/SCAN deliveries|B-TREE|AUTOMATIC/);
  });

  test("a page of the past costs its lines alone", () => {
    const text = plan(PAST_LINES);
    expect(text).toContain("SEARCH line USING INTEGER PRIMARY KEY (rowid<?)");
    expect(text).toContain("SEARCH earlier USING INDEX history_by_delivery (delivery_seq=? AND rowid<?)");
    expect(text).not.toMatch(/SCAN|B-TREE/);
  });

  test.each(Object.entries(ERASURE_SHELVES))("an erasure reads %s by their key", (_of, select) => {
    const text = plan(select);
    expect(text).toMatch(
      /^SEARCH (deliveries|webhook_bodies|attempts|confirmations) USING INTEGER PRIMARY KEY \(rowid>\?\)/,
    );
    expect(text).not.toMatch(/SCAN|B-TREE|AUTOMATIC/);
  });

  test("the newest page reads the newest only", () => {
    const text = plan(`${SELECT_DELIVERY} WHERE id < '01D9' ORDER BY id DESC LIMIT 50`);
    expect(text).toContain("(id<?)");
    expect(text).not.toContain("B-TREE");
  });
});
