import { afterEach, expect, test } from "vitest";
import { SENDS_MAX } from "../../src/worker/sends.ts";
import { createHouse, type House } from "../fakes/house.ts";

let house: House;
afterEach(() => house.close());

test("of a store that floods, no more goes out before another's slip than its turn", async () => {
  house = await createHouse();
  house.cloud.script("unavailable");
  house.cloud.canConnect = false;
  const flood = 3 * SENDS_MAX;
  for (let n = 0; n < flood; n++) await house.cancel(`flood-${n}`);
  const cancelled_at = new Date(house.clock.now()).toISOString();
  await house.webhook("cocktails", { id: "the-other", cancelled_at });
  const before = house.cloud.sent.length;
  house.cloud.script("accepted");
  house.cloud.canConnect = true;
  await house.clock.advance(10_000);
  const sent = house.cloud.sent.slice(before).map(({ request }) => request.order.order_id);
  expect(new Set(sent).size).toBe(flood + 1);
  // The first shows that the cloud is back; then the two stores' go by turns.
  expect(sent.indexOf("the-other")).toBeLessThanOrEqual(2);
});
