import { expect, test } from "vitest";
import { dayPlots } from "../../src/http/dashboard/day-plots.ts";
import { createDay } from "../../src/observe/day.ts";

const NOON = Date.UTC(2026, 10, 30, 12);

test("bug: on the page Now what was received counted reprints and tests, and did not say so", () => {
  const day = createDay({ now: () => NOON });
  const page = (): string => dayPlots(day.figures(), { zone: "UTC" }).text;
  expect(page()).not.toContain("with reprints and tests");
  day.add({ step: "received", at: NOON });
  expect(page()).toContain("at most 1 in 30 min, with reprints and tests");
});
