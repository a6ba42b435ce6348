import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openKit } from "../../src/kit.ts";
import { backupLedger } from "../../src/ledger/sqlite/backup.ts";
import { run } from "../../src/cli/run.ts";
import { readConfig } from "../../src/config.ts";
import { DAY_MS } from "../../src/core/time.ts";
import { systemClock } from "../../src/system.ts";
import { printerSchema } from "../../src/core/settings.ts";
import { anEntry, aWebhook, idOf } from "../ledger/entries.ts";
import { fakeCli } from "./fake-cli.ts";

let folder: string;
let env: Record<string, string>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "relay-keep-"));
  env = { RELAY_DATABASE: join(folder, "relay.db"), RELAY_ENCRYPTION_KEY: "ab".repeat(32) };
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs one command on a real ledger, in real time. */
async function relay(argv: string[], terminal = false) {
  const fake = fakeCli({ env });
  if (terminal) Object.assign(fake.cli.stderr, { isTTY: true });
  const real = {
    clock: systemClock,
    openKit,
    backup: (what: Parameters<typeof backupLedger>[0]) => later(what),
  };
  const code = await run(argv, { ...fake.cli, ...real });
  return { code, out: fake.out(), err: fake.err() };
}

// As `main.ts` does: what throws becomes a rejection.
// eslint-disable-next-line @typescript-eslint/require-await
async function later(what: Parameters<typeof backupLedger>[0]): Promise<ReturnType<typeof backupLedger>> {
  return backupLedger(what);
}

/** Ignored webhooks that came so many days ago. */
async function fill(days: number, count: number): Promise<void> {
  const kit = await openKit(readConfig(env));
  const received_at = systemClock.now() - days * DAY_MS - 1000;
  for (let n = 0; n < count; n++) {
    const webhook = aWebhook(days * 1000 + n, { received_at });
    await kit.ledger.enqueue({ webhook, delivery: null, status: "ignored", reason: "why" });
  }
  await kit.close();
}

test("bug: where the key was lost nobody could see what had printed, though deliveries are not sealed", async () => {
  const kit = await openKit(readConfig(env));
  const printers = [printerSchema.parse({ name: "kitchen", api_key: "key", time_zone: "Asia/Taipei" })];
  await kit.ledger.apply({ printers, stores: [] }, { prune: false, now: 1 });
  await kit.ledger.enqueue(anEntry(1));
  await kit.close();
  env.RELAY_ENCRYPTION_KEY = "cd".repeat(32);
  for (const argv of [
    ["deliveries", "list"],
    ["webhooks", "list"],
    ["alerts", "list"],
  ])
    expect(await relay(argv)).toMatchObject({ code: 0, err: "" });
  const { code, out, err } = await relay(["deliveries", "show", "order-1"]);
  expect([code, out]).toEqual([0, expect.stringMatching(/^answer {5}Not sent yet\./)]);
  expect(err).toMatch(/^note: times and slip are in UTC, for the stored secret printers\/kitchen[^\n]+\n$/);
  // What needs the secrets says so as before.
  expect(await relay(["printers", "list"])).toMatchObject({ code: 1, out: "" });
});

describe("prune", () => {
  test("a dry run counts, a run takes them, and a second finds nothing", async () => {
    await fill(40, 150);
    await fill(10, 5);
    expect((await relay(["prune", "--dry-run"])).out).toBe(
      "would prune 150 bodies, 0 attempts, 0 confirmations, 0 tickets, 0 alerts\n",
    );
    const { code, out, err } = await relay(["prune"]);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^pruned 150 bodies, .*\nin \d+ batches and \d+ ms; /);
    const { out: json } = await relay(["prune", "--bodies-after", "9", "--json"]);
    expect(JSON.parse(json)).toMatchObject({ dry_run: false, finished: true, bodies: 5, tickets: 0 });
  });

  test("says on a terminal how far it is", async () => {
    await fill(40, 1200);
    const { err } = await relay(["prune"], true);
    expect(err).toContain(`\r\u001b[K[${"#".repeat(30)}]  100 %  1,200 rows pruned`);
    expect(err.endsWith("\r\u001b[K")).toBe(true);
  });

  test("days are whole numbers", async () => {
    const { code, err } = await relay(["prune", "--bodies-after", "-1"]);
    expect(code).toBe(2);
    expect(err).toContain("Give a whole number from 0 to 36500; see: ");
  });
});

