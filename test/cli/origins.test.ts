import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import type { Origin } from "../../src/core/webhook.ts";
import { createHouse, type House } from "../fakes/house.ts";
import { aDelivery, aWebhook, idOf } from "../ledger/entries.ts";
import { fakeCli, kitOn } from "./fake-cli.ts";

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

async function relay(...argv: string[]): Promise<string> {
  const fake = fakeCli({ kit: kitOn(house) });
  expect(await run(argv, fake.cli)).toBe(0);
  return fake.out();
}

async function came(origin: Origin): Promise<void> {
  await house.ledger.enqueue({ webhook: aWebhook(1, { origin }), delivery: aDelivery(1) });
}

test.each([
  ["reconcile", "found by reconciliation"],
  ["cancel", "cancelled from here"],
] as const)("an order that no webhook brought (%s): the commands say how it came", async (origin, words) => {
  await came(origin);
  const line = new RegExp(`^came +${words}$`, "m");
  expect(await relay("webhooks", "show", idOf("WEBH", 1))).toMatch(line);
  expect(await relay("deliveries", "show", idOf("DLVR", 1))).toMatch(line);
  expect(await relay("webhooks", "list")).toContain(` ${words} `);
  expect(JSON.parse(await relay("webhooks", "list", "--json"))).toMatchObject({ items: [{ origin }] });
});

test("an order that a webhook brought came as most do: nothing is said of it", async () => {
  await came("webhook");
  expect(await relay("webhooks", "show", idOf("WEBH", 1))).not.toMatch(/^came/m);
  expect(await relay("deliveries", "show", idOf("DLVR", 1))).not.toMatch(/^came/m);
  expect(await relay("webhooks", "list")).toContain(" orders/cancelled ");
});
