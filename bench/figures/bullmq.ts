import { MEGABYTE, type Bench, type Figure, type Sample } from "../figure.ts";
import { hasRedis, startBullmq } from "../subjects/bullmq.ts";
import { drainBacklog, rateOf } from "./drain.ts";

/** The same job by Express, BullMQ and Redis with `appendfsync always`, right beside the relay. */
export const bullmq: Figure = {
  name: "bullmq",
  async measure(bench) {
    if (!hasRedis()) return {};
    return { ...(await ofRelay(bench)), ...(await ofBullmq(bench)) };
  },
  rows: ({ orders }) => {
    const missing = "no redis-server here";
    const name = "Express + BullMQ + Redis";
    return [
      {
        what: "durable acks, nothing delivered meanwhile",
        unit: "/s",
        measured: "acks",
        baseline: { name, measured: "bullmq_acks" },
        ratio_at_least: 1.5,
        missing,
      },
      {
        what: `backlog of ${orders} delivered`,
        unit: "/s",
        measured: "delivered",
        baseline: { name, measured: "bullmq_delivered" },
        ratio_at_least: 2,
        missing,
      },
      {
        what: "  memory at its end, all processes",
        unit: "MB",
        measured: "memory",
        baseline: { name, measured: "bullmq_memory" },
        ratio_at_most: 1,
        missing,
      },
    ];
  },
};

async function ofRelay(bench: Bench): Promise<Sample> {
  await bench.cloud.away();
  const acked = await bench.relay();
  const { per_second: acks } = await bench.closedLoop(acked);
  await acked.stop();
  const drained = await bench.relay();
  const { per_s: delivered } = await drainBacklog(bench, drained, 0);
  const memory = drained.memory().resident / MEGABYTE;
  await drained.stop();
  return { acks, delivered, memory };
}

async function ofBullmq(bench: Bench): Promise<Sample> {
  const { cloud, folder, extent } = bench;
  await cloud.back();
  const acked = await startBullmq(folder, cloud.url);
  const { per_second: bullmq_acks } = await bench.closedLoop(acked);
  await acked.stop();
  const drained = await startBullmq(folder, cloud.url);
  const { orders } = await bench.load(drained, { kind: "count", orders: extent.orders });
  drained.startDelivering();
  const bullmq_delivered = rateOf(await cloud.took(orders));
  const bullmq_memory = drained.memory().resident / MEGABYTE;
  await drained.stop();
  return { bullmq_acks, bullmq_delivered, bullmq_memory };
}
