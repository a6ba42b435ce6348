import { describe, expect, test } from "vitest";
import { dayFilter, zoneOfSearch } from "../../src/http/dashboard/days.ts";
import { applyFileSchema } from "../../src/core/settings.ts";

const day = (from: string | null, to: string | null, zone: string): (string | undefined)[] => {
  const { since, until } = dayFilter({ from, to }, zone);
  return [since, until].map((at) => (at === undefined ? undefined : new Date(at).toISOString()));
};

describe("the days of a search", () => {
  // From the tz database, by `date --date='TZ="…" 2026-11-24 00:00' -u`.
  test.each([
    ["UTC", "2026-11-24T00:00:00.000Z", "2026-11-25T00:00:00.000Z"],
    ["Asia/Taipei", "2026-11-23T16:00:00.000Z", "2026-11-24T16:00:00.000Z"],
    ["America/New_York", "2026-11-24T05:00:00.000Z", "2026-11-25T05:00:00.000Z"],
    ["Asia/Kathmandu", "2026-11-23T18:15:00.000Z", "2026-11-24T18:15:00.000Z"],
  ])("begin and end at midnight in %s", (zone, since, until) => {
    expect(day("2026-11-24", "2026-11-24", zone)).toEqual([since, until]);
  });

  test("the day on which clocks go back has 25 hours", () => {
    expect(day("2026-11-01", "2026-11-01", "America/New_York")).toEqual([
      "2026-11-01T04:00:00.000Z",
      "2026-11-02T05:00:00.000Z",
    ]);
  });

  test("a day without a midnight begins after it", () => {
    // Santiago put its clocks from 2026-09-05 24:00 to 2026-09-06 01:00 (UTC-4 to UTC-3).
    expect(day("2026-09-06", null, "America/Santiago")).toEqual(["2026-09-06T04:00:00.000Z", undefined]);
  });

  test("what is no day is refused", () => {
    for (const wrong of ["yesterday", "2026-13-01", "2026-11-24T00:00", "'"])
      expect(() => dayFilter({ from: wrong, to: null }, "UTC")).toThrow("a day is written as");
  });

  test("are the shop's: the asked printer's zone, or the one that all share, or UTC", () => {
    const printer = (name: string, time_zone: string) => ({ name, api_key: "k", time_zone });
    const settings = (...printers: ReturnType<typeof printer>[]) => applyFileSchema.parse({ printers });
    const same = { ...settings(printer("a", "Asia/Taipei"), printer("b", "Asia/Taipei")), stores: [] };
    const two = { ...settings(printer("a", "Asia/Taipei"), printer("b", "Asia/Tokyo")), stores: [] };
    expect(zoneOfSearch(null, same)).toBe("Asia/Taipei");
    expect(zoneOfSearch(null, two)).toBe("UTC");
    expect(zoneOfSearch("b", two)).toBe("Asia/Tokyo");
    expect(zoneOfSearch("gone", two)).toBe("UTC");
    expect(zoneOfSearch(null, { printers: [], stores: [] })).toBe("UTC");
  });
});
