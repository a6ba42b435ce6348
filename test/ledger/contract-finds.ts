import { describe, expect, test } from "vitest";
import type { DeliveryFilter, Ledger } from "../../src/ledger/ledger.ts";
import { aDelivery, anEntry, aTicket, aWebhook, idOf, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

type Filter = Omit<DeliveryFilter, "limit" | "q" | "before" | "slips_of">;

/** As a list and as a search: one must find what the other does. */
async function found(ledger: Ledger, filter: Filter): Promise<number[]> {
  const list = await ledger.listDeliveries({ ...filter, limit: 50 });
  const search = await ledger.searchDeliveries({ ...filter, limit: 50 });
  expect(search).toEqual({ items: list, next: null });
  return list.map(({ id }) => Number(id.slice(-16)));
}

async function searched(ledger: Ledger, q: string): Promise<number[]> {
  const { items, next } = await ledger.searchDeliveries({ q, limit: 50 });
  expect(next).toBeNull();
  return items.map(({ id }) => Number(id.slice(-16)));
}

export function contractOfFinds(name: string, open: OpenLedger): void {
  describe(`${name}: lists`, () => {
    test(
      "pages newest first, without gap or repeat while more come in",
      onLedger(open, async ({ ledger }) => {
        for (let n = 1; n <= 25; n++) await ledger.enqueue(anEntry(n));
        const pages: number[] = [];
        let before: string | undefined;
        for (let page = 0; ; page++) {
          const list = await ledger.listDeliveries({ limit: 10, ...(before ? { before } : {}) });
          pages.push(...list.map(({ id }) => Number(id.slice(-16))));
          before = list.at(-1)?.id;
          if (list.length < 10) break;
          await ledger.enqueue(anEntry(100 + page));
        }
        expect(pages).toEqual(Array.from({ length: 25 }, (_, k) => 25 - k));
        expect(await found(ledger, {})).toHaveLength(27);
      }),
    );

    test(
      "the order is the id's, not the order of writing",
      onLedger(open, async ({ ledger }) => {
        for (const n of [2, 5, 1, 4, 3]) await ledger.enqueue(anEntry(n));
        expect(await found(ledger, {})).toEqual([5, 4, 3, 2, 1]);
      }),
    );

    test(
      "the slips of some orders: themselves and their reprints",
      onLedger(open, async ({ ledger }) => {
        for (const n of [1, 2, 3]) await ledger.enqueue(anEntry(n));
        const aReprint = (n: number, of: number) =>
          ledger.add(aDelivery(n, { kind: "reprint", reprint_of: idOf("DLVR", of) }), "cli", "reprint");
        for (const [n, of] of [
          [4, 1],
          [5, 2],
          [6, 1],
          [7, 6],
        ] as const)
          await aReprint(n, of);
        const slips = async (...of: number[]) =>
          (await ledger.listDeliveries({ slips_of: of.map((n) => idOf("DLVR", n)), limit: 9 })).map(
            ({ id }) => Number(id.slice(-16)),
          );
        expect(await slips(1)).toEqual([7, 6, 4, 1]);
        expect(await slips(3, 2)).toEqual([5, 3, 2]);
        expect(await slips(5)).toEqual([5]);
        expect(await slips()).toEqual([]);
      }),
    );

    test(
      "by state, attention, store, printer and time, alone and together",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        await ledger.enqueue(anEntry(2, { store: "tea-house", created_at: NOON + 10 }));
        await ledger.enqueue(anEntry(3, { printer: "bar", created_at: NOON + 20 }));
        await ledger.enqueue(anEntry(4, { state: "verifying", created_at: NOON + 30 }));
        await ledger.change(idOf("DLVR", 2), {
          at: NOON,
          by: "relay",
          decide: () => ({ set: { attention: "unconfirmed" }, note: null }),
        });
        expect(await found(ledger, { state: "verifying" })).toEqual([4]);
        expect(await found(ledger, { attention: true })).toEqual([2]);
        expect(await found(ledger, { store: "noodle-bar" })).toEqual([4, 3, 1]);
        expect(await found(ledger, { printer: "bar" })).toEqual([3]);
        expect(await found(ledger, { since: NOON + 10 })).toEqual([4, 3, 2]);
        expect(await found(ledger, { until: NOON + 20 })).toEqual([2, 1]);
        expect(await found(ledger, { since: NOON + 10, until: NOON + 30, store: "noodle-bar" })).toEqual([3]);
        expect(await found(ledger, { state: "pending", printer: "kitchen", store: "tea-house" })).toEqual([
          2,
        ]);
        expect(await found(ledger, { state: "dead" })).toEqual([]);
      }),
    );

    test(
      "by order: its id or name, whole, whatever the case and whether or not the # is there",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1, { order_id: "21057", order_name: "#SL-9" }));
        await ledger.enqueue(anEntry(2, { order_id: "#21058", order_name: "21057" }));
        await ledger.enqueue(anEntry(3, { order_id: "210570", order_name: "x" }));
        expect(await found(ledger, { order: "21057" })).toEqual([2, 1]);
        expect(await found(ledger, { order: "#21057" })).toEqual([2, 1]);
        expect(await found(ledger, { order: "sl-9" })).toEqual([1]);
        expect(await found(ledger, { order: "21058" })).toEqual([2]);
        expect(await found(ledger, { order: "2105" })).toEqual([]);
        const older = await ledger.listDeliveries({ order: "21057", before: idOf("DLVR", 2), limit: 9 });
        expect(older.map(({ id }) => id)).toEqual([idOf("DLVR", 1)]);
      }),
    );

    test(
      "by q: part of id, order, name or reason, in any script, with no wildcards",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1, { order_id: "A-100%", order_name: "n1", reason: "ÄRGER im Hof" }));
        await ledger.enqueue(anEntry(2, { order_id: "A_1000", order_name: "n2", reason: "客户取消订单" }));
        await ledger.enqueue(anEntry(3, { order_id: "plain", order_name: "back\\slash", reason: null }));
        expect(await searched(ledger, "a-100")).toEqual([1]);
        expect(await searched(ledger, "%")).toEqual([1]);
        expect(await searched(ledger, "_")).toEqual([2]);
        expect(await searched(ledger, "\\")).toEqual([3]);
        expect(await searched(ledger, "ärger")).toEqual([1]);
        expect(await searched(ledger, "取消")).toEqual([2]);
        expect(await searched(ledger, idOf("DLVR", 3).toLowerCase())).toEqual([3]);
        expect(await searched(ledger, "' OR 1=1 --")).toEqual([]);
      }),
    );

    test(
      "bug: what an East Asian keyboard types, or was pasted with what cannot be seen, found nothing",
      onLedger(open, async ({ ledger }) => {
        const buyer = (name: string, phone: string) => ({ name, phone, address: null, town: null });
        const wide = { ...aTicket(), buyer: buyer("陳 小明", "０９１２ ３４５ ６７８") };
        await ledger.enqueue(anEntry(1, { order_id: "21057", order_name: "#1001", ticket: wide }));
        const accent = { ...aTicket(), buyer: buyer("Zoe\u0308 Müller", "0912345679") };
        await ledger.enqueue(
          anEntry(2, { order_id: "7", order_name: "Ｎｏ．９", reason: "ＳＯＬＤ", ticket: accent }),
        );
        for (const order of ["１００１", "＃１００１", "﹟1001", "# 1001", "\u200b#1001\u2069"]) {
          expect(await found(ledger, { order })).toEqual([1]);
          expect(await searched(ledger, order)).toEqual([1]);
        }
        expect(await found(ledger, { order: "no.9" })).toEqual([2]);
        for (const q of ["陳小明", "小明陳", "陳 小明 ", "0912345678", "０９１２３４５６７８"])
          expect(await searched(ledger, q)).toEqual([1]);
        for (const q of ["sold", "ＳＯＬＤ", "Zoë", "zoë müller ", "Zoe\u0308"])
          expect(await searched(ledger, q)).toEqual([2]);
      }),
    );

    test(
      "webhooks by status and store, newest first, without bodies",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1, { order_id: "7" }));
        await ledger.enqueue(anEntry(2, { order_id: "7" }));
        const other = aWebhook(3, { store: "tea-house" });
        await ledger.enqueue({
          webhook: other,
          delivery: null,
          status: "ignored",
          reason: "no cancellation",
        });
        const ids = async (filter: object): Promise<number[]> =>
          (await ledger.listWebhooks({ limit: 10, ...filter })).map(({ id }) => Number(id.slice(-16)));
        expect(await ids({})).toEqual([3, 2, 1]);
        expect(await ids({ status: "duplicate" })).toEqual([2]);
        expect(await ids({ store: "noodle-bar" })).toEqual([2, 1]);
        expect(await ids({ store: "noodle-bar", status: "accepted" })).toEqual([1]);
        expect(await ids({ before: idOf("WEBH", 3), limit: 1 })).toEqual([2]);
        const [newest] = await ledger.listWebhooks({ limit: 1 });
        expect(newest).toEqual({
          id: other.id,
          platform: "shopline",
          store: "tea-house",
          platform_webhook_id: "f81d4fae",
          topic: "orders/cancelled",
          headers: { "content-type": "application/json", "x-shopline-topic": "orders/cancelled" },
          origin: "webhook",
          received_at: NOON,
          status: "ignored",
          reason: "no cancellation",
          delivery_id: null,
          body_bytes: 20,
        });
      }),
    );

    test(
      "order ids keep every digit and every odd character",
      onLedger(open, async ({ ledger }) => {
        const order_id = "21071986512345678901234567890";
        await ledger.enqueue(anEntry(1, { order_id, order_name: "🍜 'quoted' \"; --" }));
        const [delivery] = await ledger.listDeliveries({ limit: 1 });
        expect(delivery).toMatchObject({ order_id, order_name: "🍜 'quoted' \"; --" });
        expect(aDelivery(1).order_id).not.toBe(order_id);
      }),
    );
  });
}
