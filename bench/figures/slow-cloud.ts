import type { Figure } from "../figure.ts";
import { drainBacklog } from "./drain.ts";

const ANSWER_AFTER_MS = 150;
/** As many as the relay's client opens (src/goodcom/client.ts): its requests are not pipelined. */
const CONNECTIONS = 64;

/** Waiting must not cost: what 64 connections can carry at most is the measure. */
export const slowCloud: Figure = {
  name: "slow-cloud",
  async measure(bench) {
    const relay = await bench.relay();
    const { per_s, count } = await drainBacklog(bench, relay, ANSWER_AFTER_MS);
    await relay.stop();
    return { per_s, at_once_max: count.at_once_max, possible_per_s: (CONNECTIONS * 1000) / ANSWER_AFTER_MS };
  },
  rows: ({ orders }) => [
    {
      what: `backlog of ${orders} into a cloud that takes ${ANSWER_AFTER_MS} ms`,
      unit: "/s",
      measured: "per_s",
      baseline: { name: `${CONNECTIONS} connections ÷ ${ANSWER_AFTER_MS} ms`, measured: "possible_per_s" },
      ratio_at_least: 0.8,
    },
    { what: "  most POSTs at once", unit: "", measured: "at_once_max" },
  ],
};
