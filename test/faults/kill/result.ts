import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import sqlitePackage from "better-sqlite3/package.json" with { type: "json" };
import { sumOf, type Outcome, type Tally } from "./tally.ts";

const RESULTS = fileURLToPath(new URL("../results/", import.meta.url));
const COLUMNS = ["kills", "missed", "answered", "slips", "marked"] as const;
const NAME_CHARS = 44;
const COLUMN_CHARS = 10;

/**
 * The result that is committed: what was run, on what, and what came of it, good or bad.
 */
export function writeResult(
  outcome: Outcome,
  tookMs: number,
  { file = "kill.txt", database = sqliteVersions() } = {},
): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, file), resultOf(outcome, tookMs, database));
}

function resultOf(outcome: Outcome, tookMs: number, database: string): string {
  const { seed, cycles, points, settling, redriven, put_off, broken } = outcome;
  const tallies = [...points].sort(([a], [b]) => a.localeCompare(b));
  const total = sumOf([...points.values(), settling]);
  return [
    `FAULTS_CYCLES=${cycles} FAULTS_SEED=${seed} npm run test:faults`,
    `date      ${new Date().toISOString()}, took ${Math.round(tookMs / 1000)} s`,
    `seed      ${seed}`,
    `cycles    ${cycles}`,
    `versions  node ${process.versions.node}, ${database}`,
    `machine   ${availableParallelism()} cores, ${process.platform} ${process.arch}`,
    "",
    "answered: webhooks answered 200; slips: printed at the cloud; marked: of these with MAY BE A REPEAT;",
    "missed: the life was over before its point came, and was ended by a plain kill.",
    "kill -9 ends the process, not the machine: what a loss of power would take is not tried here.",
    "",
    row("killed", COLUMNS),
    ...tallies.map(([name, tally]) => row(name, cellsOf(tally))),
    row("not killed: the last life, until all settled", cellsOf(settling)),
    row("all", cellsOf(total)),
    "",
    `answered 503 and sent again by the store: ${put_off}`,
    `lost so often that an operator sent it again: ${redriven}`,
    `broken promises: ${broken.length === 0 ? "none" : ""}`,
    ...broken,
    "",
  ].join("\n");
}

function row(name: string, cells: readonly (number | string)[]): string {
  return name.padEnd(NAME_CHARS) + cells.map((cell) => String(cell).padStart(COLUMN_CHARS)).join("");
}

function cellsOf(tally: Tally): number[] {
  return COLUMNS.map((column) => tally[column]);
}

function sqliteVersions(): string {
  const db = new Database(":memory:");
  const version = db.prepare<[], string>("SELECT sqlite_version()").pluck().get() ?? "unknown";
  db.close();
  return `better-sqlite3 ${sqlitePackage.version}, SQLite ${version}`;
}
