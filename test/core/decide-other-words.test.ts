import { describe, expect, test } from "vitest";
import {
  afterConfirmation,
  afterConfirmTime,
  afterUsefulTime,
  afterVerification,
  redriven,
} from "../../src/core/decide.ts";
import type { Delivery, Verification } from "../../src/core/delivery.ts";
import { testTicket } from "../../src/core/ticket.ts";
import { apply, FRESH, NO_JITTER, T0 } from "./a-delivery.ts";

describe("the printer's word", () => {
  const word = (verdict: "accepted" | "rejected" | "unrecognised") => ({
    verdict,
    message: "OK",
    time: null,
  });

  test.each(["verifying", "pending", "sending", "accepted", "rejected", "dead", "void"] as const)(
    "accepted lands on %s",
    (state) => {
      const after = apply(FRESH, afterConfirmation({ ...FRESH, state }, word("accepted"), T0 + 1));
      expect(after).toMatchObject({
        state: "printed",
        printed_at: T0 + 1,
        next_attempt_at: null,
        lease_until: null,
      });
    },
  );

  test("printed is final: the same again, or a refusal of a repeat, changes nothing", () => {
    const printed = { ...FRESH, state: "printed" } as const;
    expect(afterConfirmation(printed, word("accepted"), T0)).toBeNull();
    expect(afterConfirmation(printed, word("rejected"), T0)).toBeNull();
  });

  test("staff's refusal is told", () => {
    const after = apply(FRESH, afterConfirmation({ ...FRESH, state: "accepted" }, word("rejected"), T0));
    expect(after).toMatchObject({
      state: "rejected",
      attention: "rejected",
      last_error: "refused at the printer: OK",
    });
  });

  test.each(["Refused at the printer", "refused at the printer."])(
    "bug: %j of the printer was said after the same words of ours",
    (message) => {
      const said = { ...word("rejected"), message };
      const transition = afterConfirmation({ ...FRESH, state: "accepted" }, said, T0);
      expect(transition?.set.last_error).toBe("refused at the printer");
      expect(transition?.note).toBe("staff refused it at the printer");
    },
  );

  test("an unknown verdict moves nothing", () => {
    expect(afterConfirmation({ ...FRESH, state: "accepted" }, word("unrecognised"), T0)).toBeNull();
  });
});

describe("asking the store", () => {
  const verifying: Delivery = { ...FRESH, platform: "fastpod", state: "verifying" };
  const after = (found: Verification, from = verifying) =>
    apply(from, afterVerification(from, found, { now: T0, chance: NO_JITTER }));

  test("cancelled there: due at once, with the store's own order", () => {
    const ticket = { ...testTicket("kitchen", T0), order_name: "R-7" };
    const found = {
      kind: "cancelled",
      ticket,
      order_name: "R-7",
      cancelled_at: T0 - 5,
      reason: null,
    } as const;
    expect(after(found)).toMatchObject({ state: "pending", next_attempt_at: T0, ticket, order_name: "R-7" });
  });

  test("not cancelled counts when it is said twice", () => {
    const first = after({ kind: "not_cancelled", detail: "in production" });
    expect(first).toMatchObject({ state: "verifying", next_attempt_at: T0 + 2000, denied_count: 1 });
    expect(after({ kind: "not_cancelled", detail: "in production" }, first)).toMatchObject({ state: "void" });
  });

  test("no answer: asked again on the retry law, still verifying", () => {
    const down = { kind: "unavailable", detail: "503", retry_after_ms: null, refused: false } as const;
    expect(after(down)).toMatchObject({ state: "verifying", next_attempt_at: T0 + 2000, retry_step: 1 });
  });
});

describe("time", () => {
  test("a waiting delivery dies when it is no longer useful, and not before", () => {
    for (const state of ["pending", "verifying"] as const) {
      const waiting = { ...FRESH, state, last_error: "connection refused" };
      expect(afterUsefulTime(waiting, FRESH.useful_until - 1)).toBeNull();
      expect(apply(waiting, afterUsefulTime(waiting, FRESH.useful_until))).toMatchObject({
        state: "dead",
        attention: "dead",
      });
    }
    expect(afterUsefulTime({ ...FRESH, state: "accepted" }, FRESH.useful_until)).toBeNull();
  });

  test("an unconfirmed delivery is told once", () => {
    const accepted: Delivery = { ...FRESH, state: "accepted", confirm_by: T0 + 600_000 };
    expect(afterConfirmTime(accepted, T0 + 599_999)).toBeNull();
    const told = apply(accepted, afterConfirmTime(accepted, T0 + 600_000));
    expect(told).toMatchObject({ state: "accepted", attention: "unconfirmed" });
    expect(afterConfirmTime(told, T0 + 700_000)).toBeNull();
  });
});

test("only dead and held deliveries can be redriven; one never verified is verified first", () => {
  for (const state of [
    "verifying",
    "sending",
    "accepted",
    "printed",
    "rejected",
    "void",
    "pending",
  ] as const) {
    expect(redriven({ ...FRESH, state }, false, 60, { now: T0 })).toBeNull();
  }
  expect(redriven({ ...FRESH, state: "dead" }, true, 60, { now: T0 })?.set.state).toBe("verifying");
});
