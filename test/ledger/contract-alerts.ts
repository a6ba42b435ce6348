import { describe, expect, test } from "vitest";
import type { Delivery, Transition } from "../../src/core/delivery.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { aDelivery, anEntry, aWebhook, HOUR, idOf, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

const MINUTE = 60_000;
const REPLAY = { at: NOON + 7, by: "operator Ana" };

async function set(ledger: Ledger, n: number, set: Transition["set"], at = NOON): Promise<Delivery> {
  return ledger.change(idOf("DLVR", n), { at, by: "relay", decide: () => ({ set, note: null }) });
}

const DEAD = { state: "dead", attention: "dead", last_error: "sign error" } as const;

export async function open(ledger: Ledger): Promise<string[]> {
  return (await ledger.listAlerts({ state: "open", limit: 100 })).map(({ matter }) => matter).sort();
}

/** Tells all that is due at `now`, as one message each. @returns their ids */
export async function tellAll(ledger: Ledger, now: number): Promise<string[]> {
  const { to_tell } = await ledger.alertsDue(now, 100);
  for (const alert of to_tell) {
    await ledger.tellAlerts([alert], { id: `msg-${alert.id}-${now}`, body: "{}" }, now);
  }
  return to_tell.map(({ matter, state }) => `${state} ${matter}`);
}

