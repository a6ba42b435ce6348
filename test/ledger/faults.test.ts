import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EnqueueResult, Ledger } from "../../src/ledger/ledger.ts";
import { aDelivery, anEntry, aPrinter, aStore, aWebhook, idOf, NOON } from "./entries.ts";
import { makeFolder, openAt } from "./sqlite-ledger.ts";

let folder: ReturnType<typeof makeFolder>;
let path: string;
beforeEach(() => {
  folder = makeFolder();
  path = folder.file("relay.db");
});
afterEach(() => folder.remove());

const UNAVAILABLE = { code: "ledger_unavailable" };
const big = (ledger: Ledger, n: number): Promise<EnqueueResult> =>
  ledger.enqueue({ webhook: aWebhook(n, { body: randomBytes(20_000) }), delivery: aDelivery(n) });

function raw<Result>(use: (db: Database.Database) => Result): Result {
  const db = new Database(path);
  try {
    return use(db);
  } finally {
    db.close();
  }
}
const integrity = (): unknown => raw((db) => db.pragma("integrity_check", { simple: true }));

/** Some rows, and everything in the main file, none in the write-ahead log. */
async function filledAndClosed(rows = 40): Promise<void> {
  const ledger = await openAt(path);
  for (let n = 0; n < rows; n++) await big(ledger, n);
  await ledger.close();
}

describe("a disk that fails", () => {
  test("full: refused in words, nothing accepted is lost, and it works again once there is room", async () => {
    const ledger = await openAt(path, ["max_page_count = 100"]);
    const accepted: string[] = [];
    let refused: unknown = null;
    for (let n = 0; refused === null && n < 500; n++) {
      await big(ledger, n).then(
        ({ delivery_id }) => accepted.push(delivery_id ?? ""),
        (error: unknown) => (refused = error),
      );
    }
    expect(refused).toMatchObject({ ...UNAVAILABLE, message: expect.stringMatching(/disk is full/) });
    expect(accepted.length).toBeGreaterThan(10);
    const kept = await ledger.listDeliveries({ limit: 1000 });
    expect(kept.map(({ id }) => id).reverse()).toEqual(accepted);
    raw((db) => db.exec("DELETE FROM webhook_bodies"));
    expect((await big(ledger, 900)).status).toBe("accepted");
    await ledger.ping(NOON);
    await ledger.close();
    expect(integrity()).toBe("ok");
  });

  test("full in the middle of a group: each was told the truth", async () => {
    const ledger = await openAt(path, ["max_page_count = 100"]);
    const results = await Promise.allSettled(Array.from({ length: 60 }, (_, n) => big(ledger, n)));
    const kept = new Set((await ledger.listDeliveries({ limit: 100 })).map(({ id }) => id));
    results.forEach(({ status }, n) =>
      expect(kept.has(idOf("DLVR", n)), `${n}`).toBe(status === "fulfilled"),
    );
    expect(results.filter(({ status }) => status === "rejected").length).toBeGreaterThan(0);
    await ledger.close();
  });

  test("a write that the system refuses", () => {
    const child = fileURLToPath(new URL("./children/write-on.ts", import.meta.url));
    // 4000 blocks of 512 or 1024 bytes: no file may grow beyond, as on a disk that stops.
    const command = 'ulimit -f 4000 && exec "$0" "$@"';
    const { stdout } = spawnSync("sh", ["-c", command, process.execPath, child, path], { encoding: "utf8" });
    const lines = stdout.trim().split("\n");
    expect(lines.at(-1)).toMatch(
      /^failed ledger_unavailable: the ledger .*relay\.db cannot be used now: the disk/,
    );
    expect(lines.length).toBeGreaterThan(20);
    const kept = raw((db) => new Set(db.prepare("SELECT id FROM deliveries").pluck().all()));
    for (const line of lines.slice(0, -1)) expect(kept.has(line.split(" ")[1]), line).toBe(true);
    expect(integrity()).toBe("ok");
  });

  test("read-only file and folder", async () => {
    await filledAndClosed(1);
    chmodSync(path, 0o444);
    chmodSync(folder.path, 0o555);
    const root = process.geteuid?.() === 0;
    // Nothing is read-only to root.
    if (root) process.seteuid?.(65534);
    try {
      await expect(openAt(path).then((ledger) => ledger.ping(NOON))).rejects.toMatchObject(UNAVAILABLE);
      const elsewhere = folder.file("sub/relay.db");
      await expect(openAt(elsewhere)).rejects.toMatchObject(UNAVAILABLE);
    } finally {
      if (root) process.seteuid?.(0);
      chmodSync(folder.path, 0o700);
    }
  });

  test("a connection that may not write", async () => {
    const ledger = await openAt(path, ["query_only = ON"]);
    const refusal = { ...UNAVAILABLE, message: expect.stringMatching(/read-only: make both writable/) };
    await expect(ledger.enqueue(anEntry(1))).rejects.toMatchObject(refusal);
    await expect(ledger.ping(NOON)).rejects.toMatchObject(refusal);
    expect(await ledger.listDeliveries({ limit: 1 })).toEqual([]);
    await ledger.close();
  });

  test("another process that writes for too long", async () => {
    const ledger = await openAt(path, ["busy_timeout = 20"]);
    const other = new Database(path);
    other.exec("BEGIN IMMEDIATE");
    await expect(ledger.enqueue(anEntry(1))).rejects.toMatchObject(UNAVAILABLE);
    expect(await ledger.listDeliveries({ limit: 1 })).toEqual([]);
    other.exec("ROLLBACK");
    other.close();
    expect((await ledger.enqueue(anEntry(1))).status).toBe("accepted");
    await ledger.close();
  });
});

