import { existsSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import type { Cli } from "../../src/cli/cli.ts";
import { run } from "../../src/cli/run.ts";
import { ledgerPlace } from "../../src/core/ledger-place.ts";
import { moveLedger } from "../../src/ledger/move/move.ts";
import { POSTGRES } from "../fakes/postgres.ts";
import { dump, fill, onPlace, SOME_OF_ALL } from "../ledger/moving.ts";
import { moveStage } from "../ledger/move-stage.ts";
import { fakeCli } from "./fake-cli.ts";

const KEY = { RELAY_ENCRYPTION_KEY: "ab".repeat(32) };

const stage = moveStage();
let made = 0;

interface Told {
  env?: Record<string, string>;
  terminal?: boolean;
  moved?: Cli["moveLedger"];
}

async function relay(argv: string[], { env = KEY, terminal = false, moved = moveLedger }: Told = {}) {
  const fake = fakeCli({ env });
  if (terminal) Object.assign(fake.cli.stderr, { isTTY: true, columns: 100 });
  const code = await run(["migrate-ledger", ...argv], { ...fake.cli, moveLedger: moved });
  return { code, out: fake.out(), err: fake.err() };
}

describe("what is not understood", () => {
  test.each([
    [["a.db"], "missing required argument 'to'"],
    [["a.db", "b.db"], "both are SQLite: copy a ledger by relay backup"],
    [["sqlite:a.db", "b.db"], "both are SQLite: copy a ledger by relay backup"],
    [
      ["postgres://a@h/a", "postgresql://b:geheim@h/b"],
      "both are PostgreSQL: copy a ledger by pg_dump and pg_restore",
    ],
    [["a.db", "mysql://a:geheim@h/a"], "<to> must be the path of a SQLite file, or postgres://"],
    [["sqlite:", "postgres://a:geheim@h/a"], "<from> must not be empty"],
    [["postgres://a:geheim@h", "a.db"], "<from> must name the database"],
    [["a.db", "postgres://a:geheim@h/a", "more"], "give two ledgers, from where and to where"],
    [["a.db", "--to=postgres://a:geheim@h/a"], "give two ledgers, from where and to where"],
    [["a.db", "postgres://a:geheim@h/a", "--force"], "give two ledgers, from where and to where"],
  ])("%j: wrong usage, and no password in the answer", async (argv, why) => {
    const { code, out, err } = await relay(argv, { moved: () => Promise.reject(new Error("moved")) });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(why);
    expect(err).toMatch(/^relay: [^\n]*; see: relay migrate-ledger --help\n$/);
    expect(err).not.toContain("geheim");
  });
});

describe.skipIf(POSTGRES === null)("a move", () => {
  let file: string;
  let url: string;
  let name: string;
  /** Of all tables together. */
  let rows: number;
  beforeEach(async () => {
    file = stage.folder.file(`ledger-${++made}.db`);
    url = (await stage.server.createDatabase()).replace("relay@", "relay:geheim@");
    name = ledgerPlace(url).name;
    await onPlace(file, (ledger) => fill(ledger, SOME_OF_ALL));
    const { counts, ...tables } = await dump(file);
    expect(counts).toHaveLength(3);
    rows = Object.values(tables).flat().length;
  });

  test("says what was compared, where the key must be, and what is left", async () => {
    const { code, out, err } = await relay([`sqlite:${file}`, url]);
    expect(code).toBe(0);
    expect(out).toMatch(/^table +rows +sha256 of both\n/);
    expect(out).toMatch(/\ndeliveries +3 +[0-9a-f]{16}\n/);
    expect(out).toContain(`\nmoved ${rows} rows in 0 s: ${file} → ${name}\n`);
    expect(out.endsWith("every table has the same rows and the same sum on both sides\n")).toBe(true);
    expect(err).toContain(`copied deliveries: 6 of ${rows} rows\n`);
    expect(err).toContain(`compared ended_sessions: ${rows} of ${rows} rows\n`);
    expect(err).toMatch(
      /note: \d+ texts had the character U\+0000, which PostgreSQL cannot hold: it is U\+FFFD now\n/,
    );
    expect(err).toContain(
      `note: the secrets are sealed as they were: give the relay the same RELAY_ENCRYPTION_KEY; then set RELAY_DATABASE to ${name}\n`,
    );
    expect(
      err.endsWith(
        `note: ${file} refuses to be used from now on; keep it until you trust the other, then delete it\n`,
      ),
    ).toBe(true);
    expect(out + err).not.toContain("geheim");
  });

  test("back, as JSON: the figures alone on standard output", async () => {
    await relay([file, url]);
    const to = stage.folder.file(`ledger-${++made}.db`);
    const { code, out, err } = await relay([url, to, "--json", "--keep"], { env: {} });
    expect(code).toBe(0);
    const told = JSON.parse(out) as { tables: { table: string }[] };
    expect(told).toMatchObject({ from: name, to, resumed: false, finished: true, replaced: 0, rows });
    expect(told.tables.find(({ table }) => table === "deliveries")).toMatchObject({
      rows: 3,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(err).toContain(
      `copy the key file data/relay.key to ${to}.key; then set RELAY_DATABASE to ${to}\n`,
    );
    expect(err).toContain(
      `note: ${name} can still be used: never run a relay on both, for each would print\n`,
    );
    expect(existsSync(to)).toBe(true);
  });

  test("a key file was to be copied for relays on PostgreSQL, where each would have its own", async () => {
    const { err } = await relay([file, url], { env: {} });
    expect(err).not.toContain("copy the key file");
    expect(err).toContain(
      `note: the secrets are sealed as they were: the first line of ${file}.key is every relay's RELAY_ENCRYPTION_KEY, ` +
        "further lines, with commas, its RELAY_ENCRYPTION_KEY_PREVIOUS; then set RELAY_DATABASE",
    );
  });

  test("shows a bar on a terminal, and no lines", async () => {
    const { err } = await relay([file, url], { terminal: true });
    const bar = "#".repeat(30);
    expect(err).toContain(`\r\u001b[K[${bar}]  100 %  ${rows} of ${rows} rows copied, ended_sessions`);
    expect(err).toContain(
      `\r\u001b[K[${bar}]  100 %  ${rows} of ${rows} rows compared, ended_sessions\r\u001b[Knote: `,
    );
    expect(err).not.toContain("copied deliveries:");
  });

  test("that Ctrl-C has stopped goes on with the same command", async () => {
    const fake = fakeCli({ env: KEY });
    const stopping: Cli["moveLedger"] = (options) =>
      moveLedger({
        ...options,
        onProgress: ({ table }) => {
          if (table === "deliveries") fake.signal();
        },
      });
    const code = await run(["migrate-ledger", file, url, "--json"], { ...fake.cli, moveLedger: stopping });
    expect(code).toBe(1);
    expect(JSON.parse(fake.out())).toMatchObject({ finished: false, tables: [], rows: 0 });
    expect(fake.err()).toBe("relay: stopped: run the same command again, and it goes on where it was\n");
    const { code: then, out } = await relay([file, url]);
    expect(then).toBe(0);
    expect(out).toContain(`\nwent on with an earlier move; moved ${rows} rows`);
  });

  test("that is refused says why in one line", async () => {
    const { code, out, err } = await relay([stage.folder.file("none.db"), url]);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/^relay: there is no ledger at .*none\.db: check the path\n$/);
  });
});
