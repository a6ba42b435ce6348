import { pagesPerSecond } from "../load/pages.ts";
import type { Bench, Figure, Sample } from "../figure.ts";
import type { RelayHome } from "../subjects/relay.ts";
import { drainBacklog } from "./drain.ts";

/** What a long life costs: the same three things on an empty ledger and on one with many settled rows. */
export const filled: Figure = {
  name: "filled",
  async measure(bench) {
    const empty = await ofLedger(bench);
    const full = await ofLedger(bench, await bench.filled());
    return {
      ...full,
      empty_acks: empty.acks ?? null,
      empty_drain: empty.drain ?? null,
      empty_pages: empty.pages ?? null,
    };
  },
  rows: ({ rows, orders }) => {
    const with_ = `with ${rows.toLocaleString("en")} settled rows`;
    const row = (what: string, measured: string) => ({
      what: `${what}, ${with_}`,
      unit: "/s" as const,
      measured,
      baseline: { name: "empty ledger", measured: `empty_${measured}` },
      ratio_at_least: 0.9,
    });
    return [
      row("durable acks", "acks"),
      row(`backlog of ${orders} drained (claims)`, "drain"),
      row("operators' list page (50 rows)", "pages"),
    ];
  },
};

/** The drain first: its rows are what the list page shows on the empty ledger; the acks leave a backlog behind. */
async function ofLedger(bench: Bench, ledger?: RelayHome): Promise<Sample> {
  const relay = await bench.relay(ledger === undefined ? {} : { ledger });
  const { per_s: drain } = await drainBacklog(bench, relay, 0);
  const pages = await pagesPerSecond(relay.url, relay.admin_token, bench.extent.seconds);
  await bench.cloud.away();
  const { per_second: acks } = await bench.closedLoop(relay);
  await relay.stop();
  return { acks, drain, pages };
}
