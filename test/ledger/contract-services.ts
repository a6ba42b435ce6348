import { describe, expect, test } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { systemClock } from "../../src/system.ts";
import { numbers } from "./by-number.ts";
import { anEntry, dueQuery, HOUR, idOf, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

const FOR = 10_000;
const DAY = 24 * HOUR;

function beat(ledger: Ledger, id: string, at: number): Promise<{ leads: boolean; others: number }> {
  return ledger.beat({ id, version: "1.2.3", started_at: NOON, process: null }, at, FOR);
}

export function contractOfServices(name: string, open: OpenLedger): void {
  describe(`${name}: services on one ledger`, () => {
    test(
      "the first leads, and goes on leading while it lives",
      onLedger(open, async ({ ledger, another }) => {
        const other = await another();
        expect(await beat(ledger, "B", NOON)).toEqual({ leads: true, others: 0 });
        expect(await beat(other, "A", NOON + 1)).toEqual({ leads: false, others: 1 });
        expect(await beat(ledger, "B", NOON + 3000)).toEqual({ leads: true, others: 1 });
        expect(await beat(other, "A", NOON + 9000)).toEqual({ leads: false, others: 1 });
        // To the last millisecond of what it was told at 3000.
        expect(await beat(other, "A", NOON + 3000 + FOR - 1)).toEqual({ leads: false, others: 1 });
        expect(await beat(other, "A", NOON + 3000 + FOR)).toEqual({ leads: true, others: 0 });
      }),
    );

    test(
      "what a dead one has in its hands is orphaned at once, and what a living one has is not",
      onLedger(open, async ({ ledger }) => {
        await beat(ledger, "A", NOON);
        await beat(ledger, "B", NOON);
        for (const n of [1, 2, 3]) await ledger.enqueue(anEntry(n));
        const lease_until = NOON + HOUR;
        const claim = { state: "pending", now: NOON, lease_until, limit: 1 } as const;
        const [first] = await ledger.claim({ ...claim, by: "A" });
        await ledger.claim({ ...claim, by: "B" });
        await ledger.claim(claim);
        const orphanedAt = async (now: number): Promise<unknown> => (await ledger.overdue(now, 10)).orphaned;
        expect(await orphanedAt(NOON + FOR - 1)).toEqual([]);
        await beat(ledger, "B", NOON + FOR - 1);
        expect(await orphanedAt(NOON + FOR)).toEqual([{ id: first?.id, lease_until }]);
        expect(await orphanedAt(lease_until)).toEqual([]);
      }),
    );

    test(
      "what a claim took in vain is handed back as it was, of that claim alone, and not twice",
      onLedger(open, async ({ ledger }) => {
        for (const n of [1, 2, 3, 4]) await ledger.enqueue(anEntry(n));
        await ledger.enqueue(anEntry(5, { state: "verifying" }));
        const [before, asked] = [await ledger.readDelivery(idOf("DLVR", 1)), idOf("DLVR", 5)];
        const claim = { state: "pending", now: NOON, limit: 1 } as const;
        const [one] = await ledger.claim({ ...claim, by: "A", lease_until: NOON + 100 });
        await ledger.claim({ ...claim, by: "A", lease_until: NOON + 101 });
        await ledger.claim({ ...claim, by: "B", lease_until: NOON + 100 });
        await ledger.claim({ ...claim, by: "A", lease_until: NOON + 102 });
        await ledger.claim({ ...claim, state: "verifying", by: "A", lease_until: NOON + 100 });
        const vain = {
          by: "A",
          state: "sending",
          lease_until: { first: NOON + 100, last: NOON + 101 },
        } as const;
        expect(await ledger.handBack({ ...vain, id: idOf("DLVR", 3) }, NOON + 1)).toBe(0);
        expect(await ledger.handBack({ ...vain, id: idOf("DLVR", 1) }, NOON + 1)).toBe(1);
        expect(await ledger.readDelivery(idOf("DLVR", 1))).toEqual({
          ...before,
          next_attempt_at: NOON + 1,
          signed_at: one?.signed_at,
        });
        expect(await ledger.handBack(vain, NOON + 1)).toBe(1);
        expect(await ledger.handBack(vain, NOON + 1)).toBe(0);
        expect(await ledger.handBack({ ...vain, state: "verifying" }, NOON + 1)).toBe(1);
        expect(await ledger.readDelivery(asked)).toMatchObject({ state: "verifying", lease_until: null });
        expect(numbers(await ledger.claim(dueQuery({ now: NOON + 1 })))).toEqual([1, 2]);
        expect((await ledger.counts(NOON + 1)).by_state).toMatchObject({ sending: 4, pending: 0 });
      }),
    );

    test(
      "one that comes back from the dead follows whoever leads now, and leads again when nobody does",
      onLedger(open, async ({ ledger }) => {
        await beat(ledger, "A", NOON);
        await beat(ledger, "B", NOON + FOR);
        expect(await beat(ledger, "A", NOON + FOR + 1)).toEqual({ leads: false, others: 1 });
        expect(await ledger.services(NOON + FOR + 2)).toMatchObject([
          { id: "A", leads: false },
          { id: "B", leads: true },
        ]);
        expect(await beat(ledger, "A", NOON + 5 * FOR)).toEqual({ leads: true, others: 0 });
      }),
    );

    test(
      "a dead one that led seems to lead by no clock, once another has taken its place",
      onLedger(open, async ({ ledger }) => {
        await beat(ledger, "A", NOON);
        await beat(ledger, "B", NOON + FOR);
        expect((await ledger.services(NOON + 1)).filter(({ leads }) => leads)).toMatchObject([{ id: "B" }]);
      }),
    );

    test(
      "of many that beat at once exactly one leads",
      onLedger(open, async ({ ledger, another }) => {
        const other = await another();
        const ids = ["A", "B", "C", "D", "E", "F"];
        const beats = await Promise.all(ids.map((id, n) => beat(n % 2 === 0 ? ledger : other, id, NOON)));
        expect(beats.filter(({ leads }) => leads)).toHaveLength(1);
        expect(beats.map(({ others }) => others).sort()).toEqual([0, 1, 2, 3, 4, 5]);
      }),
    );

    test(
      "one that leaves makes room at once",
      onLedger(open, async ({ ledger }) => {
        await beat(ledger, "A", NOON);
        await beat(ledger, "B", NOON);
        await ledger.leaveService("A");
        await ledger.leaveService("nobody");
        expect((await ledger.services(NOON)).map(({ id }) => id)).toEqual(["B"]);
        expect(await beat(ledger, "B", NOON + 1)).toEqual({ leads: true, others: 0 });
      }),
    );

    test(
      "they are listed while they live, the oldest first, and forgotten a day after they died",
      onLedger(open, async ({ ledger, stored }) => {
        const young = {
          id: "YOUNG-MARK",
          version: "2.0.0",
          started_at: NOON + 5,
          process: "boot pid:[1] 7 99",
        };
        await ledger.beat(young, NOON + 5, FOR);
        const old = { id: "OLD-MARK", version: "1.0.0", started_at: NOON, process: null };
        await ledger.beat(old, NOON + 6, FOR);
        expect(await ledger.services(NOON + 7)).toEqual([
          { ...old, seen_until: NOON + 6 + FOR, leads: false },
          { ...young, seen_until: NOON + 5 + FOR, leads: true },
        ]);
        expect((await ledger.services(NOON + 5 + FOR)).map(({ id }) => id)).toEqual(["OLD-MARK"]);
        await beat(ledger, "C", NOON + 5 + FOR + DAY);
        expect(await stored()).not.toContain("YOUNG-MARK");
        expect(await stored()).toContain("OLD-MARK");
      }),
    );

    test(
      "the time is the database's own, where it has a clock",
      onLedger(open, async ({ ledger }) => {
        const before = systemClock.now();
        const time = await ledger.time();
        const after = systemClock.now();
        if (name.startsWith("SQLite")) expect(time).toBeNull();
        // The server is on this machine; its time is rounded to whole milliseconds, ours is cut.
        else expect(time).toSatisfy((ms: number) => ms >= before && ms <= after + 1);
        expect(time === null || Number.isInteger(time)).toBe(true);
      }),
    );

    test(
      "the schema is none of a newer relay's",
      onLedger(open, async ({ ledger }) => {
        expect(await ledger.newerSchema()).toBeNull();
      }),
    );

    test(
      "a server that does not sync is told",
      onLedger(open, async ({ ledger }) => {
        // As the tests' own is set.
        expect(await ledger.unsafeSettings()).toEqual(name.startsWith("SQLite") ? [] : ["fsync"]);
      }),
    );

    test(
      "an outage is known to all from its beginning to its end; one that is known stays as it is",
      onLedger(open, async ({ ledger, another }) => {
        const other = await another();
        expect(await other.outages()).toEqual([]);
        const cloud = { scope: "cloud", since: NOON, probe_at: NOON + 2000, unreachable: true };
        const account = { scope: "printer bar", since: NOON, probe_at: NOON + HOUR, unreachable: false };
        await ledger.beginOutage(account);
        await ledger.beginOutage(cloud);
        await other.beginOutage({ ...cloud, since: NOON + 9, unreachable: false });
        expect(await other.outages()).toEqual([cloud, account]);
        await other.endOutage("cloud");
        await other.endOutage("cloud");
        expect(await ledger.outages()).toEqual([account]);
      }),
    );
  });
}
