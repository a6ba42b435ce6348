import { describe, expect, test } from "vitest";
import { parseMoment, toRfc3339, wallClock } from "../../src/core/time.ts";

describe("parseMoment reads what stores write", () => {
  // Expected values by `date -u -d '<text>' +%s%3N`.
  test.each([
    ["2012-05-01T14:22:25-04:00", 1335896545000],
    ["2024-12-30T23:50:38Z", 1735602638000],
    ["2023-12-07T08:29:50.000000Z", 1701937790000],
    ["2023-12-07T08:29:50.123456Z", 1701937790123],
    ["2023-04-12 22:59:52 +0800", 1681311592000],
    ["2023-04-12 22:59:52+08", 1681311592000],
    ["2023-04-12 22:59:52.5+0545", 1681319692500],
    ["2023-04-12 14:59:52 UTC", 1681311592000],
    ["2023-04-12T14:59:52 gmt", 1681311592000],
    ["2023-04-12", 1681257600000],
    ["2024-02-29T23:30:00-02:00", 1709256600000],
    ["2023-04-12T22:59", 1681340340000],
    ['"2024-12-30T23:50:38Z"', 1735602638000],
    ["1735602638", 1735602638000],
    [1735602638, 1735602638000],
    [1735602638000, 1735602638000],
  ])("%s", (value, expected) => {
    expect(parseMoment(value)).toBe(expected);
  });

  test.each([
    null,
    undefined,
    "",
    "yesterday",
    "2024-13-45T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-02-29",
    "2026-04-31 12:00:00+08:00",
    ...["2026-04-30 12:00:00+8", "2026-04-30 12:00:00+08:0", "2026-04-30 12:00:00 CST"],
    "0001-01-01T00:00:00Z",
    0,
    -5,
    NaN,
    true,
    {},
    [],
  ])("%s is no moment", (value) => {
    expect(parseMoment(value)).toBeNull();
  });
});

test("wallClock gives the printer's own time, over midnight and daylight saving", () => {
  const at = Date.UTC(2026, 6, 1, 22, 5);
  expect(wallClock(at, "Asia/Taipei")).toEqual({
    year: "2026",
    month: "07",
    day: "02",
    hour: "06",
    minute: "05",
  });
  expect(wallClock(at, "America/New_York")).toEqual({
    year: "2026",
    month: "07",
    day: "01",
    hour: "18",
    minute: "05",
  });
  expect(wallClock(Date.UTC(2026, 0, 1, 0, 0), "UTC").hour).toBe("00");
});

test("toRfc3339 keeps null", () => {
  expect(toRfc3339(1735602638000)).toBe("2024-12-30T23:50:38.000Z");
  expect(toRfc3339(null)).toBeNull();
});
