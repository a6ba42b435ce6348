import { describe, expect, test } from "vitest";
import type { DeliveryState } from "../../src/core/delivery.ts";
import type { DeliveryStep, Ledger } from "../../src/ledger/ledger.ts";
import { aDelivery, anEntry, idOf, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

function moved(ledger: Ledger, n: number, state: DeliveryState, at: number, note = "why"): Promise<unknown> {
  return ledger.change(idOf("DLVR", n), { at, by: "relay", decide: () => ({ set: { state }, note }) });
}

async function allPast(ledger: Ledger, since: number, limit: number): Promise<DeliveryStep[]> {
  const steps: DeliveryStep[] = [];
  for (let place: number | null = null; ;) {
    const page = await ledger.pastSteps({ place, since, limit });
    steps.push(...page.steps);
    place = page.next_place;
    if (place === null) return steps;
  }
}

export function contractOfFigures(name: string, open: OpenLedger): void {
  describe(`${name}: figures`, () => {
    test(
      "each step of the past is told once, latest first, with how long the paper took",
      onLedger(open, async ({ ledger }) => {
        for (const n of [1, 2, 3, 4]) await ledger.enqueue(anEntry(n, { created_at: NOON + n }));
        await moved(ledger, 1, "accepted", NOON + 100);
        await moved(ledger, 2, "accepted", NOON + 101);
        await moved(ledger, 1, "printed", NOON + 5001);
        await moved(ledger, 1, "printed", NOON + 6000, "told once more");
        await moved(ledger, 2, "rejected", NOON + 7000);
        await moved(ledger, 3, "dead", NOON + 8000);
        await moved(ledger, 3, "pending", NOON + 9000);
        await moved(ledger, 3, "dead", NOON + 10_000);
        const expected: DeliveryStep[] = [
          { step: "failed", at: NOON + 10_000 },
          { step: "failed", at: NOON + 8000 },
          { step: "failed", at: NOON + 7000 },
          { step: "printed", at: NOON + 5001, since_received_ms: 5000 },
          ...[4, 3, 2, 1].map((n) => ({ step: "received" as const, at: NOON + n })),
        ];
        for (const limit of [1, 3, 100]) expect(await allPast(ledger, NOON, limit)).toEqual(expected);
        expect(await allPast(ledger, NOON + 5000, 100)).toEqual(expected.slice(0, 4));
      }),
    );

    test(
      "looking back ends where all is of before, and begins with what is there now",
      onLedger(open, async ({ ledger }) => {
        for (let n = 1; n <= 40; n++) await ledger.enqueue(anEntry(n, { created_at: NOON - 40 + n }));
        const first = await ledger.pastSteps({ place: null, since: NOON - 5, limit: 4 });
        expect(first.steps).toHaveLength(4);
        await ledger.enqueue(anEntry(41, { created_at: NOON + 1 }));
        const second = await ledger.pastSteps({ place: first.next_place, since: NOON - 5, limit: 4 });
        expect(second.steps.map(({ at }) => at - NOON)).toEqual([-4, -5]);
        const third = await ledger.pastSteps({ place: second.next_place, since: NOON - 5, limit: 4 });
        expect(third).toEqual({ steps: [], next_place: null });
      }),
    );

    test(
      "an empty ledger has no past",
      onLedger(open, async ({ ledger }) => {
        expect(await ledger.pastSteps({ place: null, since: 0, limit: 10 })).toEqual({
          steps: [],
          next_place: null,
        });
      }),
    );

    test(
      "vitals count each transaction and the calls that shared it",
      onLedger(open, async ({ ledger }) => {
        const total = (counts: number[]): number => counts.reduce((sum, count) => sum + count, 0);
        const before = await ledger.vitals();
        await Promise.all([1, 2, 3].map((n) => ledger.enqueue(anEntry(n))));
        await ledger.ping(NOON);
        const { commit_s, commit_calls, wal_bytes } = await ledger.vitals();
        expect(total(commit_s.counts) - total(before.commit_s.counts)).toBe(2);
        expect(total(commit_calls.counts) - total(before.commit_calls.counts)).toBe(2);
        expect(commit_calls.sum - before.commit_calls.sum).toBe(4);
        expect(commit_s.sum).toBeGreaterThan(before.commit_s.sum);
        expect(commit_s.counts).toHaveLength(commit_s.bounds.length + 1);
        // A server has a log of its own, which is not the ledger's.
        expect(wal_bytes ?? 1).toBeGreaterThan(0);
      }),
    );

    test(
      "a delivery keeps the trace that its webhook named, and has none where none came",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1, { traceparent: TRACEPARENT }));
        await ledger.enqueue(anEntry(2));
        const test = await ledger.add(aDelivery(3, { kind: "test", store: null }), "operator", "test");
        expect(test.traceparent).toBeNull();
        const claimed = await ledger.claim({ state: "pending", now: NOON, lease_until: NOON + 1, limit: 2 });
        expect(claimed.map(({ traceparent }) => traceparent)).toEqual([TRACEPARENT, null]);
      }),
    );
  });
}
