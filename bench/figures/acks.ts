import type { Figure } from "../figure.ts";

/** Durable acknowledgements at 50 connections, beside a bare server that verifies and parses and keeps nothing. */
export const acks: Figure = {
  name: "acks",
  async measure(bench) {
    const { cloud } = bench;
    const bare = await bench.baseline("bare");
    const bareReport = await bench.closedLoop(bare);
    await bare.stop();

    await cloud.down();
    const away = await bench.relay();
    const report = await bench.closedLoop(away);
    await away.stop();

    await cloud.up();
    await cloud.reset();
    const busy = await bench.relay();
    const busyReport = await bench.closedLoop(busy);
    const { orders } = await cloud.count();
    await busy.stop();

    return {
      per_s: report.per_second,
      p50: report.p50_ms,
      p99: report.p99_ms,
      bare_per_s: bareReport.per_second,
      bare_p99: bareReport.p99_ms,
      busy_per_s: busyReport.per_second,
      busy_p99: busyReport.p99_ms,
      busy_delivered_share: orders / busyReport.orders,
    };
  },
  rows: () => [
    {
      what: "durable acks, 50 connections, printer cloud away",
      unit: "/s",
      measured: "per_s",
      at_least: 5000,
      baseline: { name: "bare verify + parse", measured: "bare_per_s" },
      ratio_at_least: 0.5,
    },
    { what: "  their p50", unit: "ms", measured: "p50" },
    {
      what: "  their p99",
      unit: "ms",
      measured: "p99",
      at_most: 25,
      baseline: { name: "bare verify + parse", measured: "bare_p99" },
    },
    { what: "the same while a cloud takes deliveries", unit: "/s", measured: "busy_per_s" },
    { what: "  their p99", unit: "ms", measured: "busy_p99" },
    { what: "  share delivered by the end", unit: "", measured: "busy_delivered_share" },
  ],
};
