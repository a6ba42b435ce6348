import { describe, expect, test } from "vitest";
import type { ErasedBatch, ErasureSubject, NewErasure } from "../../src/core/erasure.ts";
import type { Delivery } from "../../src/core/delivery.ts";
import type { InboundEntry, Ledger, NewDelivery } from "../../src/ledger/ledger.ts";
import { aDelivery, anAttempt, anEntry, aTicket, aWebhook, dueQuery, HOUR, idOf, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

const NOBODY: ErasureSubject = {
  store: null,
  everything: false,
  orders: [],
  phone: null,
  email: null,
  customer_id: null,
};
/** When it was asked for: what is in the ledger by then is of before. */
const ASKED = NOON + HOUR;

function anErasure(n: number, told: Partial<ErasureSubject>): NewErasure {
  return { id: idOf("ERAS", n), asked_at: ASKED, by: "cli ana", subject: { ...NOBODY, ...told } };
}

type Counts = Pick<ErasedBatch, "deliveries" | "webhooks">;

/** All batches of one erasure, from its begin. */
async function erase(
  ledger: Ledger,
  n: number,
  told: Partial<ErasureSubject>,
  dryRun = false,
): Promise<Counts> {
  const erasure = anErasure(n, told);
  if (!dryRun) await ledger.beginErasure(erasure);
  return goOn(ledger, erasure, dryRun);
}

async function goOn(ledger: Ledger, erasure: NewErasure, dryRun = false, limit = 3): Promise<Counts> {
  const sum = { deliveries: 0, webhooks: 0 };
  for (;;) {
    const batch = await ledger.eraseBatch({ erasure, limit, now: ASKED + 1, dry_run: dryRun });
    sum.deliveries += batch.deliveries;
    sum.webhooks += batch.webhooks;
    if (batch.done) return sum;
  }
}

const MARKED = aTicket({
  reason: "Xaver Quill asked by telephone",
  buyer_note: "Klingel bei Zwiebelfisch",
  buyer: { name: "Xaver Quill", phone: "+49 30 5550123", address: "Birkenweg 9", town: "Hinterdorf" },
});
const MARKS = /xaver|quill|zwiebelfisch|birkenweg|hinterdorf|5550123/i;

function marked(n: number, told: Partial<NewDelivery> = {}): InboundEntry {
  const { order_id = `order-${n}` } = told;
  const body = Buffer.from(
    JSON.stringify({ id: order_id, customer: { id: "c-77", phone: "030 5550123", last_name: "Quill" } }),
  );
  const delivery = aDelivery(n, { ticket: MARKED, reason: MARKED.reason, ...told });
  return { webhook: aWebhook(n, { body, store: delivery.store ?? "" }), delivery };
}

/** Sent, refused in words that name the buyer, called back in more of them. */
async function liveThrough(ledger: Ledger, n: number, state: Delivery["state"]): Promise<void> {
  await ledger.change(idOf("DLVR", n), {
    at: NOON,
    by: "relay",
    attempt: anAttempt({
      detail: "no such client: Quill of Hinterdorf",
      request: JSON.stringify({ order_json: { CustName: "Xaver Quill", CustPhone: "+49 30 5550123" } }),
      response: "client Xaver Quill is unknown",
    }),
    confirmation: {
      verdict: "rejected",
      message: "Quill came",
      time: "12:04",
      at: NOON,
      raw: '{"m":"Quill came"}',
    },
    decide: () => ({
      set: {
        state,
        next_attempt_at: null,
        last_error: "refused: Quill of Hinterdorf",
        attention: state === "dead" ? "dead" : null,
      },
      note: "staff refused it at the printer: Quill came",
    }),
  });
}

async function allOf(ledger: Ledger): Promise<string> {
  const deliveries = await ledger.listDeliveries({ limit: 100 });
  const webhooks = await ledger.listWebhooks({ limit: 100 });
  const told = await Promise.all([
    ...deliveries.map(({ id }) => ledger.findDelivery(id)),
    ...webhooks.map(async ({ id }) => (await ledger.findWebhook(id))?.body?.toString()),
    ledger.listAlerts({ limit: 100 }),
    ledger.listErasures(100),
  ]);
  return JSON.stringify(told);
}

export function contractOfErasures(name: string, open: OpenLedger): void {
  contractOfMatches(name, open);
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
        expect(after.confirmations).toEqual([{ ...before.confirmations[0], message: null, raw: "{}" }]);
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

function contractOfMatches(name: string, open: OpenLedger): void {
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

    test.each<[string, Partial<ErasureSubject>]>([
      ["an order's id", { store: "noodle-bar", orders: ["order-2"] }],
      ["an order's name", { store: "noodle-bar", orders: ["1002"] }],
      ["a name with # and in capitals", { store: "noodle-bar", orders: ["#ORDER-2"] }],
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
        expect(await allOf(ledger)).not.toMatch(MARKS);
      }),
    );
  });
}

/** Of each delivery, oldest first. */
async function forgotten(ledger: Ledger): Promise<boolean[]> {
  const deliveries = await ledger.listDeliveries({ limit: 100 });
  return deliveries.map(({ forgotten_at }) => forgotten_at !== null).reverse();
}