describe("a file that is not as we left it", () => {
  test("of a newer relay: refused, and not touched", async () => {
    await filledAndClosed(1);
    raw((db) => db.pragma("user_version = 99"));
    const before = readFileSync(path);
    await expect(openAt(path)).rejects.toMatchObject({
      code: "ledger_newer",
      message: expect.stringMatching(/schema 99 .* knows up to \d+/),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("no database at all: refused, and not touched", async () => {
    const text = "Dear diary, this is no database.\n".repeat(200);
    writeFileSync(path, text);
    await expect(openAt(path)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringMatching(/no SQLite database/),
    });
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("a database of something else: refused, and not touched", async () => {
    raw((db) => db.exec("CREATE TABLE recipes (name TEXT)"));
    const before = readFileSync(path);
    await expect(openAt(path)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringMatching(/something else/),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("a folder", async () => {
    mkdirSync(path);
    await expect(openAt(path)).rejects.toMatchObject(UNAVAILABLE);
  });

  test("an empty file becomes a ledger", async () => {
    writeFileSync(path, "");
    const ledger = await openAt(path);
    expect((await ledger.enqueue(anEntry(1))).status).toBe("accepted");
    await ledger.close();
  });

  test("damaged pages are told, never read as truth", async () => {
    await filledAndClosed();
    const bytes = readFileSync(path);
    bytes.fill(0xaa, 4096 * 2);
    writeFileSync(path, bytes);
    const use = async (): Promise<void> => {
      const ledger = await openAt(path);
      try {
        await ledger.listDeliveries({ limit: 1000 });
      } finally {
        await ledger.close();
      }
    };
    await expect(use()).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringMatching(/damaged.*backup/),
    });
  });

  test("a file cut in half is told", async () => {
    await filledAndClosed();
    truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096);
    const use = async (): Promise<void> => {
      const ledger = await openAt(path);
      try {
        for (let n = 0; n < 40; n++) await ledger.findWebhook(idOf("WEBH", n));
        await ledger.enqueue(anEntry(99));
      } finally {
        await ledger.close();
      }
    };
    await expect(use()).rejects.toMatchObject(UNAVAILABLE);
  });

  test("bug: one webhook's damaged headers hid all webhooks: it is listed and found as any is", async () => {
    await filledAndClosed(3);
    raw((db) => {
      // A disk asks no constraint.
      db.pragma("ignore_check_constraints = ON");
      db.exec(`UPDATE webhooks SET headers = '{"x-topic' WHERE id = '${idOf("WEBH", 1)}'`);
    });
    const ledger = await openAt(path);
    const listed = await ledger.listWebhooks({ limit: 9 });
    expect(listed.map(({ headers }) => Object.keys(headers))).toContainEqual(["damaged"]);
    expect(listed).toHaveLength(3);
    expect((await ledger.findWebhook(idOf("WEBH", 1)))?.body).not.toBeNull();
    await ledger.close();
  });

  test("a write-ahead log torn anywhere loses a tail of the commits, never a middle", async () => {
    const ledger = await openAt(path);
    for (let n = 0; n < 20; n++) await ledger.enqueue(anEntry(n));
    const whole = statSync(`${path}-wal`).size;
    const copy = folder.file("copy.db");
    const lengths: number[] = [];
    for (let cut = 0; cut < whole; cut += Math.ceil(whole / 12)) {
      copyFileSync(path, copy);
      copyFileSync(`${path}-wal`, `${copy}-wal`);
      truncateSync(`${copy}-wal`, whole - cut);
      const torn = await openAt(copy);
      const kept = (await torn.listDeliveries({ limit: 100 })).map(({ id }) => id).reverse();
      expect(kept).toEqual(Array.from({ length: kept.length }, (_, n) => idOf("DLVR", n)));
      lengths.push(kept.length);
      await torn.close();
    }
    expect(lengths[0]).toBe(20);
    expect(lengths.at(-1)).toBeLessThan(5);
    await ledger.close();
  });
});

describe("what lies on the disk", () => {
  test("is for the owner alone, its folder too", async () => {
    path = folder.file("data/relay.db");
    const ledger = await openAt(path);
    await ledger.enqueue(anEntry(1));
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(folder.file("data")).mode & 0o777).toBe(0o700);
    await ledger.close();
  });

  test("holds no secret that can be read", async () => {
    const ledger = await openAt(path);
    const settings = { printers: [aPrinter("kitchen")], stores: [aStore("noodle-bar")] };
    await ledger.apply(settings, { prune: false, now: NOON });
    const bytes = (): Buffer => Buffer.concat([readFileSync(path), readFileSync(`${path}-wal`)]);
    expect(bytes().includes("noodle-bar")).toBe(true);
    expect(bytes().includes("marked-")).toBe(false);
    expect((await ledger.settings()).printers[0]?.api_key).toBe("marked-api-key-kitchen");
    await ledger.close();
    expect(readFileSync(path).includes("marked-")).toBe(false);
  });
});
