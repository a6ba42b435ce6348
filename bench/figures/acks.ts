import { setTimeout as pause } from "node:timers/promises";
import { MEGABYTE, type Bench, type Figure, type RowSpec, type Sample } from "../figure.ts";

/** After its start a process settles, and gives back what the start took (src/heap.ts), before its memory is that of an idle one. */
const SETTLES_MS = 5000;

/** Durable acknowledgements at 50 connections, between a server that keeps nothing and one that commits each. */
export const acks: Figure = {
  name: "acks",
  measure: async (bench) => ({
    ...(await ofBaselines(bench)),
    ...(await withoutCloud(bench)),
    ...(await withCloud(bench)),
  }),
  rows: () => ROWS,
};

async function ofBaselines(bench: Bench): Promise<Sample> {
  const bare = await bench.baseline("bare");
  const bareReport = await bench.closedLoop(bare);
  await bare.stop();
  const each = await bench.baseline("commit-each");
  const eachReport = await bench.closedLoop(each);
  await each.stop();
  return {
    bare_per_s: bareReport.per_second,
    bare_p99: bareReport.p99_ms,
    each_per_s: eachReport.per_second,
  };
}

async function withoutCloud(bench: Bench): Promise<Sample> {
  await bench.cloud.away();
  const relay = await bench.relay();
  await pause(SETTLES_MS);
  const idle = relay.memory().resident / MEGABYTE;
  const cpuBefore = relay.cpuMs();
  const { per_second, p50_ms, p99_ms, orders } = await bench.closedLoop(relay);
  const cpu = (relay.cpuMs() - cpuBefore) / orders;
  const peak = relay.memory().peak / MEGABYTE;
  await relay.stop();
  return { per_s: per_second, p50: p50_ms, p99: p99_ms, cpu, idle, peak };
}

async function withCloud(bench: Bench): Promise<Sample> {
  await bench.cloud.back();
  const relay = await bench.relay();
  const { per_second, p99_ms, orders } = await bench.closedLoop(relay);
  const { orders: delivered } = await bench.cloud.count();
  await relay.stop();
  return { busy_per_s: per_second, busy_p99: p99_ms, busy_delivered: delivered / orders };
}

const ROWS: RowSpec[] = [
  {
    what: "durable acks, 50 connections, printer cloud away",
    unit: "/s",
    measured: "per_s",
    at_least: 5000,
    baseline: { name: "bare verify + parse", measured: "bare_per_s" },
    ratio_at_least: 0.5,
  },
  {
    what: "  the same beside one commit each",
    unit: "/s",
    measured: "per_s",
    baseline: { name: "one commit each", measured: "each_per_s" },
  },
  { what: "  p50", unit: "ms", measured: "p50" },
  {
    what: "  p99",
    unit: "ms",
    measured: "p99",
    at_most: 25,
    baseline: { name: "bare verify + parse", measured: "bare_p99" },
  },
  { what: "  processor time of the relay for one, warm-up included", unit: "ms", measured: "cpu" },
  { what: "  memory before, idle", unit: "MB", measured: "idle", at_most: 110 },
  { what: "  memory, peak", unit: "MB", measured: "peak", at_most: 220 },
  { what: "durable acks while a cloud takes deliveries", unit: "/s", measured: "busy_per_s" },
  { what: "  p99", unit: "ms", measured: "busy_p99" },
  { what: "  delivered by the end, share", unit: "", measured: "busy_delivered" },
];
