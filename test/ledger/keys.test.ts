import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openKeys, type Keys } from "../../src/ledger/key-acts.ts";
import { backupLedger } from "../../src/ledger/sqlite/backup.ts";
import { openLedgerHere } from "../../src/ledger/open.ts";
import { ledgerPlace } from "../../src/core/ledger-place.ts";
import type { Settings } from "../../src/core/settings.ts";
import { diskLibrary, FILE, ON, openDisk } from "../fakes/disk/disk.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { aPrinter, aStore, NOON } from "./entries.ts";
import { makeFolder } from "./sqlite-ledger.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const clock = createManualClock(NOON);
const SETTINGS: Settings = {
  printers: [aPrinter("bar"), aPrinter("kitchen")],
  stores: [aStore("noodle-bar")],
};

let folder: ReturnType<typeof makeFolder>;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder.remove());
const ledgerPath = (): string => folder.file("relay.db");
const keyFile = (): string => folder.file("relay.db.key");

async function withKeys<Result>(
  work: (keys: Keys) => Promise<Result>,
  given: Buffer[] = [],
): Promise<Result> {
  const keys = await openKeys({ given, place: ledgerPlace(ledgerPath()), clock });
  try {
    return await work(keys);
  } finally {
    await keys.close();
  }
}

async function apply(settings: Settings, now = NOON): Promise<void> {
  const ledger = await openLedgerHere({ place: ledgerPlace(ledgerPath()), given: [], clock });
  await ledger.apply(settings, { prune: true, now });
  await ledger.close();
}

async function stored(): Promise<Settings> {
  const ledger = await openLedgerHere({ place: ledgerPlace(ledgerPath()), given: [], clock });
  return ledger.settings().finally(() => ledger.close());
}

test("a rotation changes secrets and nothing else: no time of any row", async () => {
  await withKeys((keys) => keys.list());
  await apply(SETTINGS);
  const rows = (): unknown[] => {
    const db = new Database(ledgerPath());
    const found = ["printers", "stores"].flatMap((table) => db.prepare(`SELECT * FROM ${table}`).all());
    db.close();
    return found.map((row) => ({ ...(row as object), secrets: null }));
  };
  const before = rows();
  expect(await withKeys((keys) => keys.rotate(NOON + 5000))).toMatchObject({ resealed: 3, unreadable: [] });
  expect(rows()).toEqual(before);
  expect(await stored()).toEqual(SETTINGS);
});

test("of two rotations at once one waits its turn or is refused: no key is written over", async () => {
  await withKeys((keys) => keys.list());
  await apply(SETTINGS);
  const all = await Promise.allSettled([1, 2, 3].map(() => withKeys((keys) => keys.rotate(NOON))));
  const refused = all.filter(({ status }) => status === "rejected");
  for (const one of refused) expect(one).toMatchObject({ reason: { code: "ledger_in_use" } });
  expect(readFileSync(keyFile(), "utf8").split("\n")).toHaveLength(2 + all.length - refused.length);
  expect(await stored()).toEqual(SETTINGS);
});

test("a full file takes no further key, and what may not be retired is not", async () => {
  await withKeys((keys) => keys.list());
  await apply(SETTINGS);
  await withKeys(async (keys) => {
    for (let n = 0; n < 8; n++) await keys.rotate(NOON);
    await expect(keys.rotate(NOON)).rejects.toMatchObject({ code: "conflict", message: /8 older keys/ });
    const listed = await keys.list();
    expect(listed).toHaveLength(9);
    await expect(keys.retire(listed[0]!.id, NOON)).rejects.toMatchObject({ message: /is the current one/ });
    await expect(keys.retire("00000000", NOON)).rejects.toMatchObject({ code: "not_found" });
    await keys.retire(listed[8]!.id, NOON);
    expect(await keys.rotate(NOON)).toMatchObject({ resealed: 3 });
  });
  const ofFile = (await withKeys((keys) => keys.list()))[0]!.id;
  const given = [Buffer.alloc(32, 5)];
  const refusal = withKeys((keys) => keys.retire(ofFile, NOON), given);
  await expect(refusal).rejects.toMatchObject({ message: /3 stored secrets need key .*rotate first/ });
  await withKeys((keys) => keys.rotate(NOON), given);
  await expect(withKeys((keys) => keys.rotate(NOON), given)).rejects.toMatchObject({
    message: /openssl rand/,
  });
});

