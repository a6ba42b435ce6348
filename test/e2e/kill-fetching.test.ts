import { afterEach, expect, test } from "vitest";
import type { Slip } from "../../src/goodcom/simulator/slip.ts";
import { openSampleOrder } from "../../src/platforms/sample.ts";
import { systemClock } from "../../src/system.ts";
import { until } from "./process.ts";
import { prepareShop, type Shop } from "./shop.ts";

let shop: Shop;
afterEach(() => shop.close());

const ORDERS = 150;
const KILL_AFTER_SLIPS = [1, 30, 90];

test("killed again and again while it fetches what it missed: every order prints, a second slip says so", async () => {
  const paper: Slip[] = [];
  shop = await prepareShop({ confirm_after_ms: 20, onSlip: (slip) => paper.push(slip) });
  shop.fastpod.setSendsWebhooks(false);
  const ids = Array.from({ length: ORDERS }, (_, number) => {
    const order_id = `FAS105-111423-${String(number).padStart(6, "0")}`;
    const { order } = openSampleOrder("fastpod", { now: systemClock.now(), order_id, order_name: order_id });
    shop.fastpod.put(order);
    shop.fastpod.cancel(order_id);
    return order_id;
  });
  for (const count of KILL_AFTER_SLIPS) {
    await shop.open();
    await until(() => paper.length >= count);
    await shop.relay.stop("SIGKILL");
  }
  await shop.open();
  // Not "printed": whoever pressed the button while nobody listened does not press it again.
  const under = async (state: string): Promise<number> => {
    const { body } = await shop.api(`/deliveries?state=${state}&limit=1`);
    return (body as { items: unknown[] }).items.length;
  };
  await until(async () => {
    if (new Set(paper.map(({ order_id }) => order_id)).size < ORDERS) return false;
    return (await under("pending")) + (await under("sending")) === 0;
  });
  expect([...new Set(paper.map(({ order_id }) => order_id))].sort()).toEqual(ids);
  const seen = new Set<string>();
  for (const { order_id, order_txt } of paper) {
    if (seen.has(order_id)) expect(order_txt).toContain("MAY BE A REPEAT");
    seen.add(order_id);
  }
  const { body } = await shop.api("/webhooks?store=tee-shop&limit=200");
  const origins = (body as { items: { origin: string }[] }).items.map(({ origin }) => origin);
  expect(new Set(origins)).toEqual(new Set(["reconcile"]));
}, 120_000);
