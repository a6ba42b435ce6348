import { describe, expect, test } from "vitest";
import { habitMarks, silentAfterMs } from "../../src/core/habit.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** 2026-11-02T00:00:00Z, a Monday. */
const MONDAY = Date.UTC(2026, 10, 2);

/** What a ledger would say of a store that sent at these moments, written plainly: every gap with a mark in it. */
function heard(moments: readonly number[], now: number) {
  const marks = habitMarks(now);
  const gaps = moments.slice(1).map((until, index) => ({ from: moments[index] ?? 0, until }));
  const silences = gaps.filter(({ from, until }) => marks.some((mark) => from < mark && until >= mark));
  const webhooks = moments.filter((at) => at >= (marks[0] ?? 0)).length;
  return { webhooks, silences };
}

/** Every half hour from 11 to 22, on these days of the week (0 is Monday), for five weeks up to `MONDAY`. */
function openingHours(days: readonly number[]): number[] {
  const moments: number[] = [];
  for (let day = -35; day < 0; day++) {
    if (!days.includes((day + 35) % 7)) continue;
    for (let hour = 11; hour <= 22; hour += 0.5) moments.push(MONDAY + day * DAY + hour * HOUR);
  }
  return moments;
}

describe("a store's habit", () => {
  test("open every day: it may be silent for two nights' worth, thirteen hours each", () => {
    expect(silentAfterMs(heard(openingHours([0, 1, 2, 3, 4, 5, 6]), MONDAY), MONDAY)).toBe(26 * HOUR);
  });

  test("closed on Sundays: its Sunday is no alarm", () => {
    const silentMs = silentAfterMs(heard(openingHours([0, 1, 2, 3, 4, 5]), MONDAY), MONDAY);
    // From Saturday 22:00 to Monday 11:00.
    expect(silentMs).toBe(2 * 37 * HOUR);
  });

  test("one week of holidays does not make it deaf", () => {
    const holiday = [MONDAY - 21 * DAY, MONDAY - 14 * DAY] as const;
    const moments = openingHours([0, 1, 2, 3, 4, 5, 6]).filter((at) => at < holiday[0] || at > holiday[1]);
    expect(silentAfterMs(heard(moments, MONDAY), MONDAY)).toBe(26 * HOUR);
  });

  test("busy around the clock: an hour at least", () => {
    const moments = Array.from({ length: 30 * 24 * 12 }, (_, n) => MONDAY - 30 * DAY + n * (HOUR / 12));
    expect(silentAfterMs(heard(moments, MONDAY), MONDAY)).toBe(HOUR);
  });

  test("a new store, and one seldom heard of, have none", () => {
    const young = Array.from({ length: 100 }, (_, n) => MONDAY - 6 * DAY + n * HOUR);
    const rare = Array.from({ length: 19 }, (_, n) => MONDAY - 27 * DAY + n * DAY);
    const rhythms = [young, rare, []].map((moments) => silentAfterMs(heard(moments, MONDAY), MONDAY));
    expect(rhythms).toEqual([null, null, null]);
  });
});
