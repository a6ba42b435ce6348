import { describe, expect, test } from "vitest";
import { contractOfAfterwards } from "./contract-afterwards.ts";
import { aDelivery, anEntry, dueQuery, HOUR, idOf, NOON } from "./entries.ts";
import { allOf, ASKED, erase, liveThrough, MARKED, marked, MARKS } from "./erasing.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

export function contractOfForgotten(name: string, open: OpenLedger): void {
  describe(`${name}: a forgotten delivery`, () => {
    test(
      "keeps what was ordered, its states, times and counts; of its buyer nothing, wherever it stood",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(marked(1));
        await liveThrough(ledger, 1, "dead");
        await ledger.enqueue(anEntry(2));
        const other = await ledger.findDelivery(idOf("DLVR", 2));
        const before = (await ledger.findDelivery(idOf("DLVR", 1)))!;
        expect(await allOf(ledger)).toMatch(MARKS);

        expect(await erase(ledger, 1, { phone: "0049 (30) 555-0123" })).toEqual({
          deliveries: 1,
          webhooks: 0,
        });
        expect(await allOf(ledger)).not.toMatch(MARKS);
        const after = (await ledger.findDelivery(idOf("DLVR", 1)))!;
        expect(after.delivery).toEqual({
          ...before.delivery,
          reason: null,
          last_error: "refused: … of …",
          forgotten_at: ASKED + 1,
          ticket: {
            ...MARKED,
            ...{ reason: null, buyer_note: null },
            buyer: { name: null, phone: null, address: null, town: null },
          },
        });
        expect(after.attempts).toEqual([
          { ...before.attempts[0], detail: "no such client: … of …", request: null, response: null },
        ]);
        expect(after.confirmations).toEqual([
          { ...before.confirmations[0], message: null, time: null, raw: "{}" },
        ]);
        expect(after.history.map(({ note }) => note)).toEqual([
          "received",
          "staff refused it at the printer: … came",
          "the buyer's data was erased",
        ]);
        expect(after.history.at(-1)).toMatchObject({ at: ASKED + 1, state: "dead", by: "cli ana" });
        expect((await ledger.findWebhook(idOf("WEBH", 1)))?.body).toBeNull();
        expect(await ledger.findDelivery(idOf("DLVR", 2))).toEqual(other);
        for (const q of ["quill", "5550123"]) {
          expect((await ledger.searchDeliveries({ q, limit: 9 })).items, q).toEqual([]);
        }
      }),
    );

    test(
      "leaves nothing in alerts, messages about them and remembered acts, sent or not",
      onLedger(open, async ({ ledger, stored }) => {
        await ledger.enqueue(marked(1));
        await liveThrough(ledger, 1, "dead");
        const due = await ledger.alertsDue(NOON + HOUR, 9);
        for (const [k, alert] of due.to_tell.entries()) {
          const data = { delivery: alert.delivery_id, reason: alert.reason, order: alert.order_id };
          const body = JSON.stringify({ type: alert.type, text: alert.text, data });
          await ledger.tellAlerts([alert], { id: `msg_${k}`, body }, NOON);
        }
        const once = { key: "k", request: "r" };
        const set = { state: "pending", last_error: "refused: Quill", reason: MARKED.reason } as const;
        await ledger.change(idOf("DLVR", 1), {
          at: NOON,
          by: "cli",
          once,
          decide: () => ({ set, note: "redriven" }),
        });
        const places = async (): Promise<(string | undefined)[]> =>
          (await stored())
            .split("\n")
            .filter((line) => MARKS.test(line))
            .map((line) => line.split(":")[0]);
        const expected = [
          "alerts.reason",
          "alert_messages.body",
          "act_keys.result",
          "history.note",
          "tickets.buyer",
        ];
        expect(await places()).toEqual(expect.arrayContaining(expected));
        await erase(ledger, 1, { phone: "+49305550123" });
        expect(await places()).toEqual([]);
        const [message] = (await ledger.alertsDue(NOON + HOUR, 9)).messages;
        expect(JSON.parse(message?.body ?? "")).toMatchObject({
          data: { order: "order-1", reason: "refused: … of …" },
        });
        expect(await ledger.findAct(once, NOON)).toMatchObject({
          delivery: { id: idOf("DLVR", 1), state: "pending", reason: null, last_error: null },
        });
      }),
    );

    test(
      "regression: a remembered act with half a letter in a stranger's words kept the erasure from ending",
      onLedger(open, async ({ ledger, stored }) => {
        await ledger.enqueue(marked(1, { order_id: "7" }));
        const once = { key: "k", request: "r" };
        const set = { reason: "Quill \u0000 \ud83d", last_error: "C:\\u0000" };
        const act = { at: NOON, by: "cli", once, decide: () => ({ set, note: null }) };
        await ledger.change(idOf("DLVR", 1), act);
        expect(await erase(ledger, 1, { store: "noodle-bar", orders: ["7"] })).toMatchObject({
          deliveries: 1,
        });
        expect(await stored()).not.toMatch(/Quill/);
      }),
    );

    test(
      "is still a duplicate, and still goes out",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(marked(1, { order_id: "7" }));
        await erase(ledger, 1, { store: "noodle-bar", orders: ["7"] });
        expect(await ledger.enqueue(marked(2, { order_id: "7" }))).toMatchObject({ status: "duplicate" });
        const [claimed] = await ledger.claim(dueQuery());
        expect(claimed).toMatchObject({ id: idOf("DLVR", 1), ticket: { items: MARKED.items, reason: null } });
        expect(await allOf(ledger)).not.toMatch(MARKS);
      }),
    );

    test(
      "takes its reprints along, and is taken along by one",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(marked(1));
        for (const n of [2, 3]) {
          const reprint = aDelivery(n, { kind: "reprint", reprint_of: idOf("DLVR", 1), ticket: MARKED });
          await ledger.add({ ...reprint, order_id: "order-1" }, "operator", "reprint");
        }
        expect(await erase(ledger, 1, { phone: "305550123" }, true)).toEqual({ deliveries: 3, webhooks: 0 });
        expect(await erase(ledger, 2, { phone: "305550123" })).toEqual({ deliveries: 3, webhooks: 0 });
        expect(await allOf(ledger)).not.toMatch(MARKS);
        for (const n of [1, 2, 3]) {
          const found = await ledger.findDelivery(idOf("DLVR", n));
          expect(
            found?.history.filter(({ note }) => note.includes("erased")),
            String(n),
          ).toHaveLength(1);
        }
      }),
    );
  });
  contractOfAfterwards(name, open);
}
