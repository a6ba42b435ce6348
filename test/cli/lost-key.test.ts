import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { readConfig } from "../../src/config.ts";
import { printerSchema } from "../../src/core/settings.ts";
import { openKit } from "../../src/kit.ts";
import { isThere } from "../../src/ledger/is-there.ts";
import { openKeys } from "../../src/ledger/key-acts.ts";
import { backupLedger } from "../../src/ledger/sqlite/backup.ts";
import { systemClock } from "../../src/system.ts";
import { anEntry } from "../ledger/entries.ts";
import { fakeCli } from "./fake-cli.ts";

// A new key opens none of the stored secrets, and the next one who looks takes it for the ledger's.

let folder: string;
let env: Record<string, string>;
let keyFile: string;
let kept: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "relay-lost-"));
  env = { RELAY_DATABASE: join(folder, "relay.db") };
  keyFile = join(folder, "relay.db.key");
  const kit = await openKit(readConfig(env));
  const printers = [printerSchema.parse({ name: "kitchen", api_key: "key", time_zone: "Asia/Taipei" })];
  await kit.ledger.apply({ printers, stores: [] }, { prune: false, now: 1 });
  await kit.ledger.enqueue(anEntry(1));
  await kit.close();
  kept = join(folder, "kept.key");
  renameSync(keyFile, kept);
});
afterEach(() => rmSync(folder, { recursive: true }));

async function relay(words: string) {
  const fake = fakeCli({ env });
  const real = {
    clock: systemClock,
    ...{ openKit, openKeys },
    hasLedger: () => isThere(join(folder, "relay.db")),
    backup: (what: Parameters<typeof backupLedger>[0]) => Promise.resolve(backupLedger(what)),
  };
  const code = await run(words.split(" "), { ...fake.cli, ...real });
  return { code, out: fake.out(), err: fake.err() };
}

test.each(["printers test kitchen", "deliveries redrive order-1", "keys list", "keys rotate"])(
  "bug: beside a ledger whose key file was gone %j made a new key; it says that the old one is missing",
  async (words) => {
    const { code, out, err } = await relay(words);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(
      /^relay: the secrets of printers\/kitchen in \S+ are sealed with a key that is not here \([0-9a-f]{8}\): set RELAY_ENCRYPTION_KEY [^\n]+\n$/,
    );
    expect(existsSync(keyFile)).toBe(false);
    renameSync(kept, keyFile);
    expect((await relay("printers list")).code).toBe(0);
  },
);

test("bug: what only shows made a new key as well; it needs none", async () => {
  const needNoSecret = ["prune", "prune --dry-run", "forget noodle-bar order-1 --dry-run"];
  for (const words of ["deliveries list", "webhooks list", "alerts list", "forget --list", ...needNoSecret])
    expect(await relay(words)).toMatchObject({ code: 0, err: "" });
  const { code, out, err } = await relay("deliveries show order-1");
  expect([code, out]).toEqual([0, expect.stringMatching(/^answer {5}Not sent yet\./)]);
  expect(err).toMatch(/^note: times and slip are in UTC, for the stored secret printers\/kitchen[^\n]+\n$/);
  expect(existsSync(keyFile)).toBe(false);
});

test("bug: of an order that nobody knows show told of the lost key alone", async () => {
  const { code, err } = await relay("deliveries show 404");
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/^relay: no delivery with the id or order 404, and no /),
  ]);
  expect((await relay("deliveries show 404 --store noodle-bar")).err).toContain(" of store noodle-bar, and ");
});

test("bug: storing a part anew made a new key, and putting the old file back then lost that part", async () => {
  const file = join(folder, "part.json");
  writeFileSync(file, JSON.stringify({ printers: [{ name: "bar", api_key: "key" }] }));
  const { code, err } = await relay(`apply ${file}`);
  expect([code, err]).toEqual([1, expect.stringMatching(/^relay: the secrets of printers\/kitchen in /)]);
  expect(existsSync(keyFile)).toBe(false);
  // Of what it does not name nothing is left.
  expect((await relay(`apply --prune ${file}`)).code).toBe(0);
  expect((await relay("printers list")).out).toMatch(/^printer [^\n]+\nbar /);
});

test("storing all anew makes a new key, for then it is the way out", async () => {
  const file = join(folder, "shop.json");
  writeFileSync(file, JSON.stringify({ printers: [{ name: "kitchen", api_key: "key" }] }));
  const { code, err } = await relay(`apply ${file}`);
  expect([code, err]).toEqual([0, expect.stringMatching(/^warning: made the key file [^\n]+\n$/)]);
  expect((await relay("printers list")).code).toBe(0);
});

test("a ledger without any secret gets its first key as before", async () => {
  renameSync(kept, keyFile);
  const kit = await openKit(readConfig(env));
  await kit.ledger.apply({ printers: [], stores: [] }, { prune: true, now: 2 });
  await kit.close();
  rmSync(keyFile);
  expect((await relay("printers test kitchen")).err).toMatch(/^warning: made the key file /);
});

test("bug: a backup named a key file that was not there", async () => {
  const { err } = await relay(`backup ${join(folder, "copy.db")}`);
  expect(err).toMatch(
    /^note: the key that opens the stored secrets \(the service's: [0-9a-f]{8}\) is not in it/,
  );
  expect(readdirSync(folder)).not.toContain("relay.db.key");
});
