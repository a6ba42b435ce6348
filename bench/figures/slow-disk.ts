import { diskLibrary } from "../../test/fakes/disk/disk.ts";
import type { Figure } from "../figure.ts";

const FLUSH_US = 1000;

/** A disk that says the truth about flushing and takes its time: what grouped commits are for. */
export const slowDisk: Figure = {
  name: "slow-disk",
  async measure(bench) {
    if (diskLibrary() === null) return {};
    const each = await bench.baseline("commit-each", FLUSH_US);
    const eachReport = await bench.closedLoop(each);
    await each.stop();

    await bench.cloud.away();
    const relay = await bench.relay({ flush_us: FLUSH_US });
    const report = await bench.closedLoop(relay);
    await relay.stop();
    return { per_s: report.per_second, p99: report.p99_ms, each_per_s: eachReport.per_second };
  },
  rows: () => [
    {
      what: "durable acks on a disk whose flush takes 1 ms more",
      unit: "/s",
      measured: "per_s",
      baseline: { name: "one commit each, same disk", measured: "each_per_s" },
      ratio_at_least: 5,
      missing: "no C compiler here",
    },
    { what: "  their p99", unit: "ms", measured: "p99", missing: "no C compiler here" },
  ],
};
