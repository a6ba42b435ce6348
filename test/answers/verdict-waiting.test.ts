import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/core/delivery.ts";
import { verdictOf } from "../../src/answers/verdict.ts";
import { aDelivery, NOW } from "../http/samples.ts";

const taipei = { now: NOW, zone: "Asia/Taipei" };
const held = { state: "pending", next_attempt_at: null, attempt_count: 4, may_be_repeat: true } as const;

describe("what is said of a slip that waits is true at that moment", () => {
  test("bug: what was due for most of a minute said all the time that it goes out, or is asked about, now", () => {
    const due = (own: Partial<Delivery>, ms: number) =>
      verdictOf(aDelivery({ ...own, next_attempt_at: NOW - ms }), taipei).why;
    const tried = { state: "pending", attempt_count: 2, last_error: "HTTP 503" } as const;
    expect(due(tried, 4_999)).toBe("Attempt 3 now. Last: HTTP 503.");
    expect(due(tried, 5_000)).toMatch(/^Attempt 3 as soon as it can: it was due 5 s ago\./);
    expect(due({ state: "verifying" }, 0)).toMatch(/cancelled\. Asked now\.$/);
    expect(due({ state: "verifying", last_error: "HTTP 500" }, 0)).toMatch(/Asked again now\.$/);
    expect(due({ state: "verifying" }, 40_000)).toMatch(/Asked as soon as it can: it was due 40 s ago\.$/);
  });

  test("bug: tries that never reached the cloud were told as slips that were sent", () => {
    const told = verdictOf(aDelivery({ ...held, attempt_count: 7 }), taipei);
    expect(told.why).toMatch(/^Tried 7 times, and nobody knows whether it printed/);
  });

  test("bug: after its one more try a held slip was said to go out once more when the cloud works", () => {
    const advice = (unknown_count: number) =>
      verdictOf(aDelivery({ ...held, unknown_count }), taipei).advice ?? "";
    expect(advice(4)).toMatch(/Redrive\. It also goes out once more when Goodcom works again\.$/);
    expect(advice(5)).toBe("Look at the printer. No slip? Redrive: it goes out no more by itself.");
  });

  test("bug: of a printer that was removed it said that what waits for it goes on by itself", () => {
    const gone = { ...taipei, gone: true };
    for (const own of [{ attempt_count: 2, next_attempt_at: NOW + 40_000 }, held]) {
      const { tone, why, advice } = verdictOf(aDelivery({ state: "pending", ...own }), gone);
      expect([tone, why]).toEqual([
        "bad",
        "Printer kitchen is not set up any more: nothing can be sent to it.",
      ]);
      expect(advice).toBe("Tell the kitchen by hand. It goes out when a printer kitchen is set up again.");
    }
    const waiting = aDelivery({ state: "pending", attempt_count: 2, next_attempt_at: NOW + 40_000 });
    expect(verdictOf(waiting, { ...gone, unserved: true })).toEqual(verdictOf(waiting, gone));
    expect(verdictOf(aDelivery(), gone)).toEqual(verdictOf(aDelivery(), taipei));
  });

  test("a time to confirm that has passed is told as past", () => {
    const took = (confirm_by: number) => verdictOf(aDelivery({ state: "accepted", confirm_by }), taipei).why;
    expect(took(NOW + 1)).toMatch(/The printer has until 16:00:00 to confirm/);
    expect(took(NOW - 1)).toMatch(/The printer had until 15:59:59 to confirm/);
  });
});
