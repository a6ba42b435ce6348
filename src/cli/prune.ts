import type { Command } from "commander";
import {
  ATTEMPTS_KEPT_DAYS,
  BODIES_KEPT_DAYS,
  keptSince,
  pruneInBatches,
  type PruneRun,
} from "../core/retention.ts";
import { CommandFailed, say, sayJson, type Cli } from "./cli.ts";
import { withKit } from "./kit.ts";
import { integer } from "./options.ts";

const DAYS_MAX = 36_500;
/** Batches between two lines of progress. */
const TOLD_EVERY = 10;
/** Back to the line's begin, and clear it. */
const SAME_LINE = "\r\u001b[K";

interface Options {
  bodiesAfter: number;
  attemptsAfter: number;
  dryRun?: true;
  json?: true;
}

export function addPrune(program: Command, cli: Cli): void {
  const days = integer(0, DAYS_MAX);
  program
    .command("prune")
    .description(
      "takes old bodies and attempts out of the ledger, as the service does daily; deliveries stay",
    )
    .option("--bodies-after <days>", "webhooks' bodies older than this", days, BODIES_KEPT_DAYS)
    .option(
      "--attempts-after <days>",
      "attempts, confirmations, tickets, quarantined bodies and closed alerts older than this",
      days,
      ATTEMPTS_KEPT_DAYS,
    )
    .option("--dry-run", "only count them")
    .option("--json", "as JSON")
    .action((options: Options) => prune(cli, options));
}

async function prune(cli: Cli, { bodiesAfter, attemptsAfter, dryRun, json }: Options): Promise<void> {
  const kept = keptSince(cli.clock.now(), bodiesAfter, attemptsAfter);
  const run = await withKit(cli, (kit) =>
    pruneInBatches(
      (query) => kit.ledger.prune(query),
      { ...kept, dry_run: dryRun === true },
      { clock: cli.clock, onBatch: (soFar) => progress(cli, soFar) },
    ),
  );
  if (cli.stderr.isTTY === true) cli.stderr.write(SAME_LINE);
  const { done, ...told } = run;
  if (json) sayJson(cli, { dry_run: dryRun === true, finished: done, ...told });
  else {
    say(cli, `${dryRun ? "would prune" : "pruned"} ${countsOf(run)}`);
    if (!dryRun)
      say(cli, `in ${run.batches} batches and ${run.duration_ms} ms; the file's free pages are used again`);
  }
  if (!done) {
    throw new CommandFailed(
      "the write-ahead log is large and a reader keeps it from being reset: end that reader (a backup, Litestream, " +
        "a shell), then prune again",
    );
  }
}

function progress(cli: Cli, run: Readonly<PruneRun>): void {
  if (cli.stderr.isTTY !== true || (run.batches + run.waits) % TOLD_EVERY !== 0) return;
  const waits = run.waits === 0 ? "" : `; waited ${run.waits} times for a reader`;
  cli.stderr.write(`${SAME_LINE}${countsOf(run)}${waits}`);
}

function countsOf({ bodies, attempts, confirmations, tickets, alerts }: Readonly<PruneRun>): string {
  return `${bodies} bodies, ${attempts} attempts, ${confirmations} confirmations, ${tickets} tickets, ${alerts} alerts`;
}