function contractOfAfterwards(name: string, open: OpenLedger): void {
  describe(`${name}: what comes for a forgotten delivery`, () => {
    const erased = (act: (ledger: Ledger) => Promise<void>, first = marked(1)): (() => Promise<void>) =>
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(first);
        if (first.delivery?.state === "pending") await ledger.claim(dueQuery());
        await erase(ledger, 1, { store: "noodle-bar", orders: ["order-1"] });
        await act(ledger);
        expect(await allOf(ledger)).not.toMatch(MARKS);
        expect(await forgotten(ledger)).not.toContain(false);
      });

    test(
      "an attempt that was under way is written down without what was sent and said",
      erased(async (ledger) => {
        const detail = "no client Quill";
        const after = await ledger.change(idOf("DLVR", 1), {
          at: ASKED + 5,
          by: "relay",
          attempt: anAttempt({ detail, request: "Quill", response: "Quill", started_at: NOON }),
          decide: () => ({
            set: { state: "dead", attention: "dead", lease_until: null, last_error: detail },
            note: `refused by the cloud: ${detail}`,
          }),
        });
        const found = (await ledger.findDelivery(idOf("DLVR", 1)))!;
        expect(found.delivery).toEqual(after);
        expect(found.attempts).toMatchObject([
          { outcome: "accepted", http_status: 200, request: null, response: null },
        ]);
        expect(found.history.at(-1)?.note).toMatch(/^refused by the cloud: /);
      }),
    );

    test(
      "an attempt that began afterwards is written down whole",
      erased(async (ledger) => {
        const attempt = anAttempt({ detail: "the cloud is busy", started_at: ASKED + 2, response: "busy" });
        await ledger.change(idOf("DLVR", 1), { at: ASKED + 5, by: "relay", attempt, decide: () => null });
        expect((await ledger.findDelivery(idOf("DLVR", 1)))?.attempts).toEqual([attempt]);
      }),
    );

    test(
      "a late callback keeps its verdict and its time",
      erased(async (ledger) => {
        const confirmation = { verdict: "rejected", message: "Quill called", time: "12:05" } as const;
        await ledger.change(idOf("DLVR", 1), {
          at: ASKED + 5,
          by: "printer",
          confirmation: { ...confirmation, at: ASKED + 5, raw: '{"m":"Quill called"}' },
          decide: () => ({
            set: { state: "rejected", lease_until: null, last_error: "refused at the printer: Quill called" },
            note: "staff refused it at the printer: Quill called",
          }),
        });
        expect((await ledger.findDelivery(idOf("DLVR", 1)))?.confirmations).toEqual([
          { verdict: "rejected", message: null, time: "12:05", at: ASKED + 5, raw: "{}" },
        ]);
      }),
    );

    test(
      "what the store's API says of the order is printed without the buyer",
      erased(
        async (ledger) => {
          await ledger.change(idOf("DLVR", 1), {
            at: ASKED + 5,
            by: "relay",
            decide: () => ({
              set: { state: "pending", ticket: MARKED, reason: MARKED.reason },
              note: "confirmed",
            }),
          });
          const { ticket } = (await ledger.findDelivery(idOf("DLVR", 1)))!.delivery;
          expect(ticket).toMatchObject({ items: MARKED.items, buyer: { name: null } });
        },
        marked(1, { state: "verifying" }),
      ),
    );

    test(
      "a reprint that was being made with the buyer is kept without",
      erased(async (ledger) => {
        const reprint = aDelivery(2, { kind: "reprint", reprint_of: idOf("DLVR", 1), ticket: MARKED });
        const added = await ledger.add({ ...reprint, reason: MARKED.reason }, "operator", "reprint");
        expect(added).toMatchObject({
          forgotten_at: ASKED + 1,
          reason: null,
          ticket: { items: MARKED.items },
        });
      }),
    );

    test(
      "a webhook that revives it brings no buyer back, and its body is not kept",
      erased(async (ledger) => {
        const set = { state: "void", lease_until: null } as const;
        await ledger.change(idOf("DLVR", 1), {
          at: ASKED + 2,
          by: "relay",
          decide: () => ({ set, note: null }),
        });
        expect(await ledger.enqueue(marked(2, { order_id: "order-1" }))).toMatchObject({
          status: "accepted",
        });
        const { delivery } = (await ledger.findDelivery(idOf("DLVR", 1)))!;
        expect(delivery).toMatchObject({
          state: "pending",
          ticket: { items: MARKED.items, buyer: { name: null } },
        });
        expect((await ledger.findWebhook(idOf("WEBH", 2)))?.body).toBeNull();
      }),
    );

    test(
      "a replay that had read a webhook's body before it went is refused",
      onLedger(open, async ({ ledger }) => {
        const entry = marked(1);
        await ledger.enqueue({
          webhook: entry.webhook,
          delivery: null,
          status: "quarantined",
          reason: "why",
        });
        expect(await erase(ledger, 1, { phone: "305550123" })).toEqual({ deliveries: 0, webhooks: 1 });
        await expect(ledger.reenqueue(entry, { at: ASKED + 5, by: "cli" })).rejects.toMatchObject({
          code: "conflict",
        });
        expect(await ledger.listDeliveries({ limit: 9 })).toEqual([]);
      }),
    );
  });
}