/** What may happen to a ledger and its key file, one after the other. */
type Step = "apply" | "rotate" | "cut" | "retire" | "backup" | "restore";
const STEPS: Step[] = ["apply", "rotate", "rotate", "cut", "retire", "backup", "restore"];

describe("whatever happens in whatever order", () => {
  test("no secret is unreadable while its key is in the ring", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...STEPS), { minLength: 1, maxLength: 12 }),
        async (steps) => {
          folder.remove();
          folder = makeFolder();
          await withKeys((keys) => keys.list());
          let now: Settings = { printers: [], stores: [] };
          let saved: { settings: Settings; keys: string; to: string } | null = null;
          for (const [n, step] of steps.entries()) {
            const lines = readFileSync(keyFile(), "utf8");
            const full = lines.split("\n").length > 9;
            if (step === "apply") {
              now = {
                printers: [aPrinter("kitchen", { secret_key: `s-${n}` })],
                stores: [aStore("noodle-bar")],
              };
              await apply(now);
            } else if (step === "rotate" && !full) {
              await withKeys((keys) => keys.rotate(NOON));
            } else if (step === "cut" && !full) {
              // As a rotation that was killed after it had written the file.
              writeFileSync(keyFile(), `${Buffer.alloc(32, n + 1).toString("base64")}\n${lines}`);
            } else if (step === "retire") {
              await withKeys(async (keys) => {
                for (const { id } of await keys.list()) await keys.retire(id, NOON).catch(() => null);
              });
            } else if (step === "backup") {
              saved = { settings: now, keys: lines, to: folder.file(`copy-${n}.db`) };
              backupLedger({ path: ledgerPath(), to: saved.to, now: NOON });
            } else if (step === "restore" && saved !== null) {
              for (const end of ["", "-wal", "-shm"]) {
                if (existsSync(ledgerPath() + end)) rmSync(ledgerPath() + end);
              }
              backupLedger({ path: saved.to, to: ledgerPath(), now: NOON });
              // Its keys put back as further lines, as the runbook says.
              const [current = ""] = lines.split("\n");
              const kept = new Set([current, ...saved.keys.trim().split("\n")]);
              writeFileSync(keyFile(), `${[...kept].slice(0, 9).join("\n")}\n`);
              now = saved.settings;
            }
            expect(await stored()).toEqual(now);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe.skipIf(diskLibrary() === null)("kill -9", () => {
  test.each(["kill_before", "kill_after", "kill_torn"] as const)(
    "%s every write and flush of a rotation: all opens, and the next one ends it",
    { timeout: 240_000 },
    async (action) => {
      await withKeys((keys) => keys.list());
      await apply(SETTINGS);
      let kills = 0;
      for (let at = 1; ; at++) {
        const killed = await rotateKilled(action, at);
        // The draft is the one further file that has a key in it; the next rotation takes it away.
        expect(await stored(), `at ${at}`).toEqual(SETTINGS);
        if (!killed) break;
        kills++;
        await withKeys(async (keys) => {
          await keys.rotate(NOON);
          const [current, ...older] = await keys.list();
          expect([current?.secrets, ...older.map(({ secrets }) => secrets)]).toEqual([
            3,
            ...older.map(() => 0),
          ]);
          expect(older.every(({ place }) => place === "older")).toBe(true);
          for (const { id } of older) await keys.retire(id, NOON);
        });
        expect(readdirSync(folder.path).filter((name) => name.startsWith("relay.db.key."))).toEqual([]);
        expect(await stored(), `after ${at}`).toEqual(SETTINGS);
      }
      expect(kills).toBeGreaterThan(4);
    },
  );
});

/** @returns whether it was killed, at its nth write or flush */
async function rotateKilled(
  action: "kill_before" | "kill_after" | "kill_torn",
  at: number,
): Promise<boolean> {
  const disk = openDisk(ledgerPath());
  disk.break({ on: ON.write + ON.sync, files: FILE.ledger + FILE.wal + FILE.other, action, at });
  const env = { RELAY_DATABASE: ledgerPath(), ...disk.env };
  const child = spawn(process.execPath, [MAIN, "keys", "rotate"], { cwd: folder.path, env, stdio: "ignore" });
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  disk.close();
  expect(signal === "SIGKILL" || code === 0, `${String(code)} ${String(signal)}`).toBe(true);
  return signal === "SIGKILL";
}
