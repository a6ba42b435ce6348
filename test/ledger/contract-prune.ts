import { describe, expect, test } from "vitest";
import { keptSince, type PruneCounts, type PruneQuery } from "../../src/core/retention.ts";
import { DAY_MS } from "../../src/core/time.ts";
import type { Delivery } from "../../src/core/delivery.ts";
import { bareTicket } from "../../src/core/ticket.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { aDelivery, anAttempt, anEntry, aTicket, aWebhook, idOf, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

const LATER = NOON + 31 * DAY_MS;
const MUCH_LATER = NOON + 91 * DAY_MS;

/** All batches of one run. */
async function pruneAll(ledger: Ledger, now: number, more: Partial<PruneQuery> = {}): Promise<PruneCounts> {
  const sum = { bodies: 0, attempts: 0, confirmations: 0, tickets: 0, alerts: 0 };
  for (;;) {
    const batch = await ledger.prune({ ...keptSince(now), limit: 7, ...more });
    expect(batch.bodies + batch.attempts + batch.confirmations + batch.tickets).toBeLessThanOrEqual(7);
    sum.bodies += batch.bodies;
    sum.attempts += batch.attempts;
    sum.confirmations += batch.confirmations;
    sum.tickets += batch.tickets;
    sum.alerts += batch.alerts;
    if (batch.done) return sum;
  }
}

/** One delivery with an attempt and a confirmation, in the state named. */
async function settle(ledger: Ledger, n: number, state: Delivery["state"]): Promise<void> {
  const lease_until = state === "sending" ? NOON + 1 : null;
  await ledger.change(idOf("DLVR", n), {
    at: NOON,
    by: "relay",
    attempt: anAttempt(),
    confirmation: { verdict: "accepted", message: "OK", time: null, at: NOON, raw: "{}" },
    decide: () => ({ set: { state, next_attempt_at: null, lease_until }, note: `now ${state}` }),
  });
}

