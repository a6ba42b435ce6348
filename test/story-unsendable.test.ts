import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createHouse, SETTINGS, type House } from "./fakes/house.ts";

/** Deliveries of which nothing can be sent. What never left tells nothing of the cloud. */
let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

const told = (name: string): number => house.events.filter(({ event }) => event === name).length;
const OTHERS = Array.from({ length: 40 }, (_, index) => `2${index}`);

/** The printer `bar` and its store are taken out while a slip of theirs waits, as `apply --prune` does. */
async function orphan(order = "1001"): Promise<string> {
  await house.ledger.apply(SETTINGS, { prune: false, now: house.clock.now() });
  await house.crash();
  house.cloud.script("unavailable");
  const receipt = await house.webhook("cocktails", {
    ...{ id: order, name: `#${order}`, cancelled_at: new Date(house.clock.now()).toISOString() },
  });
  if (receipt.kind !== "kept" || receipt.delivery_id === null) throw new Error(JSON.stringify(receipt));
  const printers = SETTINGS.printers.filter(({ name }) => name !== "bar");
  const stores = SETTINGS.stores.filter(({ name }) => name !== "cocktails");
  await house.ledger.apply({ printers, stores }, { prune: true, now: house.clock.now() });
  await house.crash();
  return receipt.delivery_id;
}

describe("a printer that is no longer configured", () => {
  test("bug: its slip shut the cloud for all the others, again and again", async () => {
    await orphan();
    house.cloud.script("accepted");
    await house.clock.advance(60_000);
    Object.assign(house, { events: [] });
    house.cloud.sent.length = 0;
    const began = house.clock.now();
    await Promise.all(OTHERS.map((order) => house.cancel(order)));
    expect(house.cloud.sent.map(({ at }) => at)).toEqual(OTHERS.map(() => began));
    await house.clock.advance(600_000);
    expect([told("cloud.lost"), told("cloud.returned")]).toEqual([0, 0]);
  });

  test("its slip waits, says for what, and goes when the printer is applied again", async () => {
    const id = await orphan();
    house.cloud.script("accepted");
    await house.clock.advance(60_000);
    expect(await house.delivery(id)).toMatchObject({
      state: "pending",
      last_error: "printer bar is not configured: apply its settings",
      may_be_repeat: false,
    });
    await house.ledger.apply(SETTINGS, { prune: false, now: house.clock.now() });
    await house.clock.advance(60_000);
    expect(await house.delivery(id)).toMatchObject({ state: "accepted", may_be_repeat: false });
  });

  test("an outage of the cloud ends as soon as without it, however many of its slips are due first", async () => {
    const orphans = [];
    for (const order of ["1", "2", "3", "4", "5", "6"]) orphans.push(await orphan(order));
    house.cloud.script("unavailable");
    house.cloud.canConnect = false;
    await house.cancel("2001");
    await house.clock.advance(120_000);
    expect(told("cloud.lost")).toBeGreaterThan(0);
    house.cloud.sent.length = 0;
    house.cloud.script("accepted");
    house.cloud.canConnect = true;
    await house.clock.advance(6_000);
    expect(house.cloud.sent.map(({ request }) => request.order.order_id)).toContain("2001");
    for (const id of orphans) expect((await house.delivery(id)).state).toBe("pending");
  });

  test("a second slip for it, and a dead one's next try, are refused with what to do", async () => {
    const id = await orphan();
    const refusal = { code: "conflict", message: "printer bar is not configured: apply its settings" };
    await expect(house.relay.reprint(id, "lost", "operator")).rejects.toMatchObject(refusal);
    house.clock.jump(90_000_000);
    await house.clock.advance(2_000);
    expect((await house.delivery(id)).state).toBe("dead");
    await expect(house.relay.redrive(id, "operator")).rejects.toMatchObject(refusal);
    await house.ledger.apply(SETTINGS, { prune: false, now: house.clock.now() });
    expect(await house.relay.redrive(id, "operator")).toMatchObject({ state: "pending" });
  });
});

test("bug: a slip that could not be made counted as sent, and was held as one that may have printed", async () => {
  const { compose } = house;
  house.compose = (ticket, ...rest) => {
    if (ticket.order_id === "1001") throw new Error("a fault of the layout, with the buyer's name: Ada");
    return compose(ticket, ...rest);
  };
  const id = await house.cancel("1001");
  await Promise.all(OTHERS.map((order) => house.cancel(order)));
  expect(house.cloud.sent).toHaveLength(OTHERS.length);
  await house.clock.advance(600_000);
  const { delivery, attempts } = (await house.ledger.findDelivery(id)) ?? {};
  expect(delivery).toMatchObject({ state: "pending", may_be_repeat: false, attention: null });
  expect(attempts?.[0]).toMatchObject({ outcome: "unavailable", request: null });
  expect(JSON.stringify([delivery, attempts, house.events])).not.toContain("Ada");
  expect([told("cloud.lost"), told("ledger.failed")]).toEqual([0, 0]);
  house.compose = compose;
  await house.clock.advance(60_000);
  expect(await house.delivery(id)).toMatchObject({ state: "accepted", may_be_repeat: false });
});
