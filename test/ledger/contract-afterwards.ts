import { describe, expect, test } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { aDelivery, anAttempt, dueQuery, idOf, NOON } from "./entries.ts";
import { allOf, ASKED, erase, forgotten, MARKED, marked, MARKS } from "./erasing.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

export function contractOfAfterwards(name: string, open: OpenLedger): void {
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
      "regression: an attempt that began afterwards keeps what was sent, and of the answer only our own words",
      erased(async (ledger) => {
        const detail = "HTTP 400: Quill is known here";
        const attempt = anAttempt({ detail, http_status: 400, started_at: ASKED + 2, response: "Quill" });
        const after = await ledger.change(idOf("DLVR", 1), {
          ...{ at: ASKED + 5, by: "relay", attempt, with_buyer: false },
          decide: () => ({
            set: { state: "dead", attention: "dead", lease_until: null, last_error: `refused: ${detail}` },
            note: `refused: ${detail}`,
          }),
        });
        const found = (await ledger.findDelivery(idOf("DLVR", 1)))!;
        expect(found.attempts).toEqual([{ ...attempt, detail: "HTTP 400: …", response: null }]);
        expect(after.last_error).toBe("refused: HTTP 400: …");
        expect(found.history.at(-1)?.note).toBe("refused: HTTP 400: …");
      }),
    );

    test(
      "regression: an attempt made with the buyer keeps nothing of it, though its clock was ahead of the erasure's",
      erased(async (ledger) => {
        const attempt = anAttempt({ detail: "HTTP 200", started_at: ASKED + 3, request: "Quill" });
        const seen = { at: ASKED + 5, by: "relay", attempt, with_buyer: true };
        await ledger.change(idOf("DLVR", 1), { ...seen, decide: () => null });
        expect((await ledger.findDelivery(idOf("DLVR", 1)))?.attempts).toEqual([
          { ...attempt, request: null, response: null },
        ]);
      }),
    );

    test(
      "regression: what the store's API says in an error is kept without its words, whenever it was asked",
      erased(
        async (ledger) => {
          const detail = "FastPOD's API answered 404: order of Quill is locked";
          const told = { kind: "verify", http_status: null, request: null, response: null } as const;
          for (const started_at of [NOON, ASKED + 2]) {
            await ledger.change(idOf("DLVR", 1), {
              ...{
                at: ASKED + 5,
                by: "relay",
                attempt: anAttempt({ ...told, detail, started_at, number: 0 }),
              },
              decide: () => ({ set: { last_error: detail }, note: detail }),
            });
          }
          const found = (await ledger.findDelivery(idOf("DLVR", 1)))!;
          const own = "FastPOD's API answered 404: …";
          expect(found.attempts.map((one) => one.detail)).toEqual([own, own]);
          expect(found.delivery.last_error).toBe(own);
          expect(found.history.at(-1)?.note).toBe(own);
        },
        marked(1, { state: "verifying" }),
      ),
    );

    test(
      "a late callback keeps its verdict and when it came",
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
          { verdict: "rejected", message: null, time: null, at: ASKED + 5, raw: "{}" },
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
