import { afterEach, beforeEach, expect, test } from "vitest";
import { createHouse, type House } from "../fakes/house.ts";

/** Deliveries that wait, sent as often as paper allows, for the cloud to accept another. */
let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

/** More than one sweep takes; tried so many times in vain. */
async function hold(orders: readonly string[], unknown_count: number): Promise<string[]> {
  const { ledger, clock } = house;
  await house.worker.stop(0);
  const ids = await Promise.all(orders.map((order) => house.cancel(order)));
  const set = { next_attempt_at: null, unknown_count, may_be_repeat: true };
  for (const id of ids) {
    await ledger.change(id, { at: clock.now(), by: "relay", decide: () => ({ set, note: null }) });
  }
  return ids;
}

const orders = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const stateOf = async (ids: readonly string[]): Promise<Set<string>> =>
  new Set(await Promise.all(ids.map(async (id) => (await house.delivery(id)).state)));

test("bug: of more than 200 held ones only the first 200 got their one more try", async () => {
  const ids = await hold(orders("1", 260), 4);
  await house.crash();
  await house.cancel("2001");
  await house.clock.advance(5_000);
  await house.cancel("2002");
  await house.clock.advance(5_000);
  expect(await stateOf(ids)).toEqual(new Set(["accepted"]));
});

test("bug: 200 that had their last try kept those after them from theirs", async () => {
  const spent = await hold(orders("1", 200), 5);
  const [last = ""] = await hold(["1999"], 4);
  await house.crash();
  await house.cancel("2001");
  await house.clock.advance(5_000);
  expect((await house.delivery(last)).state).toBe("accepted");
  expect(await stateOf(spent)).toEqual(new Set(["pending"]));
});

test("of relays on one ledger each looks again for what another holds", async () => {
  await house.worker.stop(0);
  await house.another("first");
  await house.cancel("2001");
  await house.clock.advance(5_000);
  const [held = ""] = await hold(["1001"], 4);
  await house.clock.advance(5_000);
  expect((await house.delivery(held)).state).toBe("pending");
  await house.cancel("2002");
  await house.clock.advance(5_000);
  expect((await house.delivery(held)).state).toBe("accepted");
});
