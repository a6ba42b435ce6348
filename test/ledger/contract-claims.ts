import { describe, expect, test } from "vitest";
import { numbers, set } from "./by-number.ts";
import { aDelivery, anAttempt, anEntry, dueQuery, HOUR, idOf, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

const LEASE = NOON + 75_000;

export function contractOfClaims(name: string, open: OpenLedger): void {
  describe(`${name}: claim`, () => {
    test(
      "takes what is due, oldest due first, up to the limit, and nobody else can",
      onLedger(open, async ({ ledger }) => {
        for (const n of [1, 2, 3, 4]) await ledger.enqueue(anEntry(n));
        await set(ledger, 1, { next_attempt_at: NOON - 10 });
        await set(ledger, 2, { next_attempt_at: NOON - 30 });
        await set(ledger, 3, { next_attempt_at: NOON + 1 });
        const claimed = await ledger.claim(dueQuery({ limit: 2 }));
        expect(numbers(claimed)).toEqual([2, 1]);
        expect(claimed[0]).toMatchObject({
          state: "sending",
          attempt_count: 1,
          lease_until: LEASE,
          next_attempt_at: null,
          ticket: aDelivery(2).ticket,
        });
        expect(numbers(await ledger.claim(dueQuery()))).toEqual([4]);
        expect(await ledger.claim(dueQuery({ now: NOON + 1 }))).toHaveLength(1);
        expect(await ledger.claim(dueQuery({ now: NOON + HOUR }))).toEqual([]);
      }),
    );

    test(
      "each attempt is signed with a moment of its own: now, or just after; a clock set back is followed",
      onLedger(open, async ({ ledger }) => {
        const signedAt = async (now: number): Promise<(number | null)[]> =>
          (await ledger.claim(dueQuery({ now }))).map(({ signed_at }) => signed_at);
        for (const n of [1, 2]) await ledger.enqueue(anEntry(n));
        expect(await signedAt(NOON)).toEqual([NOON, NOON + 1]);
        await ledger.enqueue(anEntry(3));
        expect(await signedAt(NOON)).toEqual([NOON + 2]);
        await ledger.enqueue(anEntry(4));
        await set(ledger, 4, { next_attempt_at: 0 });
        // Set back by an hour: going on from the old time would look stale to the cloud.
        expect(await signedAt(NOON - HOUR)).toEqual([NOON - HOUR]);
      }),
    );

    test(
      "no two attempts of one delivery are signed alike, though the clock shows the same moment twice",
      onLedger(open, async ({ ledger, another }) => {
        await ledger.enqueue(anEntry(1));
        const signed: (number | null)[] = [];
        for (const [number, now] of [NOON, NOON + HOUR, NOON, NOON, NOON + HOUR].entries()) {
          // Alternately in a process that knows nothing of the other's clock.
          const [claimed] = await (number % 2 ? await another() : ledger).claim(dueQuery({ now }));
          signed.push(claimed!.signed_at);
          const attempt = anAttempt({ number: claimed!.attempt_count, signed_at: claimed!.signed_at });
          const again = { state: "pending", next_attempt_at: NOON, lease_until: null } as const;
          const change = { at: now, by: "relay", attempt, decide: () => ({ set: again, note: null }) };
          await ledger.change(idOf("DLVR", 1), change);
        }
        expect(signed).toEqual([NOON, NOON + HOUR, NOON + 1, NOON + 2, NOON + HOUR + 1]);
      }),
    );

    test(
      "many claims at once never hand out one delivery twice",
      onLedger(open, async ({ ledger, another }) => {
        const second = await another();
        await Promise.all(Array.from({ length: 60 }, (_, n) => ledger.enqueue(anEntry(n))));
        const taken = await Promise.all(
          Array.from({ length: 20 }, (_, k) => (k % 2 ? ledger : second).claim(dueQuery({ limit: 4 }))),
        );
        // One may get fewer than it asked for: the other has claimed them since it looked.
        taken.push(await ledger.claim(dueQuery({ limit: 60 })));
        const all = taken.flat().map(({ id }) => id);
        expect(all).toHaveLength(60);
        expect(new Set(all).size).toBe(60);
      }),
    );

    test(
      "one printer only, or all but some",
      onLedger(open, async ({ ledger }) => {
        const printers = ["bar", "bar", "kitchen", "patio"];
        for (const [n, printer] of printers.entries()) await ledger.enqueue(anEntry(n, { printer }));
        expect(numbers(await ledger.claim(dueQuery({ only_printer: "bar", limit: 1 })))).toEqual([0]);
        const rest = await ledger.claim(dueQuery({ except_printers: ["bar", "patio"] }));
        expect(numbers(rest)).toEqual([2]);
        expect(numbers(await ledger.claim(dueQuery({ except_printers: [] })))).toEqual([1, 3]);
      }),
    );

    test(
      "a verifying one is leased, stays verifying, and is free again when its lease ends",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1, { state: "verifying" }));
        await ledger.enqueue(anEntry(2));
        const [claimed] = await ledger.claim(dueQuery({ state: "verifying" }));
        expect(claimed).toMatchObject({ state: "verifying", lease_until: LEASE, attempt_count: 0 });
        expect(await ledger.claim(dueQuery({ state: "verifying", now: LEASE - 1 }))).toEqual([]);
        expect(await ledger.claim(dueQuery({ state: "verifying", now: LEASE }))).toHaveLength(1);
      }),
    );

    test(
      "a held one is not claimed",
      onLedger(open, async ({ ledger }) => {
        for (const n of [1, 2, 3]) await ledger.enqueue(anEntry(n));
        await set(ledger, 3, { next_attempt_at: null });
        await set(ledger, 1, { next_attempt_at: null });
        expect(await ledger.held(10)).toEqual([idOf("DLVR", 1), idOf("DLVR", 3)]);
        expect(await ledger.held(1)).toEqual([idOf("DLVR", 1)]);
        expect(numbers(await ledger.claim(dueQuery({ now: NOON + 23 * HOUR })))).toEqual([2]);
      }),
    );

    test(
      "one that is no longer useful is left to the sweep",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1, { useful_until: NOON + 60_000 }));
        await ledger.enqueue(anEntry(2, { state: "verifying", useful_until: NOON + 60_000 }));
        for (const state of ["pending", "verifying"] as const) {
          expect(await ledger.claim(dueQuery({ state, now: NOON + 60_000 }))).toEqual([]);
          expect(await ledger.claim(dueQuery({ state, now: NOON + 59_999 }))).toHaveLength(1);
        }
      }),
    );

    test(
      "nextDueAt is the earliest claimable moment",
      onLedger(open, async ({ ledger }) => {
        expect(await ledger.nextDueAt()).toBeNull();
        await ledger.enqueue(anEntry(1));
        await ledger.enqueue(anEntry(2, { state: "verifying" }));
        await set(ledger, 1, { next_attempt_at: NOON + 5000 });
        expect(await ledger.nextDueAt()).toBe(NOON);
        await ledger.claim(dueQuery({ state: "verifying", lease_until: NOON + 4000 }));
        expect(await ledger.nextDueAt()).toBe(NOON + 4000);
        await set(ledger, 2, { state: "void", next_attempt_at: null, lease_until: null });
        expect(await ledger.nextDueAt()).toBe(NOON + 5000);
        await set(ledger, 1, { next_attempt_at: null });
        expect(await ledger.nextDueAt()).toBeNull();
      }),
    );
  });
}
