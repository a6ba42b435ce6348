import type { Command } from "commander";
import {
  ATTEMPTS_KEPT_DAYS,
  BODIES_KEPT_DAYS,
  keptSince,
  pruneInBatches,
  type PrunedBatch,
  type PruneQuery,
  type PruneRun,
} from "../core/retention.ts";
import { count } from "./bulk.ts";
import { CommandFailed, say, sayJson, type Cli } from "./cli.ts";
import { UNREAD, withKit } from "./kit.ts";
import { createProgress } from "./progress.ts";
import { stopSignal } from "./stopping.ts";
import { integer } from "./options.ts";

const DAYS_MAX = 36_500;

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
  const stop = { asked: false };
  const run = await withKit(
    cli,
    async (kit) => {
      const batch = (query: PruneQuery): Promise<PrunedBatch> => kit.ledger.prune(query);
      const kept = keptSince(kit.now(), bodiesAfter, attemptsAfter);
      const counts = { ...kept, dry_run: true };
      if (dryRun === true) return pruneInBatches(batch, counts, { clock: cli.clock });
      void stopSignal(cli).then(() => (stop.asked = true));
      const isStopped = (): boolean => stop.asked;
      // How much there is to do, for the bar alone.
      const all =
        cli.stderr.isTTY === true ? await pruneInBatches(batch, counts, { clock: cli.clock }) : null;
      const progress = createProgress(cli, all === null ? 0 : rowsOf(all));
      const onBatch = (soFar: Readonly<PruneRun>): void => progress.show(rowsOf(soFar), wordsOf(soFar));
      const ran = await pruneInBatches(batch, kept, { clock: cli.clock, onBatch, stopped: isStopped });
      progress.clear();
      return ran;
    },
    UNREAD,
  );
  const { done, ...told } = run;
  if (json) sayJson(cli, { dry_run: dryRun === true, finished: done, ...told });
  else {
    say(cli, `${dryRun ? "would prune" : "pruned"} ${countsOf(run)}`);
    if (!dryRun)
      say(cli, `in ${run.batches} batches and ${run.duration_ms} ms; the room they took is used again`);
  }
  if (!done && stop.asked) throw new CommandFailed("stopped: what is left goes with the next prune");
  if (!done) {
    throw new CommandFailed(
      "the write-ahead log is large and a reader keeps it from being reset: end that reader (a backup, Litestream, " +
        "a shell), then prune again",
    );
  }
}

function rowsOf({ bodies, attempts, confirmations, tickets }: Readonly<PruneRun>): number {
  return bodies + attempts + confirmations + tickets;
}

function wordsOf(run: Readonly<PruneRun>): string {
  return `${count(rowsOf(run))} rows pruned${run.waits === 0 ? "" : `, waited ${run.waits} times for a reader`}`;
}

function countsOf({ bodies, attempts, confirmations, tickets, alerts }: Readonly<PruneRun>): string {
  return `${bodies} bodies, ${attempts} attempts, ${confirmations} confirmations, ${tickets} tickets, ${alerts} alerts`;
}
