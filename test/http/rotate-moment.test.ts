import { expect, test } from "vitest";
import { momentIn } from "../../src/http/dashboard/settings/rotate-page.ts";

// Expected moments by `date -u -d 'TZ="Europe/Berlin" 2026-07-01 12:00'` and the like.
test.each([
  ["2026-11-25T18:00", "UTC", "2026-11-25T18:00:00.000Z"],
  ["2026-11-25T18:00", "Asia/Taipei", "2026-11-25T10:00:00.000Z"],
  ["2026-11-25 18:00:30", "Asia/Kathmandu", "2026-11-25T12:15:00.000Z"],
  ["2026-07-01T12:00", "Europe/Berlin", "2026-07-01T10:00:00.000Z"],
  ["2026-12-31T20:00", "America/New_York", "2027-01-01T01:00:00.000Z"],
  // Just before and after the clocks are put on at 02:00, and in the hour there is not.
  ["2026-03-29T01:59", "Europe/Berlin", "2026-03-29T00:59:00.000Z"],
  ["2026-03-29T03:00", "Europe/Berlin", "2026-03-29T01:00:00.000Z"],
  ["2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30:00.000Z"],
])("%s in %s is %s", (text, zone, expected) => {
  expect(new Date(momentIn(text, zone) ?? 0).toISOString()).toBe(expected);
});

test.each(["", "soon", "2026-02-30T12:00", "2026-11-25", "2026-11-25T25:00", "26-11-25T12:00"])(
  "%j is no moment",
  (text) => expect(momentIn(text, "UTC")).toBeNull(),
);
