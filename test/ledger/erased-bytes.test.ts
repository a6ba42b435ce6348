import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { backupLedger } from "../../src/ledger/sqlite/backup.ts";
import { keptSince } from "../../src/core/retention.ts";
import { DAY_MS } from "../../src/core/time.ts";
import { aDelivery, anAttempt, aTicket, aWebhook, idOf, NOON } from "./entries.ts";
import { anErasure, ASKED, erase } from "./erasing.ts";
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

const PHONE = "+49 30 5550123";
const SLICE_BYTES = 32;
/** What a packed text begins with is the same for many. */
const HEAD_BYTES = 16;

/** One order with texts that are nobody else's; of one in three the store's API brings a larger ticket later. */
async function order(n: number, phone: string): Promise<void> {
  const own = (): string => randomBytes(60).toString("base64");
  const buyer = { name: `N${own()}`, phone, address: own(), town: own() };
  const ticket = aTicket({ buyer, buyer_note: own() });
  const body = Buffer.from(
    JSON.stringify({ id: `order-${n}`, customer: { phone, note: own() }, more: own() }),
  );
  const isVerified = n % 3 === 0;
  const first = isVerified ? { state: "verifying" as const, ticket: aTicket({ items: [] }) } : { ticket };
  await ledger.enqueue({
    webhook: aWebhook(n, { body }),
    delivery: aDelivery(n, { reason: own(), ...first }),
  });
  if (isVerified) {
    await ledger.change(idOf("DLVR", n), {
      at: NOON,
      by: "relay",
      decide: () => ({ set: { state: "pending", ticket, reason: own() }, note: "confirmed" }),
    });
  }
  for (const [k, state] of (["pending", "accepted", "rejected"] as const).entries()) {
    await ledger.change(idOf("DLVR", n), {
      at: NOON,
      by: "relay",
      attempt: anAttempt({ number: k + 1, request: JSON.stringify({ buyer, own: own() }), response: own() }),
      confirmation: { verdict: "rejected", message: own(), time: null, at: NOON, raw: own() },
      decide: () => ({
        set: { state, last_error: `refused: ${buyer.name}` },
        note: `so: ${buyer.name}`,
      }),
    });
  }
}

const COLUMNS = {
  tickets: ["ticket", "buyer", "delivery_seq"],
  webhook_bodies: ["body", "webhook_seq"],
  attempts: ["request", "response", "delivery_seq"],
  confirmations: ["raw", "message", "delivery_seq"],
  deliveries: ["reason", "last_error", "seq"],
  history: ["note", "delivery_seq"],
};

/** Slices of all that is kept in the rows named; here delivery and webhook of one order have the same place. */
function slicesOf(db: Database.Database, seqs: readonly number[]): Map<string, string> {
  const slices = new Map<string, string>();
  for (const [table, columns] of Object.entries(COLUMNS)) {
    const key = columns.at(-1) ?? "";
    for (const column of columns.slice(0, -1)) {
      const values = db
        .prepare<[string], Buffer | string | null>(
          `SELECT ${column} FROM ${table} WHERE ${key} IN (SELECT value FROM json_each(?))`,
        )
        .pluck()
        .all(JSON.stringify(seqs));
      for (const value of values) {
        if (value === null) continue;
        const bytes = Buffer.from(value);
        const from = typeof value === "string" ? 0 : HEAD_BYTES;
        for (let at = from; at + SLICE_BYTES <= bytes.length; at += SLICE_BYTES) {
          slices.set(bytes.subarray(at, at + SLICE_BYTES).toString("latin1"), `${table}.${column}`);
        }
      }
    }
  }
  return slices;
}

/** Where in these files something of it still stands. */
function foundIn(files: readonly string[], slices: Map<string, string>): string[] {
  return files.filter(existsSync).flatMap((file) => {
    const bytes = readFileSync(file).toString("latin1");
    return [...slices]
      .filter(([slice]) => bytes.includes(slice))
      .map(([, place]) => `${file.slice(-4)} ${place}`);
  });
}

