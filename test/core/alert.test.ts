import { expect, test } from "vitest";
import { ALERT_OF_ATTENTION, ALERT_RETRY_DELAYS_MS, ALERT_TYPES, lasted } from "../../src/core/alert.ts";
import { ATTENTIONS } from "../../src/core/delivery.ts";

test("the schedule is Standard Webhooks' own", () => {
  // spec/standard-webhooks.md, "Deliverability and reliability": attempts 2 to 10.
  const table = ["5 s", "5 min", "30 min", "2 h", "5 h", "10 h", "14 h", "20 h", "24 h"];
  const units: Record<string, number> = { s: 1000, min: 60_000, h: 3_600_000 };
  const wanted = table.map((told) => Number(told.split(" ")[0]) * (units[told.split(" ")[1] ?? ""] ?? 0));
  expect(ALERT_RETRY_DELAYS_MS).toEqual(wanted);
});

test("every reason to look at a delivery is a type, and types are written as the ledger takes them", () => {
  expect(Object.keys(ALERT_OF_ATTENTION).sort()).toEqual([...ATTENTIONS].sort());
  for (const type of ALERT_TYPES) expect(type).toMatch(/^[a-z]+\.[a-z]+$/);
});

test.each([
  [400, "1 s"],
  [29_000, "29 s"],
  [60_000, "1 min"],
  [3_600_000, "1 h"],
  [7_500_000, "2 h 5 min"],
  [3 * 86_400_000, "3 days"],
])("%d ms lasted %s", (ms, words) => {
  expect(lasted(ms)).toBe(words);
});
