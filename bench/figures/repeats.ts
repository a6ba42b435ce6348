import type { Figure } from "../figure.ts";

/** Every second request repeats an order that is acknowledged already: one index lookup and one narrow row. */
export const repeats: Figure = {
  name: "repeats",
  async measure(bench) {
    await bench.cloud.away();
    const none = await bench.relay();
    const noneReport = await bench.closedLoop(none);
    await none.stop();
    const half = await bench.relay();
    const halfReport = await bench.closedLoop(half, 0.5);
    await half.stop();
    return {
      per_s: halfReport.per_second,
      share: halfReport.duplicates / halfReport.acks,
      none_per_s: noneReport.per_second,
    };
  },
  rows: () => [
    {
      what: "durable acks, half of them duplicates",
      unit: "/s",
      measured: "per_s",
      baseline: { name: "none duplicate", measured: "none_per_s" },
      ratio_at_least: 1,
    },
    { what: "  share answered as duplicate", unit: "", measured: "share" },
  ],
};
