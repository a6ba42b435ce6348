import type { Figure } from "../figure.ts";

/** What one cancellation leaves in the ledger: body, ticket, attempt, confirmation, history and every index. */
export const bytes: Figure = {
  name: "bytes",
  async measure(bench) {
    const { cloud, extent } = bench;
    await cloud.back({ confirm: true });
    const relay = await bench.relay();
    const before = relay.bytes().file;
    const report = await bench.load(relay, { kind: "count", orders: extent.orders });
    await cloud.confirmed(report.orders);
    const { file, wal } = relay.bytes();
    await relay.stop();
    return {
      each: (relay.bytes().file - before) / report.orders,
      with_wal: (file + wal - before) / report.orders,
      body: report.body_bytes_mean,
    };
  },
  rows: () => [
    {
      what: "bytes in the ledger per printed cancellation, after a checkpoint",
      unit: "B",
      measured: "each",
      at_most: 6000,
      baseline: { name: "its body", measured: "body" },
    },
    { what: "  with the write-ahead log, still running", unit: "B", measured: "with_wal" },
  ],
};
