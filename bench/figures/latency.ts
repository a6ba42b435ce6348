import type { Figure } from "../figure.ts";
import { percentile } from "../stats.ts";

export const PER_SECOND = 50;
/** The 60 s at the usual 10 of `--seconds`. */
export const LONGER = 6;
/** A fresh process's first requests are slow; they are sent, and not counted. */
export const WARM_UP_S = 5;

/** From the first byte of the webhook written to the last byte of the POST read at the cloud. */
export const latency: Figure = {
  name: "latency",
  async measure(bench) {
    const { cloud } = bench;
    await cloud.back();
    const relay = await bench.relay();
    const warm = await bench.load(relay, { kind: "rate", per_second: PER_SECOND, seconds: WARM_UP_S });
    await cloud.took(warm.orders);
    await cloud.back();
    const seconds = bench.extent.seconds * LONGER;
    const report = await bench.load(relay, { kind: "rate", per_second: PER_SECOND, seconds });
    await cloud.took(report.orders);
    const arrivals = new Map(await cloud.arrivals());
    await relay.stop();
    const delays = report.sent_at.map(([order, sentAt]) => {
      const arrivedAt = arrivals.get(order);
      if (arrivedAt === undefined) throw new Error(`order ${order} did not come, but another one did`);
      return arrivedAt - sentAt;
    });
    const sorted = Float64Array.from(delays).sort();
    return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), ack_p99: report.p99_ms };
  },
  rows: ({ seconds }) => {
    const what = `webhook in to POST at the cloud, ${PER_SECOND}/s for ${seconds * LONGER} s`;
    return [
      { what: `${what}, p50`, unit: "ms", measured: "p50", at_most: 5 },
      { what: "  p99", unit: "ms", measured: "p99", at_most: 25 },
      { what: "  webhook's answer, p99", unit: "ms", measured: "ack_p99" },
    ];
  },
};
