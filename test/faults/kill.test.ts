import { afterEach, expect, test } from "vitest";
import { until } from "../e2e/process.ts";
import { openShop, type Shop } from "../e2e/shop.ts";

let shop: Shop;
afterEach(() => shop.close());

/** Kills; the delays before them are spread so that they meet different moments of a delivery. */
const KILLS = 8;
const DELAYS_MS = [0, 3, 7, 12, 20, 35, 60, 100];
const ORDERS_PER_LIFE = 15;

test("killed (-9) again and again under load: whatever was answered 200 prints, and second slips say so", async () => {
  shop = await openShop({ confirm_after_ms: 5 });
  const answered = new Set<string>();
  for (let life = 0; life < KILLS; life++) {
    const sent = Array.from({ length: ORDERS_PER_LIFE }, async (_, n) => {
      const order = `life-${String(life)}-${String(n)}`;
      const { status } = await shop.cancel("shopline", order);
      if (status === 200) answered.add(order);
    });
    const settled = Promise.allSettled(sent);
    await Promise.race([settled, Promise.any(sent)]);
    await new Promise((resolve) => setTimeout(resolve, DELAYS_MS[life % DELAYS_MS.length]));
    await shop.relay.stop("SIGKILL");
    await settled;
    await shop.open();
  }
  const onPaper = (): Set<string> => new Set(shop.cloud.slips.map((slip) => slip.order_id));
  await until(() => [...answered].every((order) => onPaper().has(order)));

  const first = new Set<string>();
  for (const slip of shop.cloud.slips) {
    if (first.has(slip.order_id)) expect(slip.order_txt).toContain("MAY BE A REPEAT");
    first.add(slip.order_id);
  }
  expect(answered.size).toBeGreaterThan(KILLS);
}, 60_000);
