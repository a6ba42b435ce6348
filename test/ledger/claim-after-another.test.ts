import { expect, test } from "vitest";
import type { Delivery } from "../../src/core/delivery.ts";
import { createClaims } from "../../src/ledger/sql/claim.ts";
import { settled, type Step, type Work } from "../../src/ledger/sql/statement.ts";
import { FRESH } from "../core/a-delivery.ts";

const NOW = 1_800_000_000_000;
const DUE: Partial<Delivery> = { state: "pending", next_attempt_at: NOW - 1, lease_until: null };

/** What a claim does when its look has found one delivery, which is this once it is locked. */
function claimOf(locked: Partial<Delivery>): { claimed: Delivery[]; written: unknown[] } {
  const reader = { bySeq: () => settled({ ...FRESH, ...locked }) };
  const [only, writer] = [reader, {}] as unknown as Parameters<typeof createClaims>;
  const claims = createClaims(only, writer, { isAwaited: () => settled(false) });
  const written: unknown[] = [];
  const run = <Result>(work: Work<Result>): Result => {
    let next = work.next();
    while (next.done !== true) next = work.next(answer(next.value));
    return next.value;
  };
  function answer(step: Step): unknown {
    if (typeof step === "object" && "together" in step) return step.together.map(run);
    if (typeof step === "object" && "want" in step) {
      if (step.want === "all") return [{ seq: 1, store: "s", next_attempt_at: NOW - 1 }];
      written.push(step.parameters);
    }
    return undefined;
  }
  const query = { state: "pending", now: NOW, limit: 5, lease_until: NOW + 75_000 } as const;
  return { claimed: run(claims.claim(query)), written };
}

test("two relays claimed one delivery in the same moment: what another has claimed since the look is left", () => {
  expect(claimOf(DUE).claimed).toHaveLength(1);
  for (const since of [
    { ...DUE, state: "sending", next_attempt_at: null, lease_until: NOW + 75_000 },
    { ...DUE, state: "accepted", next_attempt_at: null },
    { ...DUE, next_attempt_at: NOW + 1 },
    { ...DUE, next_attempt_at: null },
    { ...DUE, lease_until: NOW + 1 },
  ] as const) {
    expect(claimOf(since)).toEqual({ claimed: [], written: [] });
  }
});
