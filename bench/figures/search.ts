import type { Figure } from "../figure.ts";
import { answersMs } from "../load/pages.ts";
import { median } from "../stats.ts";
import { STORE } from "../subjects/subject.ts";

const TIMES = 21;
const DAY_MS = 24 * 3600 * 1000;
const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();

/** What people ask of a large ledger, by the name of its number. */
const QUERIES: Readonly<Record<string, { what: string; query: () => string }>> = {
  newest: { what: "the newest 50", query: () => "" },
  state: { what: "of a state and a store", query: () => `state=printed&store=${STORE.name}` },
  none: { what: "of a state and a store, none there", query: () => `state=dead&store=${STORE.name}` },
  day: { what: "of one day two months ago", query: () => `since=${daysAgo(60)}&until=${daysAgo(59)}` },
  until: { what: "of before two months ago", query: () => `until=${daysAgo(60)}` },
  order: { what: "q: the first order of all", query: () => "q=000000000000" },
  buyer: { what: "q: a buyer's name", query: () => "q=tom+washington" },
  nothing: { what: "q: what is nowhere, one look", query: () => "q=nowhere-to-be-found" },
};

/** How long people wait for a list when there are many rows. */
export const search: Figure = {
  name: "search",
  async measure(bench) {
    await bench.cloud.away();
    const relay = await bench.relay({ ledger: await bench.filled() });
    const sample: Record<string, number> = {};
    for (const [name, { query }] of Object.entries(QUERIES)) {
      const path = `/api/v1/deliveries?${query()}`;
      sample[name] = median(await answersMs(relay.url, relay.admin_token, path, TIMES));
    }
    await relay.stop();
    return sample;
  },
  rows: ({ rows }) =>
    Object.entries(QUERIES).map(([name, { what }], index) => ({
      what: index === 0 ? `list of deliveries, ${rows.toLocaleString("en")} rows: ${what}` : `  ${what}`,
      unit: "ms",
      measured: name,
      at_most: 50,
    })),
};
