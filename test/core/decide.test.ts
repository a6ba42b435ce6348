import { describe, expect, test } from "vitest";
import {
  afterAttempt,
  afterCloudAccepted,
  afterLostAttempt,
  hadLastTry,
  isHeld,
  redriven,
} from "../../src/core/decide.ts";
import type { AttemptOutcome, Delivery, OutcomeKind } from "../../src/core/delivery.ts";
import { apply, claimed, FRESH, NO_JITTER, outcome, PRINTER, T0 } from "./a-delivery.ts";

/** Attempts at the moments the schedule asks for, each ending in `kind`; the gaps between them in seconds. */
function gaps(kind: OutcomeKind, count: number, start: Delivery = FRESH, chance = NO_JITTER): number[] {
  let delivery = start;
  let now = T0;
  const seconds: number[] = [];
  for (let i = 0; i < count; i++) {
    delivery = apply(delivery, afterAttempt(claimed(delivery, now), outcome(kind), PRINTER, { now, chance }));
    if (delivery.next_attempt_at === null) break;
    seconds.push((delivery.next_attempt_at - now) / 1000);
    now = delivery.next_attempt_at;
  }
  return seconds;
}

describe("retries", () => {
  test("bug: a Retry-After was not heeded where the order may have printed", () => {
    const moment = { now: T0, chance: NO_JITTER };
    const after = (retry_after_ms: number) =>
      afterAttempt(claimed(FRESH, T0), outcome("unknown", { retry_after_ms }), PRINTER, moment).set;
    expect(after(15_000)).toMatchObject({ next_attempt_at: T0 + 15_000, may_be_repeat: true });
    expect(after(3_000).next_attempt_at).toBe(T0 + 5_000);
    expect(after(1e12).next_attempt_at).toBe(T0 + 3_600_000);
  });

  test("an unavailable cloud is tried by the contract's list", () => {
    const expected = [
      2, 5, 10, 20, 40, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 300, 300, 300,
    ];
    expect(gaps("unavailable", expected.length)).toEqual(expected);
  });

  test("jitter is only added, at most a fifth", () => {
    expect(gaps("unavailable", 3, FRESH, () => 0.999999)).toEqual([2.4, 6, 12]);
  });

  test("Retry-After puts it off, never forward, and not for more than an hour", () => {
    const next = (retry_after_ms: number): number | null | undefined =>
      afterAttempt(claimed(FRESH, T0), outcome("unavailable", { retry_after_ms }), PRINTER, {
        now: T0,
        chance: NO_JITTER,
      }).set.next_attempt_at;
    expect([next(30_000), next(1000), next(1e12)]).toEqual([T0 + 30_000, T0 + 2000, T0 + 3_600_000]);
  });

  test("after unknown outcomes at most three more, 5, 30 and 120 s apart; then it is held", () => {
    expect(gaps("unknown", 10)).toEqual([5, 30, 120]);
  });
});

describe("what may have printed says so", () => {
  const once = apply(
    FRESH,
    afterAttempt(claimed(FRESH, T0), outcome("unknown"), PRINTER, { now: T0, chance: NO_JITTER }),
  );

  test("from the first unknown outcome on, whatever follows", () => {
    expect(once).toMatchObject({
      state: "pending",
      may_be_repeat: true,
      unknown_count: 1,
      lease_until: null,
    });
    const later = apply(
      once,
      afterAttempt(claimed(once, T0), outcome("unavailable"), PRINTER, { now: T0, chance: NO_JITTER }),
    );
    expect(later.may_be_repeat).toBe(true);
    const dead = apply(
      later,
      afterAttempt(claimed(later, T0), outcome("rejected"), PRINTER, { now: T0, chance: NO_JITTER }),
    );
    expect(apply(dead, redriven(dead, false, 86_400, { now: T0 })).may_be_repeat).toBe(true);
  });

  test("an unavailable or refused one surely did not print", () => {
    for (const kind of ["unavailable", "rejected"] as const) {
      const after = apply(
        FRESH,
        afterAttempt(claimed(FRESH, T0), outcome(kind), PRINTER, { now: T0, chance: NO_JITTER }),
      );
      expect(after.may_be_repeat).toBe(false);
    }
  });

  test("what a dead process left is due at once and counts as unknown", () => {
    const lost = apply(FRESH, afterLostAttempt(claimed(FRESH, T0), { now: T0 + 9, chance: NO_JITTER }));
    expect(lost).toMatchObject({
      state: "pending",
      next_attempt_at: T0 + 9,
      may_be_repeat: true,
      unknown_count: 1,
    });
    const often = apply(
      FRESH,
      afterLostAttempt({ ...claimed(FRESH, T0), unknown_count: 3 }, { now: T0, chance: NO_JITTER }),
    );
    expect(often).toMatchObject({ next_attempt_at: null, attention: "repeat_limit" });
  });
});

