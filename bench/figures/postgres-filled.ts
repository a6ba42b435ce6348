import type { PruneRun } from "../../src/core/retention.ts";
import type { Bench, Figure, RowSpec, Sample } from "../figure.ts";
import { startFleet } from "../subjects/fleet.ts";
import { hasPostgres } from "../subjects/postgres.ts";
import { runCommand } from "../subjects/relay.ts";
import { drainBacklog } from "./drain.ts";
import { ASKED, MISSING, RELAYS } from "./postgres.ts";
import { daysOf, prunedRows } from "./prune.ts";

/** Of webhooks, some 100,000 rows. */
const PRUNED_WEBHOOKS_MAX = 25_000;
const PRUNE_S_MAX = 600;

/** What a long life costs on PostgreSQL: two relays on an empty ledger, and on one with many settled rows. */
export const postgresFilled: Figure = {
  name: "postgres-filled",
  async measure(bench) {
    if (!hasPostgres) return {};
    const server = await bench.postgres();
    const empty = await server.create();
    const { acks: empty_acks, drain: empty_drain } = await ofLedger(bench, empty);
    await server.drop(empty);
    const full = await server.copy(await bench.filledDatabase());
    const sample = { ...(await ofLedger(bench, full)), ...(await pruneOf(bench, full)) };
    await server.drop(full);
    return { ...sample, empty_acks, empty_drain };
  },
  rows: ({ rows, orders }) => rowsOf(orders, `with ${rows.toLocaleString("en")} settled rows`),
};

async function ofLedger(
  bench: Bench,
  database: string,
): Promise<{ acks: number; p99: number; drain: number }> {
  const fleet = await startFleet(bench, database, RELAYS);
  const { per_s: drain } = await drainBacklog(bench, fleet.relays, 0);
  await bench.cloud.away();
  const { per_second: acks, p99_ms: p99 } = await bench.closedLoop(fleet.relays);
  await fleet.stop();
  return { acks, p99, drain };
}

/** Nothing else is done meanwhile. The pauses between its batches count. */
async function pruneOf(bench: Bench, database: string): Promise<Sample> {
  const home = await bench.home({ database });
  const days = daysOf(bench.extent.rows, PRUNED_WEBHOOKS_MAX);
  const told = await runCommand(home, ["prune", "--json", ...days], PRUNE_S_MAX * 1000);
  const run = JSON.parse(told) as PruneRun;
  const pruned = prunedRows(run);
  return { pruned, pruned_per_s: pruned / (run.duration_ms / 1000) };
}

function rowsOf(orders: number, settled: string): RowSpec[] {
  const rows: RowSpec[] = [
    {
      what: `durable acks by two relays on PostgreSQL, ${settled}`,
      unit: "/s",
      measured: "acks",
      at_least: ASKED.acks_per_s,
      baseline: { name: "empty ledger", measured: "empty_acks" },
    },
    { what: "  p99", unit: "ms", measured: "p99", at_most: ASKED.p99_ms },
    {
      what: `backlog of ${orders} drained by two relays on PostgreSQL, ${settled}`,
      unit: "/s",
      measured: "drain",
      at_least: ASKED.delivered_per_s,
      baseline: { name: "empty ledger", measured: "empty_drain" },
    },
    { what: "rows that `relay prune` takes out of it, alone", unit: "/s", measured: "pruned_per_s" },
    { what: "  of so many", unit: "", measured: "pruned" },
  ];
  return rows.map((row) => ({ ...row, missing: MISSING }));
}
