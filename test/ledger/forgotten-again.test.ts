import { appendFileSync, chownSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { backupLedger } from "../../src/ledger/sqlite/backup.ts";
import { aDelivery, anEntry, aWebhook, HOUR, idOf, NOON } from "./entries.ts";
import { anErasure, ASKED, erase, forgotten, marked, MARKED, MARKS } from "./erasing.ts";
import { makeFolder, openAt } from "./sqlite-ledger.ts";

let folder: ReturnType<typeof makeFolder>;
let path: string;
let ledger: Ledger;
beforeEach(async () => {
  folder = makeFolder();
  path = folder.file("relay.db");
  ledger = await openAt(path);
});
afterEach(() => folder.remove());

const PHONE = "+49 30 5550123";
const file = (): string => `${path}.forgotten`;
const linesIn = (): unknown[] =>
  readFileSync(file(), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);
const backup = (): void => void backupLedger({ path, to: folder.file("copy.db"), now: NOON });

/** The backup in the ledger's place, as a person puts it back: the file beside it stays. */
async function restore(): Promise<Ledger> {
  await ledger.close();
  for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { force: true });
  renameSync(folder.file("copy.db"), path);
  return openAt(path);
}

const redact = (n: number, body: object): Parameters<Ledger["enqueue"]>[0] => ({
  webhook: aWebhook(n, { body: Buffer.from(JSON.stringify(body)) }),
  ...{ delivery: null, status: "ignored", reason: "why" },
});

describe("a backup from before", () => {
  test.skipIf(process.getuid?.() !== 0)(
    "bug: what root had forgotten made the list root's alone",
    async () => {
      await ledger.enqueue(marked(1));
      chownSync(path, 54_321, 54_322);
      await erase(ledger, 1, { phone: PHONE });
      expect(statSync(file())).toMatchObject({ uid: 54_321, gid: 54_322 });
      await ledger.close();
    },
  );

  test("forgets again what was forgotten since, and says how much", async () => {
    await ledger.enqueue(marked(1));
    await ledger.add(
      aDelivery(2, { kind: "reprint", reprint_of: idOf("DLVR", 1), ticket: MARKED }),
      "x",
      "reprint",
    );
    await ledger.enqueue(anEntry(3));
    await ledger.enqueue(redact(4, { id: "other", phone: PHONE }));
    await ledger.enqueue(redact(5, { id: "order-1", note: "for Xaver Quill" }));
    backup();
    expect(await erase(ledger, 1, { phone: PHONE })).toEqual({ deliveries: 2, webhooks: 2 });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readFileSync(file(), "utf8")).not.toMatch(MARKS);
    expect(linesIn()).toContainEqual({ at: ASKED + 1, store: "noodle-bar", order_id: "order-1" });
    expect(linesIn()).toContainEqual({ at: ASKED + 1, webhook: idOf("WEBH", 4) });

    const restored = await restore();
    expect(readFileSync(path, "latin1")).toMatch(/xaver quill/i);
    expect(JSON.stringify(await restored.listDeliveries({ limit: 9 }))).toMatch(MARKS);
    // Two deliveries, and two webhooks without one.
    expect(await restored.takeUpRestored(NOON + 2 * HOUR)).toMatchObject({ forgotten: 4 });
    expect(JSON.stringify(await restored.listDeliveries({ limit: 9 }))).not.toMatch(MARKS);
    expect(await forgotten(restored)).toEqual([true, true, false]);
    // The reason and what a search finds a buyer by stand there unpacked.
    for (const end of ["", "-wal"]) expect(readFileSync(path + end, "latin1")).not.toMatch(/xaver quill/i);
    for (const n of [1, 4, 5]) expect((await restored.findWebhook(idOf("WEBH", n)))?.body).toBeNull();
    const { history } = (await restored.findDelivery(idOf("DLVR", 1)))!;
    expect(history.filter(({ note }) => note.includes("erased"))).toHaveLength(1);
    expect(await restored.enqueue(marked(9, { order_id: "order-1" }))).toMatchObject({ status: "duplicate" });
    await restored.close();
  });

  test("of a store that was erased whole: what came until then, in one line of the file", async () => {
    for (let n = 1; n <= 5; n++) await ledger.enqueue(marked(n));
    await ledger.enqueue(marked(6, { store: "tea" }));
    await ledger.enqueue(redact(7, { note: "Xaver" }));
    const late = marked(8, { created_at: ASKED + 1 });
    late.webhook.received_at = ASKED + 1;
    await ledger.enqueue(late);
    backup();
    await erase(ledger, 1, { store: "noodle-bar", everything: true });
    expect(linesIn()).toEqual([{ at: ASKED, store: "noodle-bar", everything: true }]);
    const restored = await restore();
    expect(await restored.takeUpRestored(NOON + 2 * HOUR)).toMatchObject({ forgotten: 6 });
    expect(await forgotten(restored)).toEqual([true, true, true, true, true, false, false]);
    expect((await restored.findWebhook(idOf("WEBH", 7)))?.body).toBeNull();
    expect((await restored.findWebhook(idOf("WEBH", 8)))?.body).not.toBeNull();
    await restored.close();
  });

  test("lines that are cut off, damaged or of somebody else spoil no other", async () => {
    await ledger.enqueue(marked(1));
    await ledger.enqueue(marked(2));
    backup();
    appendFileSync(file(), '{"at":1,"store":"noodle-bar","order_id":"order-2"', { mode: 0o600 });
    await erase(ledger, 1, { store: "noodle-bar", orders: ["order-1"] });
    const rubbish = [
      "null",
      "7",
      "[]",
      '{"at":"x","webhook":"y"}',
      '{"at":1,"everything":true}',
      "x".repeat(100_000),
    ];
    appendFileSync(file(), `${rubbish.join("\n")}\n{"at":1,"store":"noodle-bar","order_id":7}\n{"at":1,"web`);
    const restored = await restore();
    expect(await restored.takeUpRestored(NOON + HOUR)).toMatchObject({ forgotten: 1 });
    expect(await forgotten(restored)).toEqual([true, false]);
    await restored.close();
  });
});

test("what cannot be written down is not erased", async () => {
  await ledger.enqueue(marked(1));
  // A folder of that name: nobody can write into it, root neither.
  mkdirSync(file());
  const erasure = anErasure(1, { phone: PHONE });
  await ledger.beginErasure(erasure);
  const batch = (): Promise<unknown> => ledger.eraseBatch({ erasure, limit: 9, now: ASKED });
  await expect(batch()).rejects.toMatchObject({ code: "ledger_unavailable" });
  await expect(batch()).rejects.toThrow(/nothing was erased/);
  expect(await forgotten(ledger)).toEqual([false]);
  rmSync(file(), { recursive: true });
  expect(await batch()).toMatchObject({ deliveries: 1 });
  expect(await forgotten(ledger)).toEqual([true]);
  await ledger.close();
});