export function contractOfAlerts(name: string, openLedger: OpenLedger): void {
  describe(`${name}: alerts of deliveries and webhooks`, () => {
    test(
      "an ordinary delivery raises nothing; one that dies is raised by its death, and closed when it goes out again",
      onLedger(openLedger, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        await set(ledger, 1, { state: "accepted" });
        expect(await ledger.listAlerts({ limit: 10 })).toEqual([]);
        await set(ledger, 1, DEAD);
        const [alert] = await ledger.listAlerts({ state: "open", limit: 10 });
        expect(alert).toMatchObject({
          ...{ type: "delivery.dead", severity: "critical", state: "open", delivery_id: idOf("DLVR", 1) },
          ...{ order_id: "order-1", order_name: "#1001", store: "noodle-bar", printer: "kitchen" },
          ...{ reason: "sign error", count: 1, raised_at: NOON, told_at: null, closed_at: null, ended: null },
          text: "Order #1001 (noodle-bar → kitchen): the cancellation will not print. Sign error",
        });
        await set(ledger, 1, DEAD);
        expect(await ledger.listAlerts({ limit: 10 })).toHaveLength(1);
        await set(ledger, 1, { state: "pending", attention: null }, NOON + 5000);
        expect(await ledger.listAlerts({ state: "closed", limit: 10 })).toMatchObject([
          { id: alert?.id, state: "closed", closed_at: NOON + 5000, ended: "it is sent again" },
        ]);
        // Nobody was told of it, so nobody hears of its end.
        expect((await ledger.alertsDue(NOON + HOUR, 10)).to_tell).toEqual([]);
      }),
    );

    test(
      "a change that fails raises nothing",
      onLedger(openLedger, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        const change = { at: NOON, by: "relay", decide: () => ({ set: DEAD, note: null }) };
        const wrong = { ...DEAD, state: "no state" as "dead" };
        await expect(
          ledger.change(idOf("DLVR", 1), { ...change, decide: () => ({ set: wrong, note: null }) }),
        ).rejects.toThrow();
        expect(await open(ledger)).toEqual([]);
      }),
    );

    test(
      "a reason that comes in another's place is told, and the first one's end is not",
      onLedger(openLedger, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        await set(ledger, 1, { attention: "repeat_limit", last_error: "no answer" });
        expect(await tellAll(ledger, NOON)).toEqual([`open delivery.held ${idOf("DLVR", 1)}`]);
        await set(ledger, 1, DEAD, NOON + 1000);
        expect(await open(ledger)).toEqual([`delivery.dead ${idOf("DLVR", 1)}`]);
        expect(await tellAll(ledger, NOON + 1000)).toEqual([`open delivery.dead ${idOf("DLVR", 1)}`]);
      }),
    );

    test.each([
      [3, "a reprint was printed"],
      [1, "its first slip was printed"],
    ])(
      "bug: slip %i that is printed closed what the first had raised, and not what a lost reprint had",
      (printed, ended) =>
        onLedger(openLedger, async ({ ledger }) => {
          await ledger.enqueue(anEntry(1));
          for (const n of [2, 3]) {
            const reprint = aDelivery(n, { kind: "reprint", reprint_of: idOf("DLVR", 1) });
            await ledger.add(reprint, "operator", "reprint");
          }
          await set(ledger, 1, { state: "accepted", attention: "unconfirmed" });
          await set(ledger, 2, DEAD);
          await set(ledger, printed, { state: "printed", attention: null });
          expect(await open(ledger)).toEqual([]);
          const closed = await ledger.listAlerts({ state: "closed", limit: 10 });
          const ofReprint = closed.find(({ delivery_id }) => delivery_id === idOf("DLVR", 2));
          expect(ofReprint).toMatchObject({ ended });
        })(),
    );

    test(
      "what was printed before says nothing of a reprint that was wanted later",
      onLedger(openLedger, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        for (const n of [2, 3]) {
          const reprint = aDelivery(n, { kind: "reprint", reprint_of: idOf("DLVR", 1) });
          await ledger.add(reprint, "operator", "reprint");
        }
        await set(ledger, 2, { state: "printed" });
        await set(ledger, 3, DEAD);
        await set(ledger, 2, { state: "printed" });
        expect(await open(ledger)).toEqual([`delivery.dead ${idOf("DLVR", 3)}`]);
      }),
    );

    test(
      "bug: of a reprint that died an alert said that the order's cancellation will not print, though it had printed",
      onLedger(openLedger, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        await set(ledger, 1, { state: "printed" });
        const reprint = { kind: "reprint", reprint_of: idOf("DLVR", 1), reprint_number: 1 } as const;
        await ledger.add(aDelivery(2, reprint), "operator", "reprint");
        await set(ledger, 2, { ...DEAD, last_error: "out of paper" });
        const [alert] = await ledger.listAlerts({ state: "open", limit: 2 });
        expect(alert?.reason).toBe("reprint 1: out of paper");
        expect(alert?.text).toMatch(
          /^Order \S+ reprint 1 \(.*\): the cancellation will not print\. Out of paper$/,
        );
      }),
    );

    test(
      "a quarantined webhook is raised with it, and closed when it is read again and understood",
      onLedger(openLedger, async ({ ledger }) => {
        const webhook = aWebhook(7);
        await ledger.enqueue({ webhook, delivery: null, status: "quarantined", reason: "not JSON" });
        expect(await ledger.listAlerts({ state: "open", limit: 1 })).toMatchObject([
          { type: "webhook.quarantined", webhook_id: webhook.id, store: "noodle-bar", reason: "not JSON" },
        ]);
        await ledger.reenqueue(
          { webhook, delivery: null, status: "quarantined", reason: "not JSON" },
          REPLAY,
        );
        expect(await open(ledger)).toHaveLength(1);
        await ledger.reenqueue({ webhook, delivery: aDelivery(1) }, REPLAY);
        expect(await open(ledger)).toEqual([]);
      }),
    );

    test(
      "of a flood ten stand alone and the others in one that counts them, until none of them is left",
      onLedger(openLedger, async ({ ledger }) => {
        const all = Array.from({ length: 40 }, (_, index) => index + 1);
        await Promise.all(all.map((n) => ledger.enqueue(anEntry(n))));
        await Promise.all(all.map((n) => set(ledger, n, DEAD)));
        const rows = await ledger.listAlerts({ state: "open", limit: 100 });
        expect(rows).toHaveLength(11);
        const many = rows.find(({ gathered }) => gathered);
        expect(many).toMatchObject({ matter: "delivery.dead *", count: 30, delivery_id: null });
        expect(many?.text).toContain("30 more of delivery.dead");
        // It is told when the flood had time to come.
        expect(await tellAll(ledger, NOON)).toHaveLength(10);
        expect(await tellAll(ledger, NOON + MINUTE)).toEqual(["open delivery.dead *"]);
        for (const n of all.slice(0, 39)) await set(ledger, n, { state: "pending", attention: null });
        expect(await ledger.sweepAlerts(NOON + 2 * MINUTE)).toBe(0);
        await set(ledger, 40, { state: "pending", attention: null });
        expect(await ledger.sweepAlerts(NOON + 2 * MINUTE)).toBe(1);
        expect(await open(ledger)).toEqual([]);
      }),
    );

    test(
      "bug: what one store flooded with was all that was told, and another's was only counted in",
      onLedger(openLedger, async ({ ledger }) => {
        const quarantine = (n: number, store: string) =>
          ledger.enqueue({
            webhook: { ...aWebhook(n), store },
            delivery: null,
            status: "quarantined",
            reason: "not JSON",
          });
        for (let n = 1; n <= 60; n++) await quarantine(n, "noodle-bar");
        for (let n = 61; n <= 65; n++) await quarantine(n, "tea-house");
        const rows = await ledger.listAlerts({ state: "open", limit: 100 });
        const alone = rows.filter(({ gathered }) => !gathered).map(({ store }) => store);
        expect(alone.filter((store) => store === "noodle-bar")).toHaveLength(10);
        expect(alone.filter((store) => store === "tea-house")).toHaveLength(3);
        expect(rows.find(({ gathered }) => gathered)?.count).toBe(52);
      }),
    );

    test(
      "bug: what befell hundreds of stores at once was told of each of them",
      onLedger(openLedger, async ({ ledger }) => {
        for (let n = 1; n <= 250; n++) {
          const webhook = { ...aWebhook(n), store: `store-${n}` };
          await ledger.enqueue({ webhook, delivery: null, status: "quarantined", reason: "not JSON" });
        }
        const rows = await ledger.listAlerts({ state: "open", limit: 300 });
        expect(rows.filter(({ gathered }) => !gathered)).toHaveLength(200);
        expect(rows.find(({ gathered }) => gathered)?.count).toBe(50);
      }),
    );

    test(
      "what nobody settles is closed after three days without a word",
      onLedger(openLedger, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        await set(ledger, 1, DEAD);
        await tellAll(ledger, NOON);
        expect(await ledger.sweepAlerts(NOON + 72 * HOUR)).toBe(0);
        expect(await ledger.sweepAlerts(NOON + 72 * HOUR + 1)).toBe(1);
        expect((await ledger.alertsDue(NOON + 1000 * HOUR, 10)).to_tell).toEqual([]);
      }),
    );
  });
}
