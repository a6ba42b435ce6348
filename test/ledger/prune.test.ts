import Database from "better-sqlite3";
import { statSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { keptSince } from "../../src/core/retention.ts";
import { DAY_MS } from "../../src/core/time.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { WAL_BYTES_MAX } from "../../src/ledger/sqlite/log.ts";
import { openDatabase } from "../../src/ledger/sqlite/open.ts";
import { SHELVES } from "../../src/ledger/sql/prune.ts";
import { aWebhook, NOON } from "./entries.ts";
import { makeFolder, openAt } from "./sqlite-ledger.ts";

let folder: ReturnType<typeof makeFolder>;
let path: string;
let ledger: Ledger;
beforeEach(async () => {
  folder = makeFolder();
  path = folder.file("relay.db");
  ledger = await openAt(path);
});
afterEach(async () => {
  await ledger.close();
  folder.remove();
});

const OLD = keptSince(NOON + 100 * DAY_MS);
const walBytes = (): number => statSync(`${path}-wal`).size;

/** Ignored webhooks with bodies that do not shrink. */
async function fill(from: number, count: number, bytes: number): Promise<void> {
  const { randomFillSync } = await import("node:crypto");
  for (let n = from; n < from + count; n += 100) {
    const body = (): Buffer => randomFillSync(Buffer.alloc(bytes));
    await Promise.all(
      Array.from({ length: Math.min(100, from + count - n) }, (_, k) =>
        ledger.enqueue({
          webhook: aWebhook(n + k, { body: body() }),
          delivery: null,
          status: "ignored",
          reason: "why",
        }),
      ),
    );
  }
}

describe("a batch", () => {
  test("reads each table by its key from where it stopped, and scans and sorts nothing", () => {
    const db = openDatabase(path);
    for (const { of, select } of SHELVES) {
      const plan = db
        .prepare<object[], { detail: string }>(`EXPLAIN QUERY PLAN ${select}`)
        .all({ bodies_before: 1, attempts_before: 1, after: 1, limit: 1 })
        .map(({ detail }) => detail)
        .join("\n");
      expect(plan, of).toMatch(
        /^SEARCH (webhook_bodies|attempts|confirmations|tickets|alerts|alert_messages) USING INTEGER PRIMARY KEY \(rowid>\?\)/,
      );
      expect(plan, of).not.toMatch(/SCAN|B-TREE|AUTOMATIC/);
    }
    db.close();
  });

  test("leaves free pages that the next webhooks use", async () => {
    await fill(0, 400, 4000);
    while (!(await ledger.prune({ ...OLD, limit: 100 })).done);
    const db = openDatabase(path);
    const free = Number(db.pragma("freelist_count", { simple: true }));
    const pages = Number(db.pragma("page_count", { simple: true }));
    expect(free).toBeGreaterThan(150);
    await fill(1000, 200, 4000);
    expect(db.pragma("page_count", { simple: true })).toBe(pages);
    db.close();
  });
});

describe("while a reader is open", () => {
  test("pruning waits before the log is 64 MB, and goes on when the reader has gone", async () => {
    await fill(0, 300, 4000);
    const reader = new Database(path, { readonly: true });
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM webhooks").get();
    let n = 1000;
    while (walBytes() <= WAL_BYTES_MAX) await fill((n += 100), 100, 100_000);
    const full = walBytes();
    const waiting = {
      bodies: 0,
      attempts: 0,
      confirmations: 0,
      tickets: 0,
      alerts: 0,
      done: false,
      waiting: true,
    };
    for (let again = 0; again < 20; again++) {
      expect(await ledger.prune({ ...OLD, limit: 50 })).toEqual(waiting);
    }
    expect(walBytes()).toBe(full);
    expect(full).toBeLessThan(64 * 1024 * 1024);
    // Counting needs no log.
    expect(await ledger.prune({ ...OLD, limit: 50, dry_run: true })).toMatchObject({
      bodies: 50,
      waiting: false,
    });

    reader.exec("COMMIT");
    reader.close();
    expect(await ledger.prune({ ...OLD, limit: 50 })).toMatchObject({ bodies: 50, waiting: false });
    expect(walBytes()).toBeLessThanOrEqual(WAL_BYTES_MAX / 2);
  });

  test("a reader that stays does not stop pruning while the log is small", async () => {
    await fill(0, 300, 4000);
    const reader = new Database(path, { readonly: true });
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM webhooks").get();
    expect(await ledger.prune({ ...OLD, limit: 50 })).toMatchObject({ bodies: 50, waiting: false });
    reader.close();
  });
});
