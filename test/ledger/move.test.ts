import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MoveProgress } from "../../src/ledger/move/move.ts";
import { TABLES } from "../../src/ledger/move/tables.ts";
import { POSTGRES } from "../fakes/postgres.ts";
import {
  dump,
  FEW,
  fill,
  move,
  onPlace,
  PRUNED,
  ROWS_OF,
  SOME_OF_ALL,
  sqlOn,
  step,
  type Step,
} from "./moving.ts";
import { moveStage } from "./move-stage.ts";

const CHILD = fileURLToPath(new URL("./children/move-on.ts", import.meta.url));

const stage = moveStage();
let made = 0;

type Tables = Awaited<ReturnType<typeof dump>>;

const newFile = (): string => stage.folder.file(`ledger-${++made}.db`);
/** A place of each kind: where it begins, and where it goes. */
const WAYS = [
  ["SQLite into PostgreSQL", newFile, () => stage.server.createDatabase()],
  ["PostgreSQL into SQLite", () => stage.server.createDatabase(), newFile],
] as const;

/** What PostgreSQL has no place for becomes what stands for a character that is unknown (U+FFFD). */
function withoutNul(tables: Tables): Tables {
  const known = (value: unknown): unknown =>
    typeof value === "string" ? value.split("\0").join("\ufffd") : value;
  return Object.fromEntries(
    Object.entries(tables).map(([table, rows]) => [
      table,
      rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, known(value)]))),
    ]),
  );
}

function nulsIn(tables: Tables): number {
  const values = Object.values(tables).flatMap((rows) => rows.flatMap((row) => Object.values(row)));
  return values.filter((value) => typeof value === "string" && value.includes("\0")).length;
}

/** Kept by triggers, or of the running services: each database makes its own. */
const NOT_MOVED = ["delivery_counts", "services", "outages", "schema_migrations"];

test("every table of both schemas is moved, or is known not to be", () => {
  for (const kind of ["sqlite", "postgres"]) {
    const at = new URL(`../../migrations/${kind}/`, import.meta.url);
    const sql = readdirSync(at).map((name) => readFileSync(new URL(name, at), "utf8"));
    const tables = [...sql.join("\n").matchAll(/^CREATE TABLE (\w+)/gm)].map(([, name]) => name ?? "");
    const left = tables.filter((name) => !NOT_MOVED.includes(name)).sort();
    expect(left).toEqual(TABLES.map(({ name }) => name).sort());
    expect(left).toEqual(Object.keys(ROWS_OF).sort());
  }
});

