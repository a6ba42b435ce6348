import { describe, expect, test } from "vitest";
import type { Wait } from "../../src/core/clock-set.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { aDelivery, anAttempt, anEntry, dueQuery, HOUR, idOf, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

const LEASE = NOON + 75_000;

/** Sets columns as core/decide.ts would. */
async function set(
  ledger: Ledger,
  n: number,
  columns: NonNullable<ReturnType<Parameters<Ledger["change"]>[1]["decide"]>>["set"],
): Promise<void> {
  await ledger.change(idOf("DLVR", n), {
    at: NOON,
    by: "relay",
    decide: () => ({ set: columns, note: null }),
  });
}

const numbers = (deliveries: readonly { id: string }[]): number[] =>
  deliveries.map(({ id }) => Number(id.slice(-16)));

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
