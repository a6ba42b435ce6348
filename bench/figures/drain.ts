import type { Bench, Figure, Target } from "../figure.ts";
import type { CloudCount } from "../cloud/commands.ts";

/** A backlog made while the cloud was away, into a cloud that answers at once. */
export const drain: Figure = {
  name: "drain",
  async measure(bench) {
    const relay = await bench.relay();
    const { per_s } = await drainBacklog(bench, relay, 0);
    await relay.stop();
    return { per_s };
  },
  rows: ({ orders }) => [
    {
      what: `backlog of ${orders} into a cloud that answers at once`,
      unit: "/s",
      measured: "per_s",
      at_least: 3000,
    },
  ],
};

/**
 * Fills while the cloud is away, lets it come back, and waits for the last order.
 * @param answerAfterMs what the cloud takes for one POST
 * @param onFilled called when the backlog is made, and nothing has gone yet
 * @returns orders ÷ the time from the first POST (the probe that finds the cloud back) to the last
 */
export async function drainBacklog(
  bench: Bench,
  relays: Target,
  answerAfterMs: number,
  onFilled?: () => void,
): Promise<{ per_s: number; count: CloudCount }> {
  const { cloud, extent } = bench;
  await cloud.away();
  const { orders } = await bench.load(relays, { kind: "count", orders: extent.orders });
  onFilled?.();
  await cloud.back({ answer_after_ms: answerAfterMs });
  const count = await cloud.took(orders);
  if (count.posts > orders) throw new Error(`${count.posts} POSTs for ${orders} orders: some went twice`);
  return { per_s: rateOf(count), count };
}

export function rateOf({ orders, first_ms, last_ms }: CloudCount): number {
  return (orders - 1) / (((last_ms ?? NaN) - (first_ms ?? NaN)) / 1000);
}
