import { copyFileSync, existsSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { anEntry, NOON } from "./entries.ts";
import { makeFolder, openAt } from "./sqlite-ledger.ts";

/** The whole stories are in test/faults/disk-files.test.ts; here are their corners. */
let folder: ReturnType<typeof makeFolder>;
let path: string;
let ledger: Ledger;
beforeEach(async () => {
  folder = makeFolder();
  path = folder.file("relay.db");
  ledger = await openAt(path);
  await ledger.enqueue(anEntry(1));
});
afterEach(async () => {
  await ledger.close();
  folder.remove();
});

const refusal = (words: RegExp) => ({ code: "ledger_unavailable", message: expect.stringMatching(words) });
const rows = async (): Promise<number> => (await ledger.listDeliveries({ limit: 100 })).length;

test.skipIf(process.platform === "win32")(
  "bug: made by way of a link that led to no file yet, others could read the ledger",
  async () => {
    const [link, target] = [folder.file("link.db"), folder.file("elsewhere.db")];
    symlinkSync(target, link);
    const umask = process.umask(0);
    try {
      await (await openAt(link)).close();
    } finally {
      process.umask(umask);
    }
    expect(statSync(target).mode & 0o777).toBe(0o600);
  },
);

test("the log gone while another process has the ledger open: refused until that one ends, then made anew", async () => {
  const other = new Database(path);
  expect(other.prepare("SELECT count(*) FROM deliveries").pluck().get()).toBe(1);
  rmSync(`${path}-wal`);
  await expect(ledger.enqueue(anEntry(2))).rejects.toMatchObject(refusal(/another process/));
  other.close();
  expect((await ledger.enqueue(anEntry(2))).status).toBe("accepted");
  expect(await rows()).toBe(2);
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
});

test("another file with something in it at the log's name is not ours to delete: refused", async () => {
  renameSync(`${path}-wal`, `${path}-wal.away`);
  writeFileSync(`${path}-wal`, "somebody's");
  await expect(ledger.enqueue(anEntry(2))).rejects.toMatchObject(
    refusal(/-wal\) was replaced .*put it back/),
  );
  expect(statSync(`${path}-wal`).size).toBe("somebody's".length);
  renameSync(`${path}-wal.away`, `${path}-wal`);
  expect((await ledger.enqueue(anEntry(2))).status).toBe("accepted");
});

test("an empty file at the log's name, as a command that only looked leaves it: made anew", async () => {
  rmSync(`${path}-wal`);
  writeFileSync(`${path}-wal`, "");
  expect((await ledger.enqueue(anEntry(2))).status).toBe("accepted");
  expect(await rows()).toBe(2);
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
});

test("all three deleted: refused, also the proof that a row can be written", async () => {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix);
  await expect(ledger.enqueue(anEntry(2))).rejects.toMatchObject(refusal(/moved, deleted or replaced/));
  await expect(ledger.ping(NOON)).rejects.toMatchObject(refusal(/moved, deleted or replaced/));
});

test("gone between the look before a commit and its end: not told as stored", async () => {
  const late = ledger.change(anEntry(1).delivery?.id ?? "", {
    at: NOON,
    by: "relay",
    decide: () => {
      renameSync(path, `${path}.away`);
      return null;
    },
  });
  await expect(late).rejects.toMatchObject(refusal(/moved, deleted or replaced/));
  renameSync(`${path}.away`, path);
  expect((await ledger.enqueue(anEntry(2))).status).toBe("accepted");
});

test("a command that looked while the ledger was moved away made a new one, and its log ruined what was put back", async () => {
  renameSync(path, `${path}.away`);
  await expect(openAt(path)).rejects.toMatchObject(
    refusal(/is not there, but .*relay\.db-wal .*put it back/),
  );
  expect(existsSync(path)).toBe(false);
  renameSync(`${path}.away`, path);
  expect((await ledger.enqueue(anEntry(2))).status).toBe("accepted");
  expect(await rows()).toBe(2);
});

function backUp(to: string): void {
  const other = new Database(path);
  other.prepare("VACUUM INTO ?").run(to);
  other.close();
}

const integrity = (): unknown => {
  const other = new Database(path, { readonly: true });
  try {
    return other.pragma("integrity_check", { simple: true });
  } finally {
    other.close();
  }
};

test("bug: over a backup that was copied onto the ledger of a running relay it answered 200, and all was ruined", async () => {
  const copy = folder.file("copy.db");
  backUp(copy);
  await ledger.enqueue(anEntry(2));
  copyFileSync(copy, path);
  for (const n of [3, 4]) {
    const overwritten = refusal(/a backup was copied over it .*restart the relay/);
    await expect(ledger.enqueue(anEntry(n))).rejects.toMatchObject(overwritten);
  }
  await ledger.close();
  ledger = await openAt(path);
  expect(integrity()).toBe("ok");
  expect(await rows()).toBe(1);
  expect((await ledger.enqueue(anEntry(2))).status).toBe("accepted");
});

test("a backup copied over the ledger just before the relay ends", async () => {
  const copy = folder.file("copy.db");
  backUp(copy);
  for (const n of [2, 3, 4]) await ledger.enqueue(anEntry(n));
  copyFileSync(copy, path);
  await ledger.close();
  ledger = await openAt(path);
  expect(integrity()).toBe("ok");
  expect(await rows()).toBe(1);
});

test("a backup put in place beside the log of the ledger before it was damaged for good", async () => {
  const copy = folder.file("copy.db");
  backUp(copy);
  await ledger.enqueue(anEntry(2));
  copyFileSync(`${path}-wal`, `${copy}-wal`);
  await expect(openAt(copy)).rejects.toMatchObject(refusal(/another ledger's log.* move .*copy\.db-wal/));
  rmSync(`${copy}-wal`);
  const restored = await openAt(copy);
  expect(await restored.listDeliveries({ limit: 100 })).toHaveLength(1);
  await restored.close();
});
