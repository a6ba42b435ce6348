import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Settings } from "../../src/core/settings.ts";
import type { Answered } from "../../src/platforms/store-api.ts";
import { createPlatforms } from "../../src/platforms/index.ts";
import { createHouse, NO_ANSWER, SETTINGS, type House } from "../fakes/house.ts";
import { createManualClock } from "../fakes/manual-clock.ts";

/** How a store's API behaves: answers at once, says nothing for 30 s, or denies after 20 s. */
type Weather = "well" | "hangs" | "slow";

const FIRST = SETTINGS.stores.find(({ platform }) => platform === "fastpod")!;
const NAMES = ["tee-shop", "mugs", ...Array.from({ length: 20 }, (_, n) => `shop-${n}`)];
const MANY: Settings = { ...SETTINGS, stores: NAMES.map((name) => ({ ...FIRST, name })) };

let house: House;
let weather: Record<string, Weather>;
/** Questions under way, by store, and the most there ever were. */
let asking: Record<string, number>;
let most: Record<string, number>;

beforeEach(async () => {
  weather = {};
  asking = {};
  most = {};
  const made = createPlatforms({ clock: createManualClock() });
  const { fastpod } = made.platforms;
  await made.close();
  const getOrder = async ({ name }: { name: string }, order: string): Promise<Answered<Buffer>> => {
    asking[name] = (asking[name] ?? 0) + 1;
    most[name] = Math.max(most[name] ?? 0, asking[name]);
    try {
      return await answer(weather[name] ?? "well", order);
    } finally {
      asking[name]--;
    }
  };
  house = await createHouse({ settings: MANY, apis: { fastpod: { ...fastpod.api, getOrder } } });
});
afterEach(() => house.close());

async function answer(how: Weather, id: string): Promise<Answered<Buffer>> {
  const told = { status: true, message: "", data: { id, order_status: "cancelled" } };
  if (how === "well") return { kind: "answered", value: Buffer.from(JSON.stringify(told)) };
  await new Promise<void>((done) => house.clock.after(how === "hangs" ? 30_000 : 20_000, done));
  if (how === "hangs") return NO_ANSWER;
  return { ...NO_ANSWER, why: "not_found", detail: "no such order", http_status: 404 };
}

async function cancel(store: string, order: string): Promise<void> {
  await house.webhook(store, {
    event: { status: "cancelled" },
    data: { id: order, order_status: "cancelled" },
  });
}

async function flood(store: string, orders: number): Promise<void> {
  for (let n = 0; n < orders; n++) await cancel(store, `${store}-${n}`);
}

const printed = (): string[] => house.cloud.sent.map(({ request }) => request.order.order_id);
const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);

test.each(["hangs", "slow"] as const)(
  "a store whose API %s holds two places and no more, and soon one; the others print at once",
  async (how) => {
    weather.mugs = how;
    await flood("mugs", 60);
    expect(most.mugs).toBe(2);
    await cancel("tee-shop", "FAS-1");
    expect(printed()).toEqual(["FAS-1"]);
    await house.clock.advance(31_000);
    most = {};
    await house.clock.advance(120_000);
    expect(most.mugs).toBe(1);
    await cancel("tee-shop", "FAS-2");
    expect(printed()).toEqual(["FAS-1", "FAS-2"]);
  },
);

test("a store that has answered well has two places when it begins to hang", async () => {
  await flood("mugs", 5);
  expect(printed()).toHaveLength(5);
  most = {};
  weather.mugs = "hangs";
  await flood("mugs", 10);
  expect(most.mugs).toBe(2);
});

test("a store that is well again is asked about everything that waited, once each", async () => {
  weather.mugs = "hangs";
  await flood("mugs", 20);
  await house.clock.advance(100_000);
  expect(printed()).toEqual([]);
  weather.mugs = "well";
  await house.clock.advance(400_000);
  expect(printed().sort()).toEqual(Array.from({ length: 20 }, (_, n) => `mugs-${n}`).sort());
  expect(house.events.filter(({ event }) => event === "delivery.recovered")).toEqual([]);
});

test("many stores that ail hold half of the places, each in its turn", async () => {
  for (const name of NAMES.slice(2)) weather[name] = "hangs";
  for (const name of NAMES.slice(2)) await flood(name, 3);
  expect(sum(asking)).toBe(16);
  await house.clock.advance(120_000);
  // By now each of them is known to ail.
  expect(sum(asking)).toBe(8);
  await cancel("tee-shop", "FAS-1");
  expect(printed()).toEqual(["FAS-1"]);
  const seen = new Set<string>();
  for (let n = 0; n < 12; n++) {
    for (const [name, count] of Object.entries(asking)) if (count > 0) seen.add(name);
    await house.clock.advance(30_000);
  }
  expect(seen.size).toBe(20);
});

test("while what is due is of full stores alone, the worker looks once a second and no more", async () => {
  weather.mugs = "hangs";
  await flood("mugs", 60);
  const claim = vi.spyOn(house.ledger, "claim");
  await house.clock.advance(10_000);
  // Each look asks for what is to be verified and what is to be sent.
  expect(claim.mock.calls.length).toBeGreaterThanOrEqual(20);
  expect(claim.mock.calls.length).toBeLessThanOrEqual(22);
});

test("no place is waited for under a lease: what was taken is being asked", async () => {
  weather.mugs = "hangs";
  await flood("mugs", 10);
  const rows = await house.ledger.listDeliveries({ limit: 50 });
  expect(rows.filter(({ lease_until }) => lease_until !== null)).toHaveLength(sum(asking));
  await house.clock.advance(300_000);
  expect(house.events.filter(({ event }) => event === "delivery.recovered")).toEqual([]);
});