describe.skipIf(POSTGRES === null)("a ledger that is moved", () => {
  test.each(WAYS)("%s: something of every table", async (_, begin, end) => {
    const [from, to] = [await begin(), await end()];
    await onPlace(from, (ledger) => fill(ledger, SOME_OF_ALL));
    const before = await dump(from);
    expect(Object.entries(before).filter(([, rows]) => rows.length === 0)).toEqual([["meta", []]]);
    const report = await move(from, to);
    expect(report).toMatchObject({ resumed: false, finished: true });
    expect(report.tables.map(({ table, rows }) => [table, rows])).toEqual(
      Object.keys(ROWS_OF).map((table) => [table, before[table]?.length]),
    );
    expect(await dump(to)).toEqual(withoutNul(before));
  });

  test.each(WAYS)(
    "%s and back: whatever was written is there as it was",
    { timeout: 120_000 },
    async (_, begin, end) => {
      const property = fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 30 }), async (steps) => {
        const [from, to, back] = [await begin(), await end(), await begin()];
        await onPlace(from, (ledger) => fill(ledger, steps));
        const before = await dump(from);
        const there = await move(from, to);
        expect(await dump(to)).toEqual(withoutNul(before));
        expect(there.replaced).toBe(nulsIn(before));
        const again = await move(to, back);
        expect(await dump(back)).toEqual(withoutNul(before));
        expect(again.replaced).toBe(0);
        expect(again.tables).toEqual(there.tables);
        // It is a ledger like any other.
        await onPlace(back, (ledger) => fill(ledger, SOME_OF_ALL, steps.length));
      });
      await fc.assert(property, {
        numRuns: 10,
        plugins: [fc.interruptAfterTimeLimit(60_000)],
        examples: [[PRUNED], [[]]],
      });
    },
  );

  test.each(WAYS)(
    "%s: killed at any moment, the same move goes on",
    { timeout: 120_000 },
    async (_, begin, end) => {
      const [from, to] = [await begin(), await end()];
      await onPlace(from, (ledger) => fill(ledger, manyRows()));
      const before = await dump(from);
      let kills = 0;
      while (await killedAfter(from, to, 1 + kills * 11)) {
        kills++;
        // On a busy machine the kill comes late: all may be there by then, and only then it opens.
        const refusal = await onPlace(to, () => Promise.resolve()).catch((error: unknown) => error);
        if (refusal === undefined) break;
        expect(refusal).toMatchObject({ code: "ledger_unavailable" });
      }
      expect(kills).toBeGreaterThan(4);
      expect(await dump(to)).toEqual(withoutNul(before));
      await expect(onPlace(from, () => Promise.resolve())).rejects.toThrow(/was moved to/);
    },
  );

  test.each(WAYS)("%s: what was begun goes on, and copies nothing twice", async (_, begin, end) => {
    const [from, to] = [await begin(), await end()];
    await onPlace(from, (ledger) => fill(ledger, manyRows()));
    const before = await dump(from);
    let batches = 0;
    const stopped = await move(from, to, { stopped: () => ++batches > 9 });
    expect(stopped).toMatchObject({ finished: false, tables: [] });
    const first: MoveProgress[] = [];
    const report = await move(from, to, { onProgress: (progress) => void first.push(progress) });
    expect(report).toMatchObject({ finished: true, resumed: true });
    const total = Object.keys(ROWS_OF).reduce((sum, table) => sum + (before[table]?.length ?? 0), 0);
    expect(first[0]).toMatchObject({ step: "copied", total });
    expect(first[0]?.done).toBeGreaterThan(9);
    expect(first.filter(({ step: at }) => at === "copied").at(-1)?.done).toBe(total);
    expect(first.at(-1)).toMatchObject({ step: "compared", done: total, ended: true });
    expect(await dump(to)).toEqual(withoutNul(before));
  });

  test.each(WAYS)(
    "%s: killed between its last two commits, it is ended by the next",
    async (_, begin, end) => {
      const [from, to] = [await begin(), await end()];
      await onPlace(from, (ledger) => fill(ledger, SOME_OF_ALL));
      const { from: name } = await move(from, to);
      await sqlOn(
        to,
        `INSERT INTO meta (key, value) VALUES ('moving', '${JSON.stringify({ from: name, aside: [] })}')`,
      );
      expect(await move(from, to)).toMatchObject({ finished: true, resumed: true });
      await onPlace(to, (ledger) => ledger.ping(1));
    },
  );

  test.each(WAYS)("%s and back: no alert gets the number of one that is gone", async (_, begin, end) => {
    const [from, to, back] = [await begin(), await end(), await begin()];
    const alert: Step = { do: "alert", n: 1, words: "late" };
    await onPlace(from, (ledger) => fill(ledger, [alert, { ...alert, n: 2 }, { ...alert, n: 3 }]));
    const [highest] = await sqlOn(from, "SELECT max(seq) AS seq FROM alerts");
    await sqlOn(from, "DELETE FROM alerts");
    await move(from, to);
    await move(to, back);
    await onPlace(back, (ledger) => fill(ledger, [alert]));
    expect(await sqlOn(back, "SELECT seq FROM alerts")).toEqual([{ seq: Number(highest?.seq) + 1 }]);
  });

  test("the schema is as if nothing had been taken off for the move", async () => {
    const [from, to, plain] = [
      newFile(),
      await stage.server.createDatabase(),
      await stage.server.createDatabase(),
    ];
    await onPlace(from, (ledger) => fill(ledger, SOME_OF_ALL));
    await onPlace(plain, (ledger) => fill(ledger, []));
    await move(from, to);
    const schema = `
      SELECT conrelid::regclass::text AS of, pg_get_constraintdef(oid) AS is, convalidated FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace
      UNION ALL SELECT tablename, indexdef, true FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2`;
    expect((await sqlOn(plain, schema)).length).toBeGreaterThan(60);
    expect(await sqlOn(to, schema)).toEqual(await sqlOn(plain, schema));
  });

  test.each(WAYS)("%s: a batch is bounded in bytes too", async (_, begin, end) => {
    const [from, to] = [await begin(), await end()];
    const large = Array.from({ length: 6 }, (__, n): Step => ({
      do: "enqueue",
      order: n,
      words: "",
      bytes: 9,
    }));
    await onPlace(from, (ledger) => fill(ledger, large));
    const copied: number[] = [];
    await move(from, to, {
      most: { rows: 1000, bytes: 1 },
      onProgress: ({ step: at, table, done, ended }) => {
        if (at === "copied" && table === "tickets" && !ended) copied.push(done);
      },
    });
    expect(copied.map((done) => done - (copied[0] ?? 0))).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

/** More than one batch of most tables. */
function manyRows(): Step[] {
  return Array.from({ length: FEW.rows * 4 }, (_, n) =>
    SOME_OF_ALL.map((one) => ({ ...one, n, order: n })),
  ).flat();
}

/** @returns false when it was not killed, for it had ended */
async function killedAfter(from: string, to: string, lines: number): Promise<boolean> {
  const child = spawn(process.execPath, [CHILD, from, to], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString().split("\n").length - 1;
    if (printed >= lines) child.kill("SIGKILL");
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (signal === null) expect(code).toBe(0);
  return signal === "SIGKILL";
}
