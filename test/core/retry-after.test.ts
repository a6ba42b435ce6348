import { describe, expect, test } from "vitest";
import { retryAfterMs } from "../../src/core/retry-after.ts";

/** Tue, 24 Nov 2026 07:00:00 GMT */
const NOW = 1_795_503_600_000;

describe("Retry-After", () => {
  test.each([
    ["7", 7000],
    [" 120 ", 120_000],
    ["0", 0],
    ["Tue, 24 Nov 2026 07:00:30 GMT", 30_000],
    ["Tue, 24 Nov 2026 06:00:00 GMT", 0],
    ["Tuesday, 24-Nov-26 07:00:30 GMT", 30_000],
    ["", null],
    ["soon", null],
    ["-5", null],
    ["1.5", null],
    ["2026-11-24T07:00:30Z", null],
    ["9".repeat(40), null],
    ["1 January 2027", null],
  ])("%j is %s ms", (header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms);
  });

  test("none is none, and of several the first counts", () => {
    expect(retryAfterMs(undefined, NOW)).toBeNull();
    expect(retryAfterMs(["3", "9"], NOW)).toBe(3000);
  });
});
