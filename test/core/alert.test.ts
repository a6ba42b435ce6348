import { expect, test } from "vitest";
import { deliveryReason } from "../../src/core/alert-reason.ts";
import {
  ALERT_OF_ATTENTION,
  ALERT_RETRY_DELAYS_MS,
  ALERT_TYPES,
  alertText,
  lasted,
} from "../../src/core/alert.ts";
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

test("of a reprint it is told which slip is meant", () => {
  const alert = {
    type: "delivery.rejected",
    ...{ matter: "m", delivery_id: "DL2", webhook_id: null, order_id: "7" },
    ...{ order_name: "#1001", store: "noodle-bar", printer: "kitchen", count: 1, gathered: false },
  } as const;
  const told = (last_error: string | null, reprint_number: number | null = 2) =>
    alertText({ ...alert, reason: deliveryReason({ last_error, reprint_number }) });
  const what = "refused by the staff at the printer";
  expect(told("refused at the printer: late")).toBe(
    `Order #1001 reprint 2 (noodle-bar → kitchen): ${what}. Refused at the printer: late`,
  );
  expect(told("refused at the printer")).toBe(`Order #1001 reprint 2 (noodle-bar → kitchen): ${what}`);
  expect(told(null)).toBe(`Order #1001 reprint 2 (noodle-bar → kitchen): ${what}`);
  expect(told("refused at the printer", null)).toBe(`Order #1001 (noodle-bar → kitchen): ${what}`);
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
