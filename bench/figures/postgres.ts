import type { Bench, Figure, RowSpec, Sample, Target } from "../figure.ts";
import { startFleet } from "../subjects/fleet.ts";
import { startPgBosses } from "../subjects/pgboss.ts";
import { hasPostgres } from "../subjects/postgres.ts";
import { drainBacklog, rateOf } from "./drain.ts";

export const RELAYS = 2;
/** What the issue about several relays asks of two, on an empty ledger and on a filled one. */
export const ASKED = { acks_per_s: 1500, p99_ms: 60, delivered_per_s: 1000 } as const;
export const MISSING = "no PostgreSQL here";

/** Several relays on one PostgreSQL, and the same job by Express and pg-boss, right beside them. */
export const postgres: Figure = {
  name: "postgres",
  async measure(bench) {
    if (!hasPostgres) return {};
    return {
      ...(await acksOf(bench, "one", 1)),
      ...(await acksOf(bench, "two", RELAYS)),
      delivered: await deliveredBy(bench),
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
  const sample = await acks(bench, fleet.relays, () => fleet.cpuMs());
  await fleet.stop();
  await server.drop(database);
  return named(name, sample);
}

async function deliveredBy(bench: Bench): Promise<number> {
  const server = await bench.postgres();
  const database = await server.create();
  const fleet = await startFleet(bench, database, RELAYS);
  const { per_s } = await drainBacklog(bench, fleet.relays, 0);
  await fleet.stop();
  await server.drop(database);
  return per_s;
}

/** As many processes as relays. */
async function ofPgBoss(bench: Bench): Promise<Sample> {
  const { cloud, folder, extent } = bench;
  const server = await bench.postgres();
  await cloud.back();
  const acked = await server.create();
  const acking = await startPgBosses(folder, cloud.url, acked, RELAYS);
  const sample = await acks(bench, acking.receivers, () => acking.cpuMs());
  await acking.stop();
  await server.drop(acked);

  const drained = await server.create();
  const draining = await startPgBosses(folder, cloud.url, drained, RELAYS);
  const { orders } = await bench.load(draining.receivers, { kind: "count", orders: extent.orders });
  draining.startDelivering();
  const boss_delivered = rateOf(await cloud.took(orders));
  await draining.stop();
  await server.drop(drained);
  return { ...named("boss", sample), boss_delivered };
}

/** Nothing is delivered meanwhile. Processor time with the warm-up's. */
async function acks(bench: Bench, target: Target, cpuMs: () => number): Promise<Sample> {
  const server = await bench.postgres();
  const before = { own: cpuMs(), server: server.cpuMs() };
  const { per_second, p50_ms, p99_ms, orders } = await bench.closedLoop(target);
  return {
    acks: per_second,
    p50: p50_ms,
    p99: p99_ms,
    cpu: (cpuMs() - before.own) / orders,
    server_cpu: (server.cpuMs() - before.server) / orders,
  };
}

function named(prefix: string, sample: Sample): Sample {
  return Object.fromEntries(Object.entries(sample).map(([name, value]) => [`${prefix}_${name}`, value]));
}

function rowsOf(orders: number): RowSpec[] {
  const besideBoss = (measured: string) => ({ name: "Express + pg-boss, two", measured: `boss_${measured}` });
  const rows: RowSpec[] = [
    {
      what: "durable acks by two relays on PostgreSQL, cloud away",
      unit: "/s",
      measured: "two_acks",
      at_least: ASKED.acks_per_s,
      baseline: besideBoss("acks"),
      ratio_at_least: 1,
    },
    { what: "  p50", unit: "ms", measured: "two_p50", baseline: besideBoss("p50") },
    { what: "  p99", unit: "ms", measured: "two_p99", at_most: ASKED.p99_ms, baseline: besideBoss("p99") },
    {
      what: "  processor time of the relays for one",
      unit: "ms",
      measured: "two_cpu",
      baseline: besideBoss("cpu"),
    },
    {
      what: "  processor time of the server for one",
      unit: "ms",
      measured: "two_server_cpu",
      baseline: besideBoss("server_cpu"),
    },
    { what: "the same by one relay", unit: "/s", measured: "one_acks" },
    { what: "  p99", unit: "ms", measured: "one_p99" },
    { what: "  processor time of the relay for one", unit: "ms", measured: "one_cpu" },
    { what: "  processor time of the server for one", unit: "ms", measured: "one_server_cpu" },
    {
      what: `backlog of ${orders} delivered by two relays on PostgreSQL`,
      unit: "/s",
      measured: "delivered",
      at_least: ASKED.delivered_per_s,
      baseline: besideBoss("delivered"),
      ratio_at_least: 1,
    },
  ];
  return rows.map((row) => ({ ...row, missing: MISSING }));
}
