import { BODIES_KEPT_DAYS, type PruneRun } from "../../src/core/retention.ts";
import { MEGABYTE, type Figure } from "../figure.ts";
import { SPREAD_DAYS } from "../filled/columns.ts";
import type { LoadMode } from "../load/plan.ts";
import { runCommand, startRelay, type Relay } from "../subjects/relay.ts";
import { PER_SECOND, LONGER, WARM_UP_S } from "./latency.ts";

/** Bodies, and as many webhooks' attempts, confirmations and tickets: about two minutes of pruning. */
const WEBHOOKS_MAX = 100_000;
/** Ends a prune that hangs. The service's own daily run begins no sooner than ten minutes after its start. */
const PRUNE_S_MAX = 300;
const LOOK_EVERY_MS = 20;

/** What a shop's webhook waits longer while old rows are taken out of the ledger. */
export const prune: Figure = {
  name: "prune",
  async measure(bench) {
    const { cloud, extent } = bench;
    const home = await bench.home({ ledger: await bench.filled() });
    await cloud.back();
    const relay = await startRelay(home);
    const atRate = (seconds: number): LoadMode => ({ kind: "rate", per_second: PER_SECOND, seconds });
    await bench.load(relay, atRate(WARM_UP_S));
    const without = await bench.load(relay, atRate(extent.seconds * LONGER));

    const run = runCommand(
      home,
      ["prune", "--json", ...daysOf(extent.rows, WEBHOOKS_MAX)],
      PRUNE_S_MAX * 1000,
    );
    const [told, during, wal] = await Promise.all([
      run,
      bench.load(relay, atRate(PRUNE_S_MAX), 0, run),
      largestWal(relay, run),
    ]);
    await relay.stop();
    const pruned = JSON.parse(told) as PruneRun;
    return {
      max: during.max_ms,
      p99: during.p99_ms,
      without_max: without.max_ms,
      without_p99: without.p99_ms,
      more: during.max_ms - without.max_ms,
      wal,
      rows: prunedRows(pruned),
      took: pruned.duration_ms,
    };
  },
  rows: () => [
    ...[
      { what: `webhook's answer while \`relay prune\` runs, ${PER_SECOND}/s, longest`, measured: "max" },
      { what: "  p99", measured: "p99" },
    ].map((row) => ({
      ...row,
      unit: "ms" as const,
      baseline: { name: "without", measured: `without_${row.measured}` },
    })),
    { what: "  difference of the longest", unit: "ms", measured: "more", at_most: 50 },
    { what: "  write-ahead log meanwhile, largest", unit: "MB", measured: "wal", at_most: 64 },
    { what: "  rows pruned", unit: "", measured: "rows", at_least: 1 },
    { what: "  in", unit: "ms", measured: "took" },
  ],
};

/**
 * The usual 90 days for attempts would find none: nothing in the filled ledger is older. And of a large one only
 * the oldest part goes, so that a prune always comes to its end.
 * @param rows in the filled ledger @param webhooksMax of which so many may lose all that they can
 */
export function daysOf(rows: number, webhooksMax: number): string[] {
  const days = Math.max(BODIES_KEPT_DAYS, Math.floor(SPREAD_DAYS * (1 - webhooksMax / rows)));
  return ["--bodies-after", String(days), "--attempts-after", String(days)];
}

/** @throws when there were none: then nothing was measured */
export function prunedRows({ bodies, attempts, confirmations, tickets }: PruneRun): number {
  const rows = bodies + attempts + confirmations + tickets;
  if (rows === 0) throw new Error("relay prune took nothing out of the filled ledger");
  return rows;
}

/** @returns in MB, looked at until `ended` is settled */
async function largestWal(relay: Relay, ended: Promise<unknown>): Promise<number> {
  let largest = 0;
  const looking = setInterval(() => (largest = Math.max(largest, relay.bytes().wal)), LOOK_EVERY_MS);
  await ended.finally(() => clearInterval(looking));
  return largest / MEGABYTE;
}
