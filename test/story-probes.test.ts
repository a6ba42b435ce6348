import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createHouse, type House } from "./fakes/house.ts";

/** A cloud that answers, and takes nothing. */
let house: House;
beforeEach(async () => {
  house = await createHouse();
  house.cloud.script({ kind: "unavailable", http_status: 503 });
});
afterEach(() => house.close());

const gaps = (): number[] => {
  const at = house.cloud.sent.map((post) => post.at);
  return at.slice(1).map((moment, index) => moment - (at[index] ?? 0));
};
const attempts = (ids: readonly string[]): Promise<number[]> =>
  Promise.all(ids.map(async (id) => (await house.delivery(id)).attempt_count));

test("bug: while all that waited was between two retries, nobody asked whether it takes orders again", async () => {
  const ids = [];
  for (const order of ["1001", "1002", "1003"]) ids.push(await house.cancel(order));
  await house.clock.advance(120_000);
  expect(Math.max(...gaps())).toBeLessThanOrEqual(5_000);
  // One of them does it for all.
  const [first = 0, ...others] = await attempts(ids);
  expect(first).toBeGreaterThan(10);
  expect(Math.max(...others)).toBeLessThan(10);
  house.cloud.sent.length = 0;
  house.cloud.script("accepted");
  await house.clock.advance(5_000);
  expect(house.cloud.sent).toHaveLength(3);
});

test("one alone keeps to the retry law", async () => {
  await house.cancel("1001");
  await house.clock.advance(140_000);
  expect(gaps().map((gap) => gap / 1_000)).toEqual([2, 5, 10, 20, 40, 60]);
});

test("bug: after a quarter of an hour it was asked once a minute only", async () => {
  for (const order of ["1001", "1002"]) await house.cancel(order);
  await house.clock.advance(900_000);
  house.cloud.sent.length = 0;
  await house.clock.advance(900_000);
  expect(Math.max(...gaps())).toBeLessThanOrEqual(5_000);
  expect(house.cloud.sent.length).toBeLessThan(200);
});

test("a Retry-After that those who wait were told holds for them", async () => {
  house.cloud.script({ kind: "unavailable", http_status: 503, retry_after_ms: 30_000 });
  await Promise.all(["1001", "1002"].map((order) => house.cancel(order)));
  await house.clock.advance(29_000);
  expect(house.cloud.sent.every(({ at }) => at < house.clock.now() - 28_000)).toBe(true);
});

describe("bug: each probe burnt an attempt of another one that waited", () => {
  const five = async (): Promise<number[]> => {
    const ids = [];
    for (const order of ["1001", "1002", "1003", "1004", "1005"]) ids.push(await house.cancel(order));
    await house.clock.advance(19_000);
    return attempts(ids);
  };

  test("while the cloud answers 503: the one that has found it out asks for all", async () => {
    const [first, ...others] = await five();
    expect(others).toEqual([0, 0, 0, 0]);
    expect(first).toBe(house.cloud.sent.length);
    expect(Math.max(...gaps())).toBeLessThanOrEqual(5_000);
    house.cloud.script("accepted");
    await house.clock.advance(5_000);
    expect(house.cloud.sent.slice(-5).map(({ request }) => request.order.order_id)).toContain("1005");
  });

  test("while connections come about and nothing is answered: likewise", async () => {
    house.cloud.script("unavailable");
    const [first, ...others] = await five();
    expect(others).toEqual([0, 0, 0, 0]);
    expect(first).toBe(house.cloud.sent.length);
    expect(Math.max(...gaps())).toBeLessThanOrEqual(5_000);
  });

  test("while no connection comes about: that one keeps to its list", async () => {
    house.cloud.script("unavailable");
    house.cloud.canConnect = false;
    expect(await five()).toEqual([4, 0, 0, 0, 0]);
    house.cloud.script("accepted");
    house.cloud.canConnect = true;
    house.cloud.sent.length = 0;
    await house.clock.advance(5_000);
    expect(house.cloud.sent).toHaveLength(5);
  });
});

test("an order that the cloud never takes holds up the others once, and not again", async () => {
  house.cloud.script("accepted");
  house.cloud.scriptFor("1001", { kind: "unavailable", http_status: 503 });
  await house.cancel("1001");
  const second = await house.cancel("1002");
  await house.clock.advance(23_000);
  expect(await house.delivery(second)).toMatchObject({ state: "accepted", attempt_count: 1 });
  for (let order = 1003; order < 1100; order++) {
    const id = await house.cancel(String(order));
    await house.clock.advance(3_000);
    expect(await house.delivery(id)).toMatchObject({ state: "accepted" });
  }
});
