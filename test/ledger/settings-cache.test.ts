import { expect, test } from "vitest";
import type { Settings } from "../../src/core/settings.ts";
import { createSettingsCache } from "../../src/ledger/settings-cache.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { SETTINGS } from "../fakes/house.ts";

const NONE: Settings = { printers: [], stores: [] };

/** A ledger whose reads end when they are told to. */
function createSlowLedger() {
  const asked: { answer: (settings: Settings) => void; fail: () => void }[] = [];
  const clock = createManualClock();
  const settings = (): Promise<Settings> =>
    new Promise((answer, reject) => asked.push({ answer, fail: () => reject(new Error("away")) }));
  return { asked, clock, cache: createSettingsCache({ settings }, clock) };
}

test("bug: an older answer that came last took the place of the newer", async () => {
  const { asked, cache, clock } = createSlowLedger();
  const reloads = [cache.reload()];
  await clock.settle();
  // Not asked for meanwhile: one more read is for both.
  reloads.push(cache.reload(), cache.reload());
  await clock.settle();
  expect(asked).toHaveLength(1);
  asked[0]?.answer(NONE);
  await clock.settle();
  expect(asked).toHaveLength(2);
  asked[1]?.answer(SETTINGS);
  await Promise.all(reloads);
  expect(cache.current()).toBe(SETTINGS);
  expect([cache.store("noodle-bar")?.name, cache.printer("bar")?.name]).toEqual(["noodle-bar", "bar"]);
});

test("one that fails is told to who asked, and the next is made all the same", async () => {
  const { asked, cache, clock } = createSlowLedger();
  const first = cache.reload();
  await clock.settle();
  const second = cache.reload();
  asked[0]?.fail();
  await expect(first).rejects.toThrow("away");
  await clock.settle();
  asked[1]?.answer(SETTINGS);
  await second;
  expect(cache.store("tee-shop")?.name).toBe("tee-shop");
});

test("whoever misses something has them read anew, four times a second at most", async () => {
  const { asked, cache, clock } = createSlowLedger();
  const look = async (): Promise<boolean> => {
    const before = asked.length;
    const again = cache.again();
    await clock.settle();
    if (asked.length > before) asked.at(-1)?.answer(SETTINGS);
    return again;
  };
  expect(await look()).toBe(true);
  expect(await look()).toBe(false);
  await clock.advance(249);
  expect(await look()).toBe(false);
  await clock.advance(1);
  expect(await look()).toBe(true);
  expect(asked).toHaveLength(2);
});

test("a read that takes long is made the more seldom, and one that fails finds nothing", async () => {
  const { asked, cache, clock } = createSlowLedger();
  const again = cache.again();
  await clock.advance(100);
  asked[0]?.fail();
  expect(await again).toBe(false);
  await clock.advance(1_999);
  expect(await cache.again()).toBe(false);
  expect(asked).toHaveLength(1);
  await clock.advance(1);
  void cache.again();
  await clock.settle();
  expect(asked).toHaveLength(2);
});