describe("backup", () => {
  test("prints what it made, and where the key is not", async () => {
    await fill(1, 3);
    const to = join(folder, "copy.db");
    const { code, out, err } = await relay(["backup", to]);
    expect(code).toBe(0);
    expect(out).toMatch(/copy\.db: 3 webhooks, 0 deliveries\n\d+ bytes in \d+ ms, checked\n$/);
    expect(err).toContain("(RELAY_ENCRYPTION_KEY) is not in it");
    const again = await relay(["backup", to]);
    expect(again).toMatchObject({ code: 1, out: "" });
    expect(again.err).toMatch(
      /^relay: .*copy\.db is there already: name another file, or move that one away first\n$/,
    );
    const { out: json } = await relay(["backup", join(folder, "second.db"), "--json"]);
    expect(JSON.parse(json)).toMatchObject({ webhooks: 3, deliveries: 0 });
  });

  test("bug: without a name it told of a rename, and of a space it left a file behind", async () => {
    await fill(1, 1);
    for (const file of ["", " "]) {
      const { code, err } = await relay(["backup", file]);
      expect([code, err]).toEqual([
        2,
        "relay: name the file that the copy goes into; see: relay backup --help\n",
      ]);
    }
    expect((await relay(["backup", join(folder, " a.db")])).code).toBe(0);
    expect(readdirSync(folder).filter((name) => !name.startsWith("relay.db"))).toEqual([" a.db"]);
  });

  test("no ledger is none, and stays none", async () => {
    const { code, err } = await relay(["backup", join(folder, "copy.db")]);
    expect(code).toBe(1);
    expect(err).toContain("there is no ledger at");
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("apply", () => {
  test("bug: --prune deleted a printer for which slips waited, and said nothing of them", async () => {
    const kit = await openKit(readConfig(env));
    const printers = ["bar", "kitchen"].map((name) => printerSchema.parse({ name, api_key: "key" }));
    await kit.ledger.apply({ printers, stores: [] }, { prune: false, now: 1 });
    await kit.ledger.enqueue(anEntry(1));
    await kit.close();
    const file = join(folder, "stores.yaml");
    writeFileSync(file, "printers: [{ name: bar, api_key: key }]");
    const { code, out, err } = await relay(["apply", file, "--prune"]);
    expect([code, out]).toEqual([0, "deleted    printer kitchen\nunchanged  printer bar\n"]);
    expect(err).toBe(
      "warning: 1 slip waits for printer kitchen and cannot be printed until it is applied again: tell the kitchen by hand; see them with: relay deliveries list --printer kitchen\n",
    );
    const { out: shown } = await relay(["deliveries", "show", idOf("DLVR", 1)]);
    expect(shown).toMatch(
      /^answer {5}Not sent yet\. Printer kitchen is not set up any more: nothing can be sent/,
    );
  });

  test("regression: where the key was lost, storing all anew was advised and then refused", async () => {
    const file = join(folder, "stores.yaml");
    const settings = {
      printers: [{ name: "kitchen", api_key: "key" }],
      stores: [{ name: "noodle-bar", platform: "shopline", printer: "kitchen", secrets: ["secret"] }],
    };
    writeFileSync(file, JSON.stringify(settings));
    expect((await relay(["apply", file])).code).toBe(0);
    env.RELAY_ENCRYPTION_KEY = "cd".repeat(32);
    const lost = await relay(["stores", "list"]);
    expect(lost.code).toBe(1);
    expect(lost.err).toContain('run "relay apply"');
    expect(await relay(["apply", file])).toMatchObject({ code: 0, err: "" });
    expect((await relay(["stores", "list"])).out).toContain("noodle-bar");
  });
});
