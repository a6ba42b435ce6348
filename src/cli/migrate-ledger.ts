import { existsSync } from "node:fs";
import type { Command } from "commander";
import { readConfig, type Config } from "../config.ts";
import { databaseProblem, ledgerPlace, type LedgerPlace } from "../core/ledger-place.ts";
import { SECOND_MS } from "../core/time.ts";
import type { MoveProgress, MoveReport } from "../ledger/move/move.ts";
import { count } from "./bulk.ts";
import { CommandFailed, note, say, sayJson, WrongUsage, type Cli } from "./cli.ts";
import { createProgress, type Progress } from "./progress.ts";
import { stopSignal } from "./stopping.ts";
import { sayTable } from "./table.ts";

interface Options {
  keep?: true;
  json?: true;
}

/** Of a sum, for a person: nobody compares more of it by eye. */
const SUM_CHARS = 16;

export function addMigrateLedger(program: Command, cli: Cli): void {
  program
    .command("migrate-ledger <from> <to>")
    .description(
      "moves a whole ledger from SQLite into PostgreSQL, or back, and compares both; no relay may run on either. Each " +
        "is a path, sqlite:<path> or postgres://user@host:port/database; PGPASSWORD may have the password",
    )
    // Checked here: commander would repeat in its errors what was typed, and a password with it.
    .allowExcessArguments()
    .allowUnknownOption()
    .option("--keep", "the ledger it comes from can be used as before, beside the other")
    .option("--json", "as JSON")
    .action((from: string, to: string, options: Options, { args }: Command) => {
      if (args.length > 2 || args.some((word) => word.startsWith("-")))
        throw new WrongUsage(
          "give two ledgers, from where and to where, and no other option than --keep and --json",
        );
      return migrateLedger(cli, placeOf("<from>", from), placeOf("<to>", to), options);
    });
}

/** What is given may have a password in it: it is not repeated. */
function placeOf(argument: string, text: string): LedgerPlace {
  const database = text.replace(/^sqlite:(\/\/)?/, "");
  const problem = database === "" ? "must not be empty" : databaseProblem(database);
  if (problem !== null) throw new WrongUsage(`${argument} ${problem}`);
  return ledgerPlace(database);
}

async function migrateLedger(cli: Cli, from: LedgerPlace, to: LedgerPlace, options: Options): Promise<void> {
  if (from.kind === to.kind) {
    throw new WrongUsage(
      from.kind === "sqlite"
        ? "both are SQLite: copy a ledger by relay backup"
        : "both are PostgreSQL: copy a ledger by pg_dump and pg_restore",
    );
  }
  const { values } = readConfig(cli.env);
  const startedAt = cli.clock.now();
  const report = await move(cli, from, to, options.keep === true);
  const told = { ...report, rows: rowsOf(report), duration_ms: cli.clock.now() - startedAt };
  if (options.json) sayJson(cli, told);
  else if (report.finished) sayReport(cli, told);
  if (!report.finished) {
    throw new CommandFailed("stopped: run the same command again, and it goes on where it was");
  }
  tellWhatNext(cli, { from, to, keep: options.keep === true, report, values });
}

/** The first Ctrl-C ends it after the batch that runs. */
async function move(cli: Cli, from: LedgerPlace, to: LedgerPlace, keep: boolean): Promise<MoveReport> {
  const stop = { asked: false };
  void stopSignal(cli).then(() => (stop.asked = true));
  const shown = cli.stderr.isTTY === true ? createBars(cli) : createLines(cli);
  try {
    return await cli.moveLedger({
      ...{ from, to, keep, onProgress: shown.show },
      stopped: () => stop.asked,
    });
  } finally {
    shown.clear();
  }
}

interface Shown {
  show: (progress: MoveProgress) => void;
  clear: () => void;
}

/** One after the other: copying, then comparing. */
function createBars(cli: Cli): Shown {
  const bars = new Map<MoveProgress["step"], Progress>();
  return {
    show({ step, table, done, total }) {
      const bar = bars.get(step) ?? createProgress(cli, total);
      bars.set(step, bar);
      bar.show(done, `${count(done)} of ${count(total)} rows ${step}, ${table}`);
    },
    clear: () => [...bars.values()].at(-1)?.clear(),
  };
}

/** In a file or a log: a line for each table. */
function createLines(cli: Cli): Shown {
  return {
    show({ step, table, done, total, ended }) {
      if (ended) note(cli, `${step} ${table}: ${count(done)} of ${count(total)} rows`);
    },
    clear: () => undefined,
  };
}

function rowsOf({ tables }: MoveReport): number {
  return tables.reduce((sum, { rows }) => sum + rows, 0);
}

function sayReport(cli: Cli, report: MoveReport & { rows: number; duration_ms: number }): void {
  const { from, to, tables, rows, duration_ms, resumed } = report;
  sayTable(
    cli,
    [{ header: "table" }, { header: "rows" }, { header: "sha256 of both" }],
    tables.map((one) => [one.table, count(one.rows), one.sha256.slice(0, SUM_CHARS)]),
  );
  const how = resumed ? "went on with an earlier move; " : "";
  say(cli, `${how}moved ${count(rows)} rows in ${Math.ceil(duration_ms / SECOND_MS)} s: ${from} → ${to}`);
  say(cli, "compared after it: every table has the same rows and the same sum on both sides");
}

interface Moved {
  from: LedgerPlace;
  to: LedgerPlace;
  keep: boolean;
  report: MoveReport;
  values: Config["values"];
}

function tellWhatNext(cli: Cli, { from, to, keep, report, values }: Moved): void {
  if (report.replaced > 0) {
    note(
      cli,
      `note: ${count(report.replaced)} ${report.replaced === 1 ? "text" : "texts"} had the character U+0000, which ` +
        "PostgreSQL cannot hold: it is U+FFFD now",
    );
  }
  note(cli, `note: the secrets are sealed as they were: ${keyWords(from, to, values)}`);
  note(
    cli,
    keep
      ? `note: ${report.from} can still be used: never run a relay on both, for each would print`
      : `note: ${report.from} refuses to be used from now on; keep it until you trust the other, then delete it`,
  );
}

/** Where the key must be for the relay that uses the target. */
function keyWords(from: LedgerPlace, to: LedgerPlace, values: Config["values"]): string {
  const [file, there] = [`${from.keyPath}.key`, `${to.keyPath}.key`];
  const ways: string[] = [];
  if (values.RELAY_ENCRYPTION_KEY !== undefined) ways.push("give the relay the same RELAY_ENCRYPTION_KEY");
  if (existsSync(file) || ways.length === 0) {
    ways.push(
      to.kind === "sqlite"
        ? `copy the key file ${file} to ${there}`
        : `the first line of ${file} is every relay's RELAY_ENCRYPTION_KEY, further lines, with commas, its RELAY_ENCRYPTION_KEY_PREVIOUS`,
    );
  }
  return `${ways.join(", and ")}; then set RELAY_DATABASE to ${to.name}`;
}
