import { expect, test } from "vitest";
import { afterClockSetBack } from "../../src/core/clock-set.ts";
import type { Delivery } from "../../src/core/delivery.ts";
import { FRESH } from "./a-delivery.ts";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

/** How long it waits once the clock has been set back by an hour. */
function waitOf(told: Partial<Delivery>, ahead = HOUR): number | undefined {
  const row = { ...FRESH, next_attempt_at: NOW + ahead, ...told };
  const next = afterClockSetBack(row, NOW)?.set.next_attempt_at;
  return next === undefined || next === null ? undefined : next - NOW;
}

test("what waits, waits no longer than its delay with all jitter", () => {
  expect(waitOf({})).toBe(0);
  expect(waitOf({ retry_step: 1 })).toBe(2_400);
  expect(waitOf({ retry_step: 3, unknown_count: 2 })).toBe(12_000);
  expect(waitOf({ retry_step: 99 })).toBe(360_000);
  expect(waitOf({ unknown_count: 3 })).toBe(144_000);
  expect(waitOf({ unknown_count: 4 })).toBe(0);
  expect(waitOf({ state: "verifying", denied_count: 1 })).toBe(2_400);
  expect(waitOf({ state: "verifying", retry_step: 2 })).toBe(6_000);
});

test("what waits no longer than that, is held, or does not wait stays as it is", () => {
  expect(waitOf({ unknown_count: 3 }, 144_000)).toBeUndefined();
  expect(waitOf({ next_attempt_at: null })).toBeUndefined();
  expect(waitOf({ state: "accepted" })).toBeUndefined();
});

test("asked again, it says nothing more", () => {
  const row: Delivery = { ...FRESH, retry_step: 2, next_attempt_at: NOW + HOUR };
  const set = afterClockSetBack(row, NOW)?.set;
  expect(afterClockSetBack({ ...row, ...set }, NOW)).toBeNull();
  expect(afterClockSetBack({ ...row, ...set }, NOW + 3_000)).toBeNull();
});
