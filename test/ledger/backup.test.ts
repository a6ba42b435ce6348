import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { keptSince } from "../../src/core/retention.ts";
import { DAY_MS } from "../../src/core/time.ts";
import { backupLedger } from "../../src/ledger/sqlite/backup.ts";
import type { InboundEntry, NewDelivery } from "../../src/ledger/ledger.ts";
import { aDelivery, anEntry, aPrinter, aStore, aWebhook, dueQuery, HOUR, idOf, NOON } from "./entries.ts";
import { makeFolder, openAt } from "./sqlite-ledger.ts";

let folder: ReturnType<typeof makeFolder>;
let path: string;
beforeEach(() => {
  folder = makeFolder();
  path = folder.file("relay.db");
});
afterEach(() => folder.remove());

const DAMAGED_BYTES = 40_000;

const backup = (to: string): ReturnType<typeof backupLedger> =>
  backupLedger({ path, to: folder.file(to), now: NOON });
const left = (): string[] => readdirSync(folder.path).filter((name) => !name.startsWith("relay.db"));

describe("refusals leave nothing behind", () => {
  test("no ledger: none is made", () => {
    expect(() => backup("copy.db")).toThrow(/there is no ledger at .*: set RELAY_DATABASE/);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("an existing file stays as it is", async () => {
    await (await openAt(path)).close();
    writeFileSync(folder.file("copy.db"), "mine");
    expect(() => backup("copy.db")).toThrow(/is there already: name another file/);
    expect(statSync(folder.file("copy.db")).size).toBe(4);
    expect(left()).toEqual(["copy.db"]);
  });

  test("a folder that is not there, a file that is no ledger, a ledger that is damaged", async () => {
    const ledger = await openAt(path);
    await Promise.all(Array.from({ length: 200 }, (_, n) => ledger.enqueue(anEntry(n))));
    await ledger.close();
    expect(() => backup("none/copy.db")).toThrow(/its folder is not there: make it/);
    const db = new Database(path);
    db.pragma("application_id = 1");
    expect(() => backup("copy.db")).toThrow(/is not a relay's ledger/);
    db.pragma(`application_id = 1195594316`);
    db.close();
    const file = openSync(path, "r+");
    writeSync(file, Buffer.alloc(DAMAGED_BYTES, 0xa5), 0, DAMAGED_BYTES, Math.floor(statSync(path).size / 2));
    closeSync(file);
    expect(() => backup("copy.db")).toThrow(/cannot back up .*: the file is damaged/);
    expect(left()).toEqual([]);
  });
});

test("a backup is private, compact, sound, and without what was pruned", async () => {
  const ledger = await openAt(path);
  const body = Buffer.from(`marked-${"ab".repeat(50)}`);
  for (let n = 0; n < 300; n++) {
    await ledger.enqueue({
      webhook: aWebhook(n, { body }),
      delivery: null,
      status: "ignored",
      reason: "why",
    });
  }
  const kept = keptSince(NOON + 31 * DAY_MS);
  while (!(await ledger.prune({ ...kept, limit: 100 })).done);
  await ledger.enqueue(anEntry(1000));
  const report = backup("copy.db");
  expect(report).toEqual({
    path: folder.file("copy.db"),
    bytes: statSync(report.path).size,
    key_ids: [],
    ...{ webhooks: 301, deliveries: 1 },
  });
  expect(statSync(report.path).mode & 0o777).toBe(0o600);
  const copy = new Database(report.path, { readonly: true });
  expect(copy.pragma("integrity_check", { simple: true })).toBe("ok");
  expect(copy.pragma("freelist_count", { simple: true })).toBe(0);
  expect(copy.prepare("SELECT count(*) FROM webhook_bodies").pluck().get()).toBe(1);
  copy.close();
  expect(left()).toEqual(["copy.db"]);
  await ledger.close();
});

test("1,000 webhooks/s go in while backups are made: each is sound and has all that was durable before", async () => {
  const child = fileURLToPath(new URL("./children/write-steadily.ts", import.meta.url));
  const writer = spawn(process.execPath, [child, path], { stdio: ["ignore", "pipe", "inherit"] });
  let durable = 0;
  const lines = createInterface({ input: writer.stdout });
  lines.on("line", (line) => (durable = Number(line.split(" ")[0])));
  const past = async (count: number): Promise<void> => {
    while (durable < count) await once(lines, "line");
  };
  try {
    for (const [k, count] of [200, 800, 1600].entries()) {
      await past(count);
      const acknowledged = durable;
      const { webhooks, deliveries } = backup(`copy-${k}.db`);
      expect(webhooks).toBeGreaterThanOrEqual(acknowledged);
      expect(deliveries).toBe(webhooks);
      const restored = await openAt(folder.file(`copy-${k}.db`));
      for (let n = 0; n < acknowledged; n += 37) {
        expect((await restored.findWebhook(idOf("WEBH", n)))?.body).toHaveLength(3000);
        expect((await restored.enqueue({ webhook: aWebhook(n + 1e6), delivery: aDelivery(n) })).status).toBe(
          "duplicate",
        );
      }
      await restored.close();
    }
  } finally {
    writer.kill("SIGKILL");
    await once(writer, "exit");
  }
});

describe("a restored backup", () => {
  test("marks once what it would send again, with a line of history", async () => {
    const ledger = await openAt(path);
    for (let n = 0; n < 5; n++) await ledger.enqueue(anEntry(n));
    const states = ["pending", "verifying", "dead", "printed"] as const;
    for (const [n, state] of states.entries()) {
      await ledger.change(idOf("DLVR", n), {
        at: NOON,
        by: "relay",
        decide: () => ({ set: { state }, note: null }),
      });
    }
    backup("copy.db");
    await ledger.close();

    const restored = await openAt(folder.file("copy.db"));
    expect(await restored.takeUpRestored(NOON + HOUR)).toEqual({ backup_at: NOON, marked: 4, forgotten: 0 });
    for (const n of [0, 1, 2, 3, 4]) {
      const detail = (await restored.findDelivery(idOf("DLVR", n)))!;
      expect(detail.delivery.may_be_repeat).toBe(n !== 3);
      expect(detail.history.at(-1)?.note.includes("restored from a backup of 2026-11-03T12:00:00.000Z")).toBe(
        n !== 3,
      );
    }
    expect(await restored.takeUpRestored(NOON + HOUR)).toBeNull();
    await restored.close();
    const again = await openAt(folder.file("copy.db"));
    expect(await again.takeUpRestored(NOON + HOUR)).toBeNull();
    await again.close();
  });

  test("an order it never heard of is marked when it was cancelled before, and not when after", async () => {
    await (await openAt(path)).close();
    backup("copy.db");
    const restored = await openAt(folder.file("copy.db"));
    // Also one that comes before the service has taken it up.
    await restored.enqueue(anEntry(1, { cancelled_at: NOON }));
    await restored.takeUpRestored(NOON + HOUR);
    await restored.enqueue(anEntry(2, { cancelled_at: NOON + HOUR - 1 }));
    await restored.enqueue(anEntry(3, { cancelled_at: NOON + 2 * HOUR, created_at: NOON + 2 * HOUR }));
    await restored.enqueue(anEntry(4, { cancelled_at: null, created_at: NOON + 40 * HOUR }));
    await restored.enqueue(anEntry(5, { cancelled_at: null, created_at: NOON + 50 * HOUR }));
    const claimed = await restored.claim(dueQuery({ now: NOON + 50 * HOUR - 1 }));
    expect(claimed).toEqual([]);
    const marked = (await restored.listDeliveries({ limit: 9 })).map((one) => [
      one.id.at(-1),
      one.may_be_repeat,
    ]);
    expect(marked).toEqual([
      ["5", false],
      ["4", true],
      ["3", false],
      ["2", true],
      ["1", true],
    ]);
    const { history } = (await restored.findDelivery(idOf("DLVR", 2)))!;
    expect(history[0]?.note).toBe("received; of before the ledger was restored, may have printed");
    await restored.close();
  });

  test("reconciliation begins where the backup ended: what it finds may have printed, what is newer has not", async () => {
    const ledger = await openAt(path);
    const settings = { printers: [aPrinter("kitchen")], stores: [aStore("noodle-bar")] };
    await ledger.apply(settings, { prune: false, now: NOON - HOUR });
    await ledger.recordWatch("noodle-bar", { reconciled_to: NOON - 1, found: 3, subscribed_at: NOON - HOUR });
    await ledger.enqueue(anEntry(1, { state: "verifying" }));
    backup("copy.db");
    // All of this is lost: a printed slip, and the mark that says so.
    await ledger.enqueue(anEntry(2, { cancelled_at: NOON + 1 }));
    await ledger.recordWatch("noodle-bar", { reconciled_to: NOON + HOUR });
    await ledger.close();

    const restored = await openAt(folder.file("copy.db"));
    await restored.takeUpRestored(NOON + HOUR);
    expect(await restored.storeWatches()).toMatchObject([
      { since: NOON - HOUR, reconciled_to: NOON - 1, found_count: 3, subscribed_at: NOON - HOUR },
    ]);
    expect(await restored.knownOrders("noodle-bar", ["order-1", "order-2"])).toEqual([]);
    const found = (n: number, told: Partial<NewDelivery>): InboundEntry => ({
      webhook: aWebhook(n + 10, { origin: "reconcile" }),
      delivery: { ...aDelivery(n, told), id: idOf("DLVR", n + 10) },
    });
    const at = { created_at: NOON + 2 * HOUR };
    await restored.enqueue(found(1, at));
    await restored.enqueue(found(2, { ...at, cancelled_at: NOON + 1 }));
    await restored.enqueue(found(3, { ...at, cancelled_at: NOON + 2 * HOUR }));
    const told = await restored.listDeliveries({ limit: 9 });
    expect(told.map(({ order_id, state, may_be_repeat }) => [order_id, state, may_be_repeat])).toEqual([
      ["order-3", "pending", false],
      ["order-2", "pending", true],
      ["order-1", "pending", true],
    ]);
    const { history } = (await restored.findDelivery(idOf("DLVR", 12)))!;
    expect(history.map(({ note }) => note)).toEqual([
      "found by reconciliation: no webhook had brought it; of before the ledger was restored, may have printed",
    ]);
    await restored.close();
  });
});
