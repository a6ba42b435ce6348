import { describe, expect, test } from "vitest";
import { bareTicket } from "../../src/core/ticket.ts";
import { anAttempt, anEntry, aTicket, dueQuery, idOf, NOON } from "./entries.ts";
import { erase, forgotten, marked } from "./erasing.ts";
import { DAMAGED, onLedger, type LedgerUnderTest, type OpenLedger } from "./under-test.ts";

const numbers = (deliveries: readonly { id: string }[]): number[] =>
  deliveries.map(({ id }) => Number(id.slice(-16))).sort();

const ofDelivery = (n: number): string =>
  `delivery_seq = (SELECT seq FROM deliveries WHERE id = '${idOf("DLVR", n)}')`;

const seqOfWebhook = (n: number): string => `(SELECT seq FROM webhooks WHERE id = '${idOf("WEBH", n)}')`;

function damageTicket({ damage }: LedgerUnderTest, n: number): Promise<void> {
  return damage("tickets", "ticket", ofDelivery(n));
}

function bare(n: number) {
  const told = { order_id: `order-${n}`, order_name: `#100${n}`, cancelled_at: NOON - 1000, problems: [] };
  return bareTicket({ ...aTicket(), ...told }, "damaged");
}

export function contractOfDamage(name: string, open: OpenLedger): void {
  describe(`${name}: a damaged value`, () => {
    test(
      "bug: one damaged ticket kept every slip from being sent: it goes out bare, as do all others as they are",
      onLedger(open, async (under) => {
        const { ledger } = under;
        for (const n of [1, 2, 3]) await ledger.enqueue(anEntry(n));
        await damageTicket(under, 2);
        const claimed = await ledger.claim(dueQuery());
        expect(numbers(claimed)).toEqual([1, 2, 3]);
        const tickets = new Map(claimed.map(({ id, ticket }) => [id, ticket]));
        expect(tickets.get(idOf("DLVR", 2))).toEqual(bare(2));
        expect(tickets.get(idOf("DLVR", 3))?.items).toEqual(aTicket().items);
        const sent = await ledger.change(idOf("DLVR", 2), {
          ...{ at: NOON, by: "relay", attempt: anAttempt() },
          decide: () => ({ set: { state: "accepted", lease_until: null }, note: "taken" }),
        });
        expect(sent).toMatchObject({ state: "accepted", ticket: bare(2) });
      }),
    );

    test(
      "its history says once that the ticket is damaged, however often it is tried",
      onLedger(open, async (under) => {
        const { ledger } = under;
        await ledger.enqueue(anEntry(1));
        await damageTicket(under, 1);
        for (const at of [NOON, NOON + 1000]) {
          expect(await ledger.claim(dueQuery({ now: at }))).toHaveLength(1);
          await ledger.change(idOf("DLVR", 1), {
            ...{ at, by: "relay" },
            decide: () => ({ set: { state: "pending", next_attempt_at: at, lease_until: null }, note: null }),
          });
        }
        const history = (await ledger.findDelivery(idOf("DLVR", 1)))!.history;
        expect(history.map(({ note }) => note)).toEqual([
          "received",
          "its ticket is damaged in the ledger: the slip says which order is cancelled, and no more",
        ]);
      }),
    );

    test(
      "bug: one damaged ticket hid all others: it is listed, found and searched as any is",
      onLedger(open, async (under) => {
        const { ledger } = under;
        for (const n of [1, 2, 3]) await ledger.enqueue(anEntry(n));
        await damageTicket(under, 2);
        expect(numbers(await ledger.listDeliveries({ limit: 9 }))).toEqual([1, 2, 3]);
        expect(numbers((await ledger.searchDeliveries({ q: "order-", limit: 9 })).items)).toEqual([1, 2, 3]);
        expect((await ledger.findDelivery(idOf("DLVR", 2)))?.delivery.ticket).toEqual(bare(2));
      }),
    );

    test(
      "bug: a damaged try or callback kept its delivery from being looked at, and a lost one from being recovered",
      onLedger(open, async ({ ledger, damage }) => {
        await ledger.enqueue(anEntry(1));
        await ledger.change(idOf("DLVR", 1), {
          ...{ at: NOON, by: "relay", attempt: anAttempt(), decide: () => null },
          confirmation: { verdict: "accepted", message: "OK", time: null, at: NOON, raw: "{}" },
        });
        await damage("attempts", "request", "request IS NOT NULL");
        await damage("attempts", "response", "response IS NOT NULL");
        await damage("confirmations", "raw", "raw IS NOT NULL");
        const told = "damaged in the ledger: it can no longer be read";
        const { request, response } = anAttempt();
        expect(await ledger.findDelivery(idOf("DLVR", 1))).toMatchObject({
          attempts: [{ request: request && told, response: response && told }],
          confirmations: [{ message: "OK", raw: told }],
        });
      }),
    );

    test(
      "bug: a webhook's damaged body was told as the whole ledger's trouble, and hid the webhook and its delivery's page",
      onLedger(open, async ({ ledger, damage }) => {
        for (const n of [1, 2]) await ledger.enqueue(anEntry(n));
        await damage("webhook_bodies", "body", `webhook_seq = ${seqOfWebhook(1)}`);
        const found = await ledger.findWebhook(idOf("WEBH", 1));
        expect(found).toMatchObject({ status: "accepted", body: null, body_damaged: true });
        const whole = await ledger.findWebhook(idOf("WEBH", 2));
        expect(whole?.body).not.toBeNull();
        expect(whole).not.toHaveProperty("body_damaged");
      }),
    );

    test(
      "bug: one damaged value kept every buyer from being erased: the others are, and its own where all else tells of it",
      onLedger(open, async (under) => {
        const { ledger, damage, stored } = under;
        for (const n of [1, 2, 3, 4]) await ledger.enqueue(marked(n));
        await damageTicket(under, 1);
        await damageTicket(under, 2);
        await damage("webhook_bodies", "body", `webhook_seq = ${seqOfWebhook(2)}`);
        await damage("webhook_bodies", "body", `webhook_seq = ${seqOfWebhook(3)}`);
        expect(await erase(ledger, 1, { phone: "+49 30 5550123" })).toEqual({ deliveries: 4, webhooks: 0 });
        expect(await forgotten(ledger)).toEqual([true, true, true, true]);
        // Not even its damaged pieces are left.
        expect(await stored()).not.toContain(`tickets.ticket: ${DAMAGED_LATIN}`);
        expect((await ledger.findDelivery(idOf("DLVR", 1)))?.delivery.ticket.problems).toEqual(["damaged"]);
      }),
    );
  });
}

const DAMAGED_LATIN = DAMAGED.toString("latin1");
