import { expect, test } from "vitest";
import { ALONE } from "../../src/core/leadership.ts";
import { isClaimOf, isOwn, SEND_MS_MAX } from "../../src/core/lease.ts";
import { CLIENT_LIMITS } from "../../src/goodcom/client.ts";
import { LEASE_MS } from "../../src/worker/sweep.ts";
import { T0 } from "./a-delivery.ts";

const claimed = { lease_until: T0 + LEASE_MS };
const place = (alive: boolean) => ({ shared: true, isAlive: () => alive });

test("a send that leaves in time is answered and written down within the lease, after the slowest connection too", () => {
  const { connect_ms, headers_ms, body_ms } = CLIENT_LIMITS;
  expect(SEND_MS_MAX).toBeGreaterThan(headers_ms + body_ms);
  expect(connect_ms).toBeLessThan(LEASE_MS - SEND_MS_MAX);
});

test("a claim is one's own as long as its lease leaves room for the answer; for a question, to its end", () => {
  expect(isOwn(claimed, "send", place(true), T0 + 29_999)).toBe(true);
  expect(isOwn(claimed, "send", place(true), T0 + 30_000)).toBe(false);
  expect(isOwn(claimed, "verify", place(true), T0 + 74_999)).toBe(true);
  expect(isOwn(claimed, "verify", place(true), T0 + 75_000)).toBe(false);
});

test("of one that the others take for dead nothing is its own, nor what was never claimed", () => {
  expect(isOwn(claimed, "send", place(false), T0)).toBe(false);
  expect(isOwn(claimed, "verify", place(false), T0)).toBe(false);
  expect(isOwn({ lease_until: null }, "verify", place(true), T0)).toBe(false);
});

test("the only service on a ledger keeps what it has claimed, whatever a clock says", () => {
  expect(isOwn(claimed, "send", ALONE, T0 + 10 * LEASE_MS)).toBe(true);
  expect(isClaimOf({ lease_until: T0 + 2 * LEASE_MS }, claimed, { leadership: ALONE })).toBe(true);
});

test("what was claimed anew, or recovered, is another's", () => {
  const leadership = { shared: true };
  expect(isClaimOf(claimed, claimed, { leadership })).toBe(true);
  expect(isClaimOf({ lease_until: T0 + LEASE_MS + 1 }, claimed, { leadership })).toBe(false);
  expect(isClaimOf({ lease_until: null }, claimed, { leadership })).toBe(false);
});
