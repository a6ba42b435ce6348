import { describe, expect, test } from "vitest";
import type { RowSpec } from "../../bench/figure.ts";
import { median, percentile } from "../../bench/stats.ts";
import { tableRow } from "../../bench/table.ts";

/** The last column. */
const verdictOf = (spec: Partial<RowSpec>, ...samples: Record<string, number | null>[]): string | undefined =>
  tableRow({ what: "acks", unit: "/s", measured: "acks", ...spec }, samples).at(-1);

describe("a row of the table", () => {
  test("is ok at its limits and missed beyond them", () => {
    expect(verdictOf({ at_least: 5000 }, { acks: 5000 })).toBe("ok");
    expect(verdictOf({ at_least: 5000 }, { acks: 4999.9 })).toBe("MISSED");
    expect(verdictOf({ at_most: 25 }, { acks: 25 })).toBe("ok");
    expect(verdictOf({ at_most: 25 }, { acks: 25.1 })).toBe("MISSED");
  });

  test("needs both its number and its ratio", () => {
    const spec = { at_least: 5000, ratio_at_least: 0.5, baseline: { name: "bare", measured: "bare" } };
    expect(verdictOf(spec, { acks: 5000, bare: 10_000 })).toBe("ok");
    expect(verdictOf(spec, { acks: 5000, bare: 10_001 })).toBe("MISSED");
    expect(verdictOf(spec, { acks: 4000, bare: 6000 })).toBe("MISSED");
  });

  test("takes the median of the rounds, and tells the least and the most", () => {
    const spec: RowSpec = { what: "acks", unit: "/s", measured: "acks", at_least: 5000 };
    const row = tableRow(spec, [{ acks: 9000 }, { acks: 4000 }, { acks: 5100 }]);
    expect(row.slice(2, 4)).toEqual(["5,100/s", "4,000 to 9,000"]);
    expect(row.at(-1)).toBe("ok");
  });

  test("has no verdict where nothing could be measured, and says why", () => {
    const spec: RowSpec = { what: "acks", unit: "/s", measured: "acks", at_least: 1, missing: "no redis" };
    expect(tableRow(spec, [{}])).toEqual(["acks", "≥ 1/s", "–", "", "no redis", "", ""]);
  });

  test("without a target it has no verdict", () => {
    expect(verdictOf({}, { acks: 1 })).toBe("");
  });
});

test("percentiles are by the nearest rank", () => {
  const hundred = Array.from({ length: 100 }, (_, n) => n + 1);
  expect([0.5, 0.95, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 95, 99, 100]);
  expect(percentile([7], 0.99)).toBe(7);
  expect(percentile([], 0.5)).toBeNaN();
});

test("the median of an even number is between the two in the middle", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
});
