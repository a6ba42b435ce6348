import type { Bench, Figure, RowSpec, Sample, Target } from "../figure.ts";
import { startFleet } from "../subjects/fleet.ts";
import { startPgBosses } from "../subjects/pgboss.ts";
import { hasPostgres } from "../subjects/postgres.ts";
import { drainBacklog, rateOf } from "./drain.ts";

export const RELAYS = 2;
/** What the issue about several relays asks of two, on an empty ledger and on a filled one. */
export const ASKED = { acks_per_s: 1500, p99_ms: 60, delivered_per_s: 1000 } as const;
export const MISSING = "no PostgreSQL here";

interface Uses {
  /** Processor time so far. */
  cpuMs(): number;
}

/** Several relays on one PostgreSQL, and the same job by Express and pg-boss, right beside them. */
export const postgres: Figure = {
  name: "postgres",
  async measure(bench) {
    if (!hasPostgres) return {};
    return {
      ...(await acksOf(bench, "one", 1)),
      ...(await acksOf(bench, "two", RELAYS)),
      ...(await drainOf(bench)),
      ...(await ofPgBoss(bench)),
    };
  },
  rows: ({ orders }) => rowsOf(orders),
};

async function acksOf(bench: Bench, name: string, size: number): Promise<Sample> {
  const server = await bench.postgres();
  await bench.cloud.away();
  const database = await server.create();
  const fleet = await startFleet(bench, database, size);
  const sample = await acks(bench, fleet.relays, fleet);
  await fleet.stop();
  await server.drop(database);
  return named(name, sample);
}

async function drainOf(bench: Bench): Promise<Sample> {
  const server = await bench.postgres();
  const database = await server.create();
  const fleet = await startFleet(bench, database, RELAYS);
  let used = processorTime(fleet, server);
  const { per_s, count } = await drainBacklog(bench, fleet.relays, 0, () => {
    used = processorTime(fleet, server);
  });
  const sample = { per_s, ...used(count.orders) };
  await fleet.stop();
  await server.drop(database);
  return named("drain", sample);
}

/** As many processes as relays. */
async function ofPgBoss(bench: Bench): Promise<Sample> {
  const { cloud, folder, extent } = bench;
  const server = await bench.postgres();
  await cloud.back();
  const acked = await server.create();
  const acking = await startPgBosses(folder, cloud.url, acked, RELAYS);
  const sample = await acks(bench, acking.receivers, acking);
  await acking.stop();
  await server.drop(acked);

  const drained = await server.create();
  const draining = await startPgBosses(folder, cloud.url, drained, RELAYS);
  const { orders } = await bench.load(draining.receivers, { kind: "count", orders: extent.orders });
  const used = processorTime(draining, server);
  draining.startDelivering();
  const count = await cloud.took(orders);
  const drain = { per_s: rateOf(count), ...used(count.orders) };
  await draining.stop();
  await server.drop(drained);
  return { ...named("boss", sample), ...named("boss_drain", drain) };
}

/** Nothing is delivered meanwhile. Processor time with the warm-up's. */
async function acks(bench: Bench, target: Target, taker: Uses): Promise<Sample> {
  const used = processorTime(taker, await bench.postgres());
  const { per_second, p50_ms, p99_ms, orders } = await bench.closedLoop(target);
  return { acks: per_second, p50: p50_ms, p99: p99_ms, ...used(orders) };
}

/** @returns what tells how much each took since, for one of so many orders */
function processorTime(taker: Uses, server: Uses): (orders: number) => { cpu: number; server_cpu: number } {
  const before = { taker: taker.cpuMs(), server: server.cpuMs() };
  return (orders) => ({
    cpu: (taker.cpuMs() - before.taker) / orders,
    server_cpu: (server.cpuMs() - before.server) / orders,
  });
}

function named(prefix: string, sample: Sample): Sample {
  return Object.fromEntries(Object.entries(sample).map(([name, value]) => [`${prefix}_${name}`, value]));
}

function rowsOf(orders: number): RowSpec[] {
  const name = "Express + pg-boss, two";
  const beside = (what: string, unit: RowSpec["unit"], measured: string, base: string): RowSpec => ({
    ...{ what, unit, measured },
    baseline: { name, measured: base },
  });
  const two = (what: string, unit: RowSpec["unit"], measured: string): RowSpec =>
    beside(what, unit, `two_${measured}`, `boss_${measured}`);
  const drain = (what: string, unit: RowSpec["unit"], measured: string): RowSpec =>
    beside(what, unit, `drain_${measured}`, `boss_drain_${measured}`);
  const more = { ratio_at_least: 1 };
  const rows: RowSpec[] = [
    {
      ...two("durable acks by two relays on PostgreSQL, cloud away", "/s", "acks"),
      ...{ at_least: ASKED.acks_per_s, ...more },
    },
    two("  p50", "ms", "p50"),
    { ...two("  p99", "ms", "p99"), at_most: ASKED.p99_ms },
    two("  processor time of the relays for one", "ms", "cpu"),
    two("  processor time of the server for one", "ms", "server_cpu"),
    { what: "  the same by one relay", unit: "/s", measured: "one_acks" },
    { what: "  its p99", unit: "ms", measured: "one_p99" },
    { what: "  processor time of the relay for one", unit: "ms", measured: "one_cpu" },
    { what: "  processor time of the server for one", unit: "ms", measured: "one_server_cpu" },
    {
      ...drain(`backlog of ${orders} delivered by two relays on PostgreSQL`, "/s", "per_s"),
      ...{ at_least: ASKED.delivered_per_s, ...more },
    },
    drain("  processor time of the relays for one", "ms", "cpu"),
    drain("  processor time of the server for one", "ms", "server_cpu"),
  ];
  return rows.map((row) => ({ ...row, missing: MISSING }));
}