describe("in the bytes of the files nothing is left of", () => {
  test.each([40, 120])("a buyer who was erased among %i orders", async (orders) => {
    const isMarked = (n: number): boolean => n % 10 === 3;
    for (let n = 1; n <= orders; n++) await order(n, isMarked(n) ? PHONE : `+886 2 ${n} 9999999`);
    const db = new Database(path);
    const all = Array.from({ length: orders }, (_, k) => k + 1);
    const mine = slicesOf(db, all.filter(isMarked));
    const others = slicesOf(
      db,
      all.filter((n) => !isMarked(n)),
    );
    for (const slice of others.keys()) mine.delete(slice);
    db.close();
    const files = [path, `${path}-wal`];
    expect(new Set(foundIn(files, mine)).size).toBeGreaterThan(5);

    expect(await erase(ledger, 1, { phone: PHONE })).toMatchObject({ deliveries: orders / 10 });
    expect(foundIn(files, mine)).toEqual([]);
    backupLedger({ path, to: folder.file("copy.db"), now: ASKED });
    expect(foundIn([folder.file("copy.db")], mine)).toEqual([]);
    expect(new Set(foundIn(files, others)).size).toBeGreaterThan(5);
  });

  test("regression: a buyer who was erased in a ledger that was put back from a backup", async () => {
    const isMarked = (n: number): boolean => n % 10 === 3;
    for (let n = 1; n <= 120; n++) await order(n, isMarked(n) ? PHONE : `+886 2 ${n} 9999999`);
    backupLedger({ path, to: folder.file("copy.db"), now: ASKED });
    const restored = await openAt(folder.file("copy.db"));
    const db = new Database(folder.file("copy.db"));
    const all = Array.from({ length: 120 }, (_, k) => k + 1);
    const mine = slicesOf(db, all.filter(isMarked));
    for (const slice of slicesOf(
      db,
      all.filter((n) => !isMarked(n)),
    ).keys())
      mine.delete(slice);
    db.close();
    const files = [folder.file("copy.db"), folder.file("copy.db-wal")];
    expect(new Set(foundIn(files, mine)).size).toBeGreaterThan(5);
    expect(await erase(restored, 1, { phone: PHONE })).toMatchObject({ deliveries: 12 });
    expect(foundIn(files, mine)).toEqual([]);
    await restored.close();
  });

  test("what was pruned", async () => {
    for (let n = 1; n <= 30; n++) await order(n, PHONE);
    const db = new Database(path);
    const slices = slicesOf(db, [1, 2, 3]);
    for (const [slice, place] of slices) if (/^(?:deliveries|history)/.test(place)) slices.delete(slice);
    db.pragma("wal_checkpoint(TRUNCATE)");
    db.close();
    expect(new Set(foundIn([path], slices)).size).toBeGreaterThan(5);
    while (!(await ledger.prune({ ...keptSince(NOON + 100 * DAY_MS), limit: 7 })).done);
    const again = new Database(path);
    again.pragma("wal_checkpoint(TRUNCATE)");
    again.close();
    expect(foundIn([path, `${path}-wal`], slices)).toEqual([]);
  });
});

test("while a reader keeps the log it is said so, and a further call cuts it", async () => {
  for (let n = 1; n <= 5; n++) await order(n, PHONE);
  const reader = new Database(path, { readonly: true });
  const slices = slicesOf(reader, [1, 2, 3, 4, 5]);
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM webhooks").get();
  const erasure = anErasure(1, { phone: PHONE });
  await ledger.beginErasure(erasure);
  const left: boolean[] = [];
  for (let done = false; !done;) {
    const batch = await ledger.eraseBatch({ erasure, limit: 100, now: ASKED });
    if (batch.done) left.push(batch.log_left);
    done = batch.done;
  }
  const further = async (): Promise<boolean> =>
    (await ledger.eraseBatch({ erasure, limit: 100, now: ASKED })).log_left;
  left.push(await further());
  expect(left).toEqual([true, true]);
  expect(foundIn([path, `${path}-wal`], slices)).not.toEqual([]);
  reader.exec("COMMIT");
  reader.close();
  expect(await further()).toBe(false);
  expect(foundIn([path, `${path}-wal`], slices)).toEqual([]);
});