export function contractOfPruning(name: string, open: OpenLedger): void {
  describe(`${name}: prune`, () => {
    test(
      "takes bodies after 30 days, the rest after 90, and never the delivery, its history or its webhook",
      onLedger(open, async ({ ledger }) => {
        for (let n = 1; n <= 20; n++) {
          await ledger.enqueue(anEntry(n));
          await settle(ledger, n, "printed");
        }
        expect(await pruneAll(ledger, NOON + 29 * DAY_MS)).toMatchObject({ bodies: 0, attempts: 0 });
        const before = (await ledger.findDelivery(idOf("DLVR", 3)))!;
        expect(await pruneAll(ledger, LATER)).toEqual({
          ...{ bodies: 20, attempts: 0, confirmations: 0, tickets: 0, alerts: 0 },
        });
        expect(await ledger.findDelivery(idOf("DLVR", 3))).toEqual(before);
        expect((await ledger.findWebhook(idOf("WEBH", 3)))?.body).toBeNull();
        expect(await pruneAll(ledger, MUCH_LATER)).toEqual({
          ...{ bodies: 0, attempts: 20, confirmations: 20, tickets: 20, alerts: 0 },
        });
        const ticket = bareTicket(
          { ...aTicket(), order_id: "order-3", order_name: "#1003", cancelled_at: NOON - 1000, problems: [] },
          "pruned",
        );
        expect(await ledger.findDelivery(idOf("DLVR", 3))).toEqual({
          ...before,
          delivery: { ...before.delivery, ticket },
          attempts: [],
          confirmations: [],
        });
        expect(JSON.stringify(ticket)).not.toContain("王小明");
        expect((await ledger.listDeliveries({ limit: 50 })).map((one) => one.ticket.items)).toEqual(
          Array.from({ length: 20 }, () => []),
        );
      }),
    );

    test(
      "an order whose everything is pruned is still a duplicate",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1, { order_id: "7" }));
        await settle(ledger, 1, "printed");
        await pruneAll(ledger, MUCH_LATER);
        expect(await ledger.enqueue(anEntry(2, { order_id: "7" }))).toMatchObject({ status: "duplicate" });
      }),
    );

    test(
      "keeps what a delivery that is not settled was made of, however old",
      onLedger(open, async ({ ledger }) => {
        const states = ["verifying", "pending", "sending", "accepted", "printed", "rejected", "dead", "void"];
        for (const [n, state] of states.entries()) {
          await ledger.enqueue(anEntry(n));
          await settle(ledger, n, state as Delivery["state"]);
        }
        expect(await pruneAll(ledger, MUCH_LATER, { limit: 2 })).toEqual({
          ...{ bodies: 5, attempts: 5, confirmations: 5, tickets: 5, alerts: 0 },
        });
        for (const n of [0, 1, 2]) {
          const detail = await ledger.findDelivery(idOf("DLVR", n));
          expect(detail).toMatchObject({
            attempts: [{}],
            confirmations: [{}],
            delivery: { ticket: aTicket() },
          });
          expect((await ledger.findWebhook(idOf("WEBH", n)))?.body).not.toBeNull();
        }
      }),
    );

    test(
      "a quarantined body waits 90 days for a person, an ignored one 30",
      onLedger(open, async ({ ledger }) => {
        for (const [n, status] of (["quarantined", "ignored"] as const).entries()) {
          await ledger.enqueue({ webhook: aWebhook(n), delivery: null, status, reason: "why" });
        }
        expect((await pruneAll(ledger, LATER)).bodies).toBe(1);
        expect((await ledger.findWebhook(idOf("WEBH", 0)))?.body).not.toBeNull();
        expect((await pruneAll(ledger, MUCH_LATER)).bodies).toBe(1);
        expect(await ledger.findWebhook(idOf("WEBH", 0))).toMatchObject({
          status: "quarantined",
          body: null,
        });
      }),
    );

    test(
      "many kept ones in front do not hide the old ones behind them",
      onLedger(open, async ({ ledger }) => {
        for (let n = 0; n < 30; n++) {
          await ledger.enqueue({
            webhook: aWebhook(n),
            delivery: null,
            status: "quarantined",
            reason: "why",
          });
        }
        await ledger.enqueue({ webhook: aWebhook(30), delivery: null, status: "ignored", reason: "why" });
        expect((await pruneAll(ledger, LATER, { limit: 4 })).bodies).toBe(1);
      }),
    );

    test(
      "a dry run counts the same and takes nothing",
      onLedger(open, async ({ ledger }) => {
        for (let n = 0; n < 10; n++) {
          await ledger.enqueue(anEntry(n));
          await settle(ledger, n, "dead");
        }
        const counted = await pruneAll(ledger, MUCH_LATER, { dry_run: true, run_at: MUCH_LATER });
        expect(counted).toEqual({ bodies: 10, attempts: 10, confirmations: 10, tickets: 10, alerts: 0 });
        expect(await ledger.prunedAt()).toBeNull();
        expect(await pruneAll(ledger, MUCH_LATER, { run_at: MUCH_LATER })).toEqual(counted);
        expect(await pruneAll(ledger, MUCH_LATER)).toMatchObject({ bodies: 0, tickets: 0, alerts: 0 });
      }),
    );

    test(
      "the end of a run is remembered, not its begin, and another process sees it",
      onLedger(open, async ({ ledger, another }) => {
        for (let n = 0; n < 10; n++) await ledger.enqueue(anEntry(n));
        await ledger.prune({ ...keptSince(NOON), limit: 3, run_at: NOON });
        expect(await ledger.prunedAt()).toBeNull();
        await pruneAll(ledger, NOON, { run_at: NOON });
        expect(await (await another()).prunedAt()).toBe(NOON);
      }),
    );

    test(
      "a void delivery that is revived when its ticket is pruned gets the new one",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1, { state: "verifying", order_id: "7" }));
        await settle(ledger, 1, "void");
        expect((await pruneAll(ledger, MUCH_LATER)).tickets).toBe(1);
        const ticket = aTicket({ reason: "told anew" });
        await ledger.enqueue({ webhook: aWebhook(2), delivery: aDelivery(2, { order_id: "7", ticket }) });
        expect((await ledger.findDelivery(idOf("DLVR", 1)))?.delivery).toMatchObject({
          state: "pending",
          ticket,
        });
      }),
    );
  });

  describe(`${name}: not a backup`, () => {
    test(
      "there is nothing to take up",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        expect(await ledger.takeUpRestored(NOON)).toBeNull();
        expect((await ledger.findDelivery(idOf("DLVR", 1)))?.delivery.may_be_repeat).toBe(false);
      }),
    );
  });
}
