import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { aDelivery, anEntry, aTicket, aWebhook, HOUR, idOf, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

async function voidIt(ledger: Ledger, id: string): Promise<void> {
  await ledger.change(id, {
    at: NOON + 1000,
    by: "relay",
    decide: () => ({ set: { state: "void", next_attempt_at: null }, note: "not cancelled there" }),
  });
}

/** Above the size from which an entry is packed beside the ledger's thread. */
const LARGE_BODIES = [Buffer.alloc(300_000, "牛肉麵"), randomBytes(300_000)];

const REPLAY = { at: NOON + 7, by: "operator Ana" };

export function contractOfInbound(name: string, open: OpenLedger): void {
  describe(`${name}: inbound`, () => {
    test(
      "keeps large ones exactly too, and each order once",
      onLedger(open, async ({ ledger }) => {
        const items = Array.from({ length: 2000 }, (_, index) => ({
          ...aTicket().items[0]!,
          sku: `s${index}`,
        }));
        const ticket = aTicket({ items });
        const entries = LARGE_BODIES.map((body, n) => ({
          webhook: aWebhook(n, { body }),
          delivery: aDelivery(n, { ticket }),
        }));
        const again = {
          webhook: aWebhook(9, { body: LARGE_BODIES[0]! }),
          delivery: aDelivery(9, { order_id: aDelivery(0).order_id }),
        };
        const results = await Promise.all([...entries, again].map((entry) => ledger.enqueue(entry)));
        expect(results.map(({ status }) => status)).toEqual(["accepted", "accepted", "duplicate"]);
        for (const { webhook, delivery } of entries) {
          expect((await ledger.findWebhook(webhook.id))?.body?.equals(webhook.body)).toBe(true);
          expect((await ledger.findDelivery(delivery.id))?.delivery.ticket).toEqual(ticket);
        }
        expect((await ledger.findWebhook(again.webhook.id))?.body).toBeNull();
      }),
    );

    test(
      "keeps webhook, body, delivery and ticket exactly",
      onLedger(open, async ({ ledger }) => {
        const body = Buffer.from([0x7b, 0x22, 0x00, 0xff, 0xfe, 0x22, 0x7d]);
        const webhook = aWebhook(1, { body });
        const result = await ledger.enqueue({ webhook, delivery: aDelivery(1) });
        expect(result).toEqual({
          status: "accepted",
          webhook_id: idOf("WEBH", 1),
          delivery_id: idOf("DLVR", 1),
          reason: null,
        });
        expect(await ledger.findWebhook(webhook.id)).toEqual({
          ...webhook,
          status: "accepted",
          reason: null,
          delivery_id: idOf("DLVR", 1),
          body_bytes: 7,
          origin: "webhook",
        });
        const detail = await ledger.findDelivery(idOf("DLVR", 1));
        expect(detail?.delivery).toEqual({
          ...aDelivery(1),
          attention: null,
          webhook_id: webhook.id,
          reprint_number: null,
          attempt_count: 0,
          signed_at: null,
          retry_step: 0,
          unknown_count: 0,
          may_be_repeat: false,
          denied_count: 0,
          endpoint: null,
          next_attempt_at: NOON,
          lease_until: null,
          confirm_by: null,
          accepted_at: null,
          printed_at: null,
          last_error: null,
          traceparent: null,
          forgotten_at: null,
        });
        expect(detail?.history).toEqual([{ at: NOON, state: "pending", by: "relay", note: "received" }]);
        expect(detail?.webhook?.id).toBe(webhook.id);
      }),
    );

    test(
      "200 webhooks of one order at once become one delivery, one body and 200 rows",
      onLedger(open, async ({ ledger }) => {
        const results = await Promise.all(
          Array.from({ length: 200 }, (_, n) =>
            ledger.enqueue({ webhook: aWebhook(n), delivery: aDelivery(n, { order_id: "21057" }) }),
          ),
        );
        expect(results.filter(({ status }) => status === "accepted")).toHaveLength(1);
        expect(results.filter(({ status }) => status === "duplicate")).toHaveLength(199);
        expect(new Set(results.map(({ delivery_id }) => delivery_id)).size).toBe(1);
        expect(await ledger.listDeliveries({ limit: 500 })).toHaveLength(1);
        const webhooks = await ledger.listWebhooks({ limit: 500 });
        expect(webhooks).toHaveLength(200);
        const whole = await Promise.all(webhooks.map(({ id }) => ledger.findWebhook(id)));
        expect(whole.filter((webhook) => webhook?.body !== null)).toHaveLength(1);
      }),
    );

    test(
      "an order's id counts within its store, and to the letter",
      onLedger(open, async ({ ledger }) => {
        const same = { order_id: "A1" };
        const results = [
          await ledger.enqueue(anEntry(1, same)),
          await ledger.enqueue(anEntry(2, { ...same, store: "tea-house" })),
          await ledger.enqueue(anEntry(3, { order_id: "a1" })),
          await ledger.enqueue(anEntry(4, same)),
        ];
        expect(results.map(({ status }) => status)).toEqual([
          "accepted",
          "accepted",
          "accepted",
          "duplicate",
        ]);
        expect(results[3]?.delivery_id).toBe(idOf("DLVR", 1));
      }),
    );

    test(
      "ignored and quarantined ones keep body and reason, and have no delivery",
      onLedger(open, async ({ ledger }) => {
        const webhook = aWebhook(1, { body: Buffer.from("not JSON") });
        const entry = { webhook, delivery: null, status: "quarantined", reason: "not JSON" } as const;
        expect(await ledger.enqueue(entry)).toEqual({
          status: "quarantined",
          webhook_id: webhook.id,
          delivery_id: null,
          reason: "not JSON",
        });
        const stored = await ledger.findWebhook(webhook.id);
        expect(stored?.body?.toString()).toBe("not JSON");
        expect(stored?.reason).toBe("not JSON");
        expect(await ledger.listDeliveries({ limit: 10 })).toEqual([]);
      }),
    );

    test(
      "a call that fails takes none of its neighbours along",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        const clash = { webhook: aWebhook(1), delivery: aDelivery(3) };
        const results = await Promise.allSettled([
          ledger.enqueue(anEntry(2)),
          ledger.enqueue(clash),
          ledger.change("no-such-delivery", { at: NOON, by: "relay", decide: () => null }),
          ledger.enqueue(anEntry(4)),
        ]);
        expect(results.map(({ status }) => status)).toEqual([
          "fulfilled",
          "rejected",
          "rejected",
          "fulfilled",
        ]);
        const ids = (await ledger.listDeliveries({ limit: 10 })).map(({ id }) => id);
        expect(ids).toEqual([idOf("DLVR", 4), idOf("DLVR", 2), idOf("DLVR", 1)]);
      }),
    );

    test(
      "a void delivery is revived by a further webhook, whose body is kept",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1, { state: "verifying", order_id: "7" }));
        await voidIt(ledger, idOf("DLVR", 1));
        const later = NOON + HOUR;
        const again = aDelivery(2, {
          state: "verifying",
          order_id: "7",
          created_at: later,
          useful_until: later + 24 * HOUR,
        });
        const result = await ledger.enqueue({ webhook: aWebhook(2), delivery: again });
        expect(result).toMatchObject({ status: "accepted", delivery_id: idOf("DLVR", 1) });
        const detail = await ledger.findDelivery(idOf("DLVR", 1));
        expect(detail?.delivery).toMatchObject({
          state: "verifying",
          next_attempt_at: later,
          useful_until: later + 24 * HOUR,
        });
        expect(detail?.history.map(({ state }) => state)).toEqual(["verifying", "void", "verifying"]);
        expect((await ledger.findWebhook(idOf("WEBH", 2)))?.body).not.toBeNull();
        expect((await ledger.enqueue(anEntry(3, { order_id: "7" }))).status).toBe("duplicate");
      }),
    );

    test(
      "a void delivery whose store now trusts the body goes straight to pending",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1, { state: "verifying", order_id: "7" }));
        await voidIt(ledger, idOf("DLVR", 1));
        const ticket = aTicket({ reason: "from the body" });
        await ledger.enqueue(anEntry(2, { order_id: "7", order_name: "#77", ticket }));
        const detail = await ledger.findDelivery(idOf("DLVR", 1));
        expect(detail?.delivery).toMatchObject({ state: "pending", order_name: "#77", ticket });
      }),
    );

    test(
      "a dead delivery is not revived",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1, { state: "verifying", order_id: "7" }));
        const set = { state: "dead", attention: "dead", next_attempt_at: null } as const;
        await ledger.change(idOf("DLVR", 1), {
          at: NOON,
          by: "relay",
          decide: () => ({ set, note: "late" }),
        });
        expect((await ledger.enqueue(anEntry(2, { order_id: "7" }))).status).toBe("duplicate");
        expect((await ledger.findDelivery(idOf("DLVR", 1)))?.delivery.state).toBe("dead");
      }),
    );
  });

  describe(`${name}: replay`, () => {
    test(
      "a quarantined webhook can gain a delivery, once, and keeps its body",
      onLedger(open, async ({ ledger }) => {
        const webhook = aWebhook(1);
        await ledger.enqueue({ webhook, delivery: null, status: "quarantined", reason: "no order id" });
        const entry = { webhook, delivery: aDelivery(1) };
        expect(await ledger.reenqueue(entry, REPLAY)).toMatchObject({
          status: "accepted",
          delivery_id: idOf("DLVR", 1),
        });
        expect(await ledger.reenqueue({ ...entry, delivery: aDelivery(2) }, REPLAY)).toMatchObject({
          status: "duplicate",
          delivery_id: idOf("DLVR", 1),
        });
        const stored = await ledger.findWebhook(webhook.id);
        expect(stored).toMatchObject({
          status: "accepted",
          reason: null,
          delivery_id: idOf("DLVR", 1),
          body: webhook.body,
        });
        expect(await ledger.listDeliveries({ limit: 9 })).toHaveLength(1);
      }),
    );

    test(
      "dedupe holds, a changed mind is written down, and an unknown webhook is refused",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1, { order_id: "7" }));
        const webhook = aWebhook(2);
        await ledger.enqueue({ webhook, delivery: null, status: "quarantined", reason: "first" });
        await ledger.reenqueue({ webhook, delivery: null, status: "ignored", reason: "second" }, REPLAY);
        expect(await ledger.findWebhook(webhook.id)).toMatchObject({ status: "ignored", reason: "second" });
        const same = await ledger.reenqueue({ webhook, delivery: aDelivery(2, { order_id: "7" }) }, REPLAY);
        expect(same).toMatchObject({ status: "duplicate", delivery_id: idOf("DLVR", 1) });
        const unknown = { webhook: aWebhook(9), delivery: aDelivery(9) };
        await expect(ledger.reenqueue(unknown, REPLAY)).rejects.toMatchObject({ code: "not_found" });
      }),
    );

    test(
      "revives a void delivery of its own",
      onLedger(open, async ({ ledger }) => {
        const entry = anEntry(1, { state: "verifying" });
        await ledger.enqueue(entry);
        await voidIt(ledger, idOf("DLVR", 1));
        expect(await ledger.reenqueue(entry, REPLAY)).toMatchObject({ status: "accepted" });
        expect((await ledger.findDelivery(idOf("DLVR", 1)))?.delivery.state).toBe("verifying");
      }),
    );
  });
}
