import { describe, expect, test } from "vitest";
import type { ErasureSubject } from "../../src/core/erasure.ts";
import type { InboundEntry } from "../../src/ledger/ledger.ts";
import { anAttempt, anEntry, aWebhook, idOf } from "./entries.ts";
import { anErasure, ASKED, erase, forgotten, goOn, marked } from "./erasing.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

export function contractOfErasures(name: string, open: OpenLedger): void {
  describe(`${name}: an erasure`, () => {
    test(
      "is durable before it is done, is done once, and then no longer tells whom it was about",
      onLedger(open, async ({ ledger, another }) => {
        for (let n = 1; n <= 5; n++) await ledger.enqueue(marked(n));
        const erasure = anErasure(1, { phone: "+49 30 5550123" });
        await ledger.beginErasure(erasure);
        const begun = { ...erasure, store: null, done_at: null, deliveries: 0, webhooks: 0 };
        const other = await another();
        expect(await other.nextErasure()).toEqual(begun);
        // One batch of one process, and the rest by another: it begins from the front and finds what is left.
        const first = await ledger.eraseBatch({ erasure, limit: 2, now: ASKED + 1 });
        expect(first).toMatchObject({ deliveries: 2, done: false });
        expect(await goOn(other, erasure)).toEqual({ deliveries: 3, webhooks: 0 });
        expect(await ledger.nextErasure()).toBeNull();
        expect(await ledger.listErasures(9)).toEqual([
          { ...begun, subject: null, done_at: ASKED + 1, deliveries: 5 },
        ]);
        const again = await ledger.eraseBatch({ erasure, limit: 2, now: ASKED + 2 });
        expect(again).toEqual({ deliveries: 0, webhooks: 0, done: true, waiting: false, log_left: false });
      }),
    );

    test(
      "bug: a replay that was cut off lost its erasure: it begins in the same commit, and once",
      onLedger(open, async ({ ledger }) => {
        const webhook = aWebhook(1);
        await ledger.enqueue({ webhook, delivery: null, status: "quarantined", reason: "not understood" });
        const erasure = anErasure(1, { store: "noodle-bar", customer_id: "7" });
        const act = { at: ASKED, by: "operator" };
        const asking = { webhook, delivery: null, status: "ignored", reason: "asks", erasure } as const;
        expect(await ledger.reenqueue(asking, act)).toMatchObject({ status: "ignored" });
        const begun = await ledger.nextErasure();
        expect(begun).toMatchObject(erasure);
        // Whoever begins it once more begins nothing, also when it is done.
        await ledger.beginErasure(erasure);
        while (!(await ledger.eraseBatch({ erasure, limit: 100, now: ASKED + 1 })).done);
        await ledger.beginErasure(erasure);
        expect(await ledger.nextErasure()).toBeNull();
        expect(await ledger.listErasures(9)).toHaveLength(1);
      }),
    );

    test(
      "regression: one request played again and again kept every other store's waiting",
      onLedger(open, async ({ ledger }) => {
        const asking = (n: number, store: string, more: Partial<ErasureSubject> = {}): InboundEntry => ({
          webhook: aWebhook(n, { store }),
          ...{ delivery: null, status: "ignored", reason: "customers/redact" },
          erasure: anErasure(n, { store, customer_id: "7", ...more }),
        });
        for (let n = 1; n <= 9; n++) await ledger.enqueue(asking(n, "noodle-bar"));
        expect((await ledger.listErasures(99)).map(({ id }) => id)).toEqual(
          [2, 1].map((n) => anErasure(n, {}).id),
        );
        for (let n = 10; n <= 12; n++)
          await ledger.enqueue(asking(n, "noodle-bar", { customer_id: String(n) }));
        await ledger.enqueue(asking(13, "tea"));
        const order: number[] = [];
        for (
          let erasure = await ledger.nextErasure();
          erasure !== null;
          erasure = await ledger.nextErasure()
        ) {
          order.push(Number(erasure.id.slice(-2)));
          const { id, asked_at, by } = erasure;
          const query = { erasure: { id, asked_at, by, subject: erasure.subject! }, limit: 100 };
          while (!(await ledger.eraseBatch({ ...query, now: ASKED + order.length })).done);
        }
        expect(order).toEqual([1, 13, 2, 10, 11, 12]);
      }),
    );

    test(
      "by a phone takes every store's, by a phone and a store that store's alone",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(marked(1));
        await ledger.enqueue(marked(2, { store: "tea" }));
        expect(await erase(ledger, 1, { store: "tea", phone: "+49305550123" })).toMatchObject({
          deliveries: 1,
        });
        expect(await forgotten(ledger)).toEqual([false, true]);
        expect(await erase(ledger, 2, { phone: "+49305550123" })).toMatchObject({ deliveries: 1 });
        expect(await forgotten(ledger)).toEqual([true, true]);
      }),
    );

    test(
      "regression: by a phone took an order whose own id is written like it, for what was sent of it",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1, { order_id: "0305550123" }));
        await ledger.change(idOf("DLVR", 1), {
          ...{ at: ASKED, by: "relay", decide: () => null },
          attempt: anAttempt({ request: JSON.stringify({ order_txt: "Order id 0305550123" }) }),
        });
        expect(await erase(ledger, 1, { phone: "0305550123" })).toEqual({ deliveries: 0, webhooks: 0 });
        expect(await forgotten(ledger)).toEqual([false]);
      }),
    );

    test.each<[string, Partial<ErasureSubject>]>([
      ["an order's id", { store: "noodle-bar", orders: ["order-2"] }],
      ["an order's name", { store: "noodle-bar", orders: ["1002"] }],
      ["an id in capitals", { store: "noodle-bar", orders: ["ORDER-2"] }],
      ["an order's name with #", { store: "noodle-bar", orders: ["#1002"] }],
      ["the store's id of the buyer", { store: "noodle-bar", customer_id: "c-77" }],
      ["an order or a buyer", { store: "noodle-bar", orders: ["none"], customer_id: "c-77" }],
    ])("by %s", (_what, told) =>
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        await ledger.enqueue(marked(2));
        await ledger.enqueue(anEntry(3));
        expect(await erase(ledger, 1, told)).toEqual({ deliveries: 1, webhooks: 0 });
        expect(await forgotten(ledger)).toEqual([false, true, false]);
      })(),
    );

    test(
      "by an e-mail takes what only a webhook tells, and what else the store sent of that order",
      onLedger(open, async ({ ledger }) => {
        const of = (n: number, body: object): InboundEntry => ({
          webhook: aWebhook(n, { body: Buffer.from(JSON.stringify(body)) }),
          ...{ delivery: null, status: "ignored", reason: "no cancellation" },
        });
        await ledger.enqueue(anEntry(1, { order_id: "7" }));
        await ledger.enqueue(of(2, { order: { id: 7, email: "Quill@Example.org" } }));
        await ledger.enqueue(of(3, { order: { id: 7, note: "for Xaver" } }));
        await ledger.enqueue(of(4, { order: { id: 8, email: "aquill@example.org" } }));
        const told = { email: "quill@example.org" };
        expect(await erase(ledger, 1, told, true)).toEqual({ deliveries: 1, webhooks: 2 });
        expect(await erase(ledger, 2, told)).toEqual({ deliveries: 1, webhooks: 2 });
        const bodies = [];
        for (const n of [1, 2, 3, 4]) bodies.push((await ledger.findWebhook(idOf("WEBH", n)))?.body !== null);
        expect(bodies).toEqual([false, false, false, true]);
      }),
    );

    test(
      "that is cut off between an order and what else the store sent of it finds that too",
      onLedger(open, async ({ ledger, another }) => {
        await ledger.enqueue(marked(1));
        const body = Buffer.from('{"order":{"id":"order-1","note":"for Xaver"}}');
        await ledger.enqueue({
          webhook: aWebhook(2, { body }),
          ...{ delivery: null, status: "ignored", reason: "no cancellation" },
        });
        const erasure = anErasure(1, { phone: "+49 30 5550123" });
        await ledger.beginErasure(erasure);
        expect(await ledger.eraseBatch({ erasure, limit: 1, now: ASKED + 1 })).toMatchObject({
          deliveries: 1,
        });
        expect(await goOn(await another(), erasure)).toEqual({ deliveries: 0, webhooks: 1 });
        expect((await ledger.findWebhook(idOf("WEBH", 2)))?.body).toBeNull();
      }),
    );

    test(
      "of everything takes what came of the store until then, with what is pruned, and nothing since",
      onLedger(open, async ({ ledger }) => {
        for (let n = 1; n <= 30; n++) await ledger.enqueue(marked(n));
        await ledger.enqueue(marked(31, { store: "tea" }));
        const late = marked(32, { created_at: ASKED + 9 });
        late.webhook.received_at = ASKED + 9;
        await ledger.enqueue(late);
        expect(await erase(ledger, 1, { store: "noodle-bar", everything: true })).toEqual({
          ...{ deliveries: 30, webhooks: 0 },
        });
        expect(await forgotten(ledger)).toEqual([...Array<boolean>(30).fill(true), false, false]);
        expect((await ledger.findWebhook(idOf("WEBH", 32)))?.body).not.toBeNull();
      }),
    );

    test.each<[string, Partial<ErasureSubject>, RegExp]>([
      ["nothing", {}, /nothing is named/],
      ["an order of no store", { orders: ["7"] }, /name it/],
      ["a buyer's id of no store", { customer_id: "7" }, /name it/],
      ["everything of every store", { everything: true }, /name it/],
      ["too short a phone", { phone: "00 123456" }, /7 to 17 digits/],
      ["half an e-mail", { email: "quill" }, /whole one/],
      ["an empty order", { store: "tea", orders: ["#"] }, /empty/],
    ])("of %s is refused", (_what, told, words) =>
      onLedger(open, async ({ ledger }) => {
        const refused = await ledger.beginErasure(anErasure(1, told)).catch((error: unknown) => error);
        expect(refused).toMatchObject({ code: "invalid", message: expect.stringMatching(words) as string });
        expect(await ledger.nextErasure()).toBeNull();
      })(),
    );

    test(
      "that was never begun erases nothing",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(marked(1));
        const erasure = anErasure(1, { phone: "+49305550123" });
        await expect(ledger.eraseBatch({ erasure, limit: 9, now: ASKED })).rejects.toMatchObject({
          code: "not_found",
        });
        expect(await forgotten(ledger)).toEqual([false]);
      }),
    );

    test(
      "that a webhook asks for is in the ledger with it, and the webhook's body is not",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(marked(1));
        const erasure = anErasure(1, { store: "noodle-bar", orders: ["#1001"] });
        const webhook = aWebhook(2, { body: Buffer.from('{"customer":{"phone":"030 5550123"}}') });
        const entry = { webhook, delivery: null, status: "ignored", reason: "redact", erasure } as const;
        expect(await ledger.enqueue(entry)).toMatchObject({ status: "ignored", reason: "redact" });
        expect(await ledger.findWebhook(webhook.id)).toMatchObject({
          body: null,
          body_bytes: webhook.body.length,
        });
        expect(await ledger.nextErasure()).toMatchObject(erasure);
        expect(await goOn(ledger, erasure)).toEqual({ deliveries: 1, webhooks: 0 });
        expect(await forgotten(ledger)).toEqual([true]);
      }),
    );

    test.each(["#1001", "order-1"])(
      "regression: of the order %s left what the store sent of it in other shapes",
      (order) =>
        onLedger(open, async ({ ledger }) => {
          await ledger.enqueue(marked(1));
          await ledger.enqueue(marked(2));
          const shapes = [
            { data: { order: { id: "order-1", note: "for Xaver" } } },
            { orders: [{ id: "order-9" }, { id: "order-1", note: "for Xaver" }] },
            [{ id: "order-1", note: "for Xaver" }],
            { orderId: "order-1", note: "for Xaver" },
            { id: "r9", refund: { order_id: "order-1", note: "for Xaver" } },
            { payload: { id: "order-1", note: "for Xaver" } },
            { orders: [{ id: "order-2", line_items: [{ id: "order-1" }] }] },
          ];
          for (const [n, shape] of shapes.entries()) {
            await ledger.enqueue({
              webhook: aWebhook(n + 3, { body: Buffer.from(JSON.stringify(shape)) }),
              ...{ delivery: null, status: "ignored", reason: "no cancellation" },
            });
          }
          const told = { store: "noodle-bar", orders: [order] };
          expect(await erase(ledger, 1, told)).toEqual({ deliveries: 1, webhooks: 6 });
          expect(await forgotten(ledger)).toEqual([true, false]);
          expect((await ledger.findWebhook(idOf("WEBH", 9)))?.body).not.toBeNull();
        })(),
    );
  });
}
