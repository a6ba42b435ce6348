import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { examine } from "../../src/cli/doctor.ts";
import { run } from "../../src/cli/run.ts";
import { openKit } from "../../src/kit.ts";
import { isThere } from "../../src/ledger/is-there.ts";
import { openKeys } from "../../src/ledger/key-acts.ts";
import { systemClock } from "../../src/system.ts";
import { fakeCli, type FakeCli } from "./fake-cli.ts";

// Run in a wrong folder, a command that reads made an empty ledger there and answered from it.

let folder: string;
let database: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "relay-missing-"));
  database = join(folder, "relay.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

function fake(): FakeCli {
  const made = fakeCli({ env: { RELAY_DATABASE: database }, hasLedger: false });
  Object.assign(made.cli, { clock: systemClock, openKit, openKeys });
  return made;
}

async function relay(argv: string[]) {
  const { cli, out, err } = fake();
  const code = await run(argv, cli);
  return { code, out: out(), err: err() };
}

const hint = (): string =>
  `there is no ledger at ${database}: run this where the service runs, with its RELAY_DATABASE`;

test.each(
  [
    ...["deliveries list", "webhooks list", "alerts list", "stores list", "printers list", "keys list"],
    "forget --list",
  ].map((words) => [words.split(" ")]),
)("bug: %j made a ledger; the list is empty, and the note says why", async (words) => {
  const { code, out, err } = await relay(words);
  expect([code, err]).toEqual([0, `note: ${hint()}\n`]);
  expect(out).toMatch(/^(no|nobody) [^\n]+\n$/);
  const json = await relay([...words, "--json"]);
  expect([json.code, JSON.parse(json.out)]).toEqual([0, { items: [] }]);
  expect(readdirSync(folder)).toEqual([]);
});

test.each(
  [
    ...["deliveries show 1001", "deliveries redrive 1001", "deliveries reprint 1001 --reason x"],
    ...["deliveries redrive --state dead --since 1h", "webhooks show W1", "webhooks replay W1"],
    ...["stores test noodle-bar", "printers test kitchen", "subscribe noodle-bar", "reconcile"],
    ...["cancel noodle-bar 1001 --reason x", "prune", "prune --dry-run", "forget noodle-bar 1001"],
    ...["keys rotate", "keys retire 015b155a", "alerts test"],
  ].map((words) => [words.split(" ")]),
)("bug: %j made a ledger; it fails and says where to run it", async (words) => {
  expect(await relay(words)).toEqual({ code: 1, out: "", err: `relay: ${hint()}\n` });
  expect(readdirSync(folder)).toEqual([]);
});

test("a webhook to be signed by the ledger's secret may have it given instead", async () => {
  const { code, err } = await relay(["webhook", "send", "shopline", "package.json"]);
  expect([code, err]).toEqual([1, `relay: ${hint()}; or give --store and --secret\n`]);
});

test("bug: doctor made the ledger that it was to examine, and later let a wrong RELAY_DATABASE pass", async () => {
  const { cli } = fake();
  const checks = await examine(cli, () => ({
    cloud: { reachable: () => Promise.resolve(false), clockSkewMs: () => Promise.resolve(null) },
    askStore: () => Promise.resolve(null),
    modeOf: () => null,
    close: () => Promise.resolve(),
  }));
  const told = checks.find(({ subject }) => subject === "ledger");
  expect(told).toMatchObject({
    status: "fail",
    detail: expect.stringContaining("run this where the service runs, with its RELAY_DATABASE"),
  });
  expect(readdirSync(folder)).toEqual([]);
});

test("bug: in a folder that this user may not enter a ledger was said to be missing, and lists were empty", async () => {
  // What root may not look at either: a name that leads to itself.
  symlinkSync(folder + "/loop", join(folder, "loop"));
  database = join(folder, "loop", "relay.db");
  const made = fake();
  Object.assign(made.cli, { hasLedger: () => isThere(database) });
  expect(await run(["deliveries", "list"], made.cli)).toBe(1);
  expect([made.out(), made.err()]).toEqual([
    "",
    `relay: whether there is a ledger at ${database} this user cannot see: run this as the service's user, or check RELAY_DATABASE\n`,
  ]);
  expect([isThere(folder), isThere(join(folder, "none"))]).toEqual([true, false]);
});