describe("a held delivery", () => {
  const held: Delivery = { ...FRESH, unknown_count: 4, next_attempt_at: null, may_be_repeat: true };

  test("gets one more try when the cloud accepts another, and only one", () => {
    const again = apply(held, afterCloudAccepted(held, { now: T0 + 5, chance: NO_JITTER }));
    expect(again.next_attempt_at).toBe(T0 + 5);
    const heldAgain = apply(
      again,
      afterAttempt(claimed(again, T0), outcome("unknown"), PRINTER, { now: T0, chance: NO_JITTER }),
    );
    expect([isHeld(heldAgain), hadLastTry(held), hadLastTry(heldAgain)]).toEqual([true, false, true]);
    expect(afterCloudAccepted(heldAgain, { now: T0, chance: NO_JITTER })).toBeNull();
  });

  test("can be redriven, with its limits new", () => {
    expect(apply(held, redriven(held, false, 60, { now: T0 }))).toMatchObject({
      state: "pending",
      next_attempt_at: T0,
      unknown_count: 0,
      useful_until: T0 + 60_000,
    });
  });

  test("a delivery that is not held is let alone", () => {
    expect(afterCloudAccepted(FRESH, { now: T0, chance: NO_JITTER })).toBeNull();
  });
});

describe("the cloud's answer", () => {
  const now = T0 + 40;
  const after = (
    what: AttemptOutcome,
    endpoint: "cancelorder" | "cancel_then_submit" = "cancelorder",
    from = FRESH,
  ) =>
    apply(from, afterAttempt(claimed(from, T0), what, { ...PRINTER, endpoint }, { now, chance: NO_JITTER }));

  test("accepted waits for the printer", () => {
    expect(after(outcome("accepted"))).toMatchObject({
      state: "accepted",
      accepted_at: now,
      confirm_by: now + 600_000,
      next_attempt_at: null,
      lease_until: null,
    });
  });

  test("a refusal is final, with the cloud's words", () => {
    expect(after(outcome("rejected", { detail: "sign error" }))).toMatchObject({
      state: "dead",
      attention: "dead",
      last_error: "refused by the cloud: sign error",
      next_attempt_at: null,
    });
  });

  test("cancel_then_submit goes to submitorder once, and only for an unknown order", () => {
    const unknownOrder = outcome("rejected", { order_unknown: true });
    const fallen = after(unknownOrder, "cancel_then_submit");
    expect(fallen).toMatchObject({ state: "pending", endpoint: "submitorder", next_attempt_at: now });
    expect(after(unknownOrder, "cancel_then_submit", fallen).state).toBe("dead");
    expect(after(outcome("rejected"), "cancel_then_submit").state).toBe("dead");
    expect(after(unknownOrder, "cancelorder").state).toBe("dead");
  });

  test("that comes after the printer's confirmation changes nothing", () => {
    const printed = { ...claimed(FRESH, T0), state: "printed" } as const;
    for (const kind of ["accepted", "unknown", "rejected", "unavailable"] as const) {
      const result = afterAttempt(printed, outcome(kind), PRINTER, { now, chance: NO_JITTER });
      expect(result).toEqual({ set: {}, note: null });
    }
  });

  test("that comes when the attempt was taken for lost leaves the claim that followed it alone", () => {
    const asked = { ...FRESH, state: "verifying", lease_until: T0 + 75_000, may_be_repeat: true } as const;
    for (const kind of ["accepted", "unknown", "rejected", "unavailable"] as const) {
      const transition = afterAttempt(asked, outcome(kind), PRINTER, { now, chance: NO_JITTER });
      expect(apply(asked, transition)).toEqual(asked);
    }
  });
});
