import { describe, expect, test } from "vitest";
import type { Wait } from "../../src/core/clock-set.ts";
import { numbers, set } from "./by-number.ts";
import { anEntry, dueQuery, HOUR, idOf, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

const LEASE = NOON + 75_000;

export function contractOfRelease(name: string, open: OpenLedger): void {
  describe(`${name}: release and sweep`, () => {
    test(
      "release of one unless it is alone, of all and of one printer's",
      onLedger(open, async ({ ledger }) => {
        for (const n of [1, 2, 3]) await ledger.enqueue(anEntry(n, n === 3 ? { printer: "bar" } : {}));
        for (const n of [1, 2, 3]) await set(ledger, n, { retry_step: 6, next_attempt_at: NOON + HOUR });
        const one = { limit: 1, unless_alone: true };
        expect(await ledger.release(NOON, { ...one, printer: "bar" })).toBe(0);
        expect(await ledger.release(NOON, one)).toBe(1);
        expect(await ledger.release(NOON, one)).toBe(1);
        expect(await ledger.release(NOON, one)).toBe(0);
        expect(numbers(await ledger.claim(dueQuery()))).toEqual([1, 2]);
      }),
    );

    test(
      "release makes due what waits for the cloud, oldest first, and nothing else",
      onLedger(open, async ({ ledger }) => {
        for (const n of [1, 2, 3, 4, 5]) {
          await ledger.enqueue(anEntry(n, n === 3 ? { printer: "bar" } : {}));
        }
        const later = NOON + HOUR;
        for (const n of [1, 2, 3]) await set(ledger, n, { retry_step: 6, next_attempt_at: later });
        // After an unknown outcome: waits for its own time.
        await set(ledger, 4, { retry_step: 0, unknown_count: 1, next_attempt_at: later });
        await set(ledger, 5, { retry_step: 2, next_attempt_at: null });
        expect(await ledger.release(NOON, { limit: 1 })).toBe(1);
        expect(numbers(await ledger.claim(dueQuery()))).toEqual([1]);
        expect(await ledger.release(NOON, { printer: "bar" })).toBe(1);
        expect(numbers(await ledger.claim(dueQuery()))).toEqual([3]);
        expect(await ledger.release(NOON, {})).toBe(1);
        expect(await ledger.release(NOON, {})).toBe(0);
        expect(numbers(await ledger.claim(dueQuery()))).toEqual([2]);
      }),
    );

    test(
      "one itself is claimed when it is due, and made due where anything else is there to be sent",
      onLedger(open, async ({ ledger }) => {
        const [first, second] = [{ only_id: idOf("DLVR", 1) }, { only_id: idOf("DLVR", 2) }];
        await ledger.enqueue(anEntry(1));
        await set(ledger, 1, { retry_step: 6, next_attempt_at: NOON + HOUR });
        expect(await ledger.release(NOON, { ...first, unless_alone: true })).toBe(0);
        for (const n of [2, 3]) await ledger.enqueue(anEntry(n, { printer: "bar" }));
        const company = { ...first, unless_alone: true };
        expect(await ledger.release(NOON, { ...company, printer: "kitchen" })).toBe(0);
        expect(await ledger.claim(dueQuery(first))).toEqual([]);
        expect(await ledger.release(NOON, company)).toBe(1);
        expect(numbers(await ledger.claim(dueQuery(first)))).toEqual([1]);
        expect(await ledger.claim(dueQuery(first))).toEqual([]);
        // It waits for nothing.
        expect(await ledger.release(NOON, second)).toBe(0);
        expect(await ledger.claim(dueQuery({ ...second, except_printers: ["bar"] }))).toEqual([]);
        expect(numbers(await ledger.claim(dueQuery(second)))).toEqual([2]);
      }),
    );

    test(
      "overdue finds the useless, the unconfirmed and the lost, each at its moment",
      onLedger(open, async ({ ledger }) => {
        for (const n of [1, 2, 3, 4]) await ledger.enqueue(anEntry(n, { useful_until: NOON + HOUR + n }));
        await ledger.enqueue(anEntry(5, { state: "verifying", useful_until: NOON + HOUR }));
        await set(ledger, 1, { state: "accepted", next_attempt_at: null, confirm_by: NOON + 600 });
        await set(ledger, 2, { next_attempt_at: null });
        await set(ledger, 3, { state: "sending", lease_until: LEASE });
        await ledger.claim(dueQuery({ state: "verifying" }));
        const none = { useless: [], unconfirmed: [], lost: [], orphaned: [] };
        expect(await ledger.overdue(NOON + 599, 10)).toEqual(none);
        expect(await ledger.overdue(NOON + 600, 10)).toEqual({ ...none, unconfirmed: [idOf("DLVR", 1)] });
        const lost = [idOf("DLVR", 3), idOf("DLVR", 5)];
        expect((await ledger.overdue(LEASE - 1, 10)).lost).toEqual([]);
        expect((await ledger.overdue(LEASE, 10)).lost.sort()).toEqual(lost);
        expect((await ledger.overdue(NOON + HOUR - 1, 10)).useless).toEqual([]);
        expect((await ledger.overdue(NOON + HOUR, 10)).useless).toEqual([idOf("DLVR", 5)]);
        expect((await ledger.overdue(NOON + 2 * HOUR, 10)).useless).toEqual(
          [5, 2, 4].map((n) => idOf("DLVR", n)),
        );
        expect((await ledger.overdue(NOON + 2 * HOUR, 1)).useless).toEqual([idOf("DLVR", 5)]);
        expect((await ledger.abandoned()).sort()).toEqual(lost);
      }),
    );

    test(
      "bug: all that waits was told at once while the clock is behind: it comes in parts, each row once",
      onLedger(open, async ({ ledger }) => {
        // Some wait for one moment, as those that were released together do.
        const waits = [9, 5, 5, 7, 5, 9, 5, 6, 5].map((minutes, n) => ({ n, at: NOON + minutes * 60_000 }));
        for (const { n, at } of waits) {
          await ledger.enqueue(anEntry(n, n % 3 === 0 ? { state: "verifying" } : {}));
          await set(ledger, n, { next_attempt_at: at });
        }
        const told: string[][] = [];
        for (let after: Wait | undefined; ;) {
          const page = await ledger.waitingBeyond(NOON + 5 * 60_000 - 1, { limit: 2, after });
          if (page.length === 0) break;
          told.push(page.map(({ id }) => id));
          after = page.at(-1);
        }
        const inOrder = waits.sort((one, other) => one.at - other.at || one.n - other.n);
        expect(told.flat()).toEqual(inOrder.map(({ n }) => idOf("DLVR", n)));
        expect(told.map(({ length }) => length)).toEqual([2, 2, 2, 2, 1]);
        expect(await ledger.waitingBeyond(NOON + 5 * 60_000)).toHaveLength(4);
      }),
    );

    test(
      "tells what waits beyond a moment, claimed or not, and nothing else",
      onLedger(open, async ({ ledger }) => {
        for (const n of [1, 2, 3, 4]) await ledger.enqueue(anEntry(n));
        await ledger.enqueue(anEntry(5, { state: "verifying", created_at: NOON + 51 }));
        await set(ledger, 1, { next_attempt_at: NOON + 51, retry_step: 3, unknown_count: 2 });
        await set(ledger, 2, { next_attempt_at: NOON + 50 });
        await set(ledger, 3, { next_attempt_at: null });
        await set(ledger, 4, { state: "dead", next_attempt_at: NOON + 99 });
        expect(await ledger.waitingBeyond(NOON + 50)).toEqual([
          {
            id: idOf("DLVR", 1),
            state: "pending",
            retry_step: 3,
            unknown_count: 2,
            next_attempt_at: NOON + 51,
          },
          {
            id: idOf("DLVR", 5),
            state: "verifying",
            retry_step: 0,
            unknown_count: 0,
            next_attempt_at: NOON + 51,
          },
        ]);
      }),
    );

    test(
      "regression: nobody heard that a slip was not confirmed until a clock that had been ahead was reached",
      onLedger(open, async ({ ledger }) => {
        for (const n of [1, 2, 3]) await ledger.enqueue(anEntry(n));
        const accepted = { state: "accepted", next_attempt_at: null } as const;
        await set(ledger, 1, { ...accepted, accepted_at: NOON + HOUR, confirm_by: NOON + HOUR + 600 });
        await set(ledger, 2, { ...accepted, accepted_at: NOON - 10, confirm_by: NOON + 590 });
        await set(ledger, 3, { state: "printed", accepted_at: NOON + HOUR, confirm_by: NOON + HOUR + 600 });
        for (const now of [NOON, NOON + 100]) await ledger.setClockBack(now);
        expect((await ledger.overdue(NOON + 599, 10)).unconfirmed).toEqual([idOf("DLVR", 2)]);
        expect((await ledger.overdue(NOON + 600, 10)).unconfirmed).toEqual(
          [2, 1].map((n) => idOf("DLVR", n)),
        );
        expect((await ledger.findDelivery(idOf("DLVR", 1)))?.delivery).toMatchObject({ accepted_at: NOON });
      }),
    );

    test(
      "counts by state, and how long the oldest has been due",
      onLedger(open, async ({ ledger }) => {
        for (const n of [1, 2, 3]) await ledger.enqueue(anEntry(n));
        await ledger.enqueue(anEntry(4, { state: "verifying", created_at: NOON + 50 }));
        await set(ledger, 1, { state: "printed", next_attempt_at: null });
        await set(ledger, 2, { next_attempt_at: NOON + 100 });
        const by_state = {
          verifying: 1,
          pending: 2,
          sending: 0,
          accepted: 0,
          printed: 1,
          rejected: 0,
          dead: 0,
          void: 0,
        };
        expect(await ledger.counts(NOON + 200)).toEqual({ by_state, oldest_due_at: NOON });
        expect((await ledger.counts(NOON - 1)).oldest_due_at).toBeNull();
        await set(ledger, 3, { next_attempt_at: null });
        expect((await ledger.counts(NOON + 200)).oldest_due_at).toBe(NOON + 50);
      }),
    );
  });
}
