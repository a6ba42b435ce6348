import { describe, expect, test } from "vitest";
import { ATTEMPTS_SHOWN_MAX } from "../../src/core/delivery.ts";
import type { ConfirmationRecord } from "../../src/ledger/ledger.ts";
import { aDelivery, anAttempt, anEntry, aTicket, dueQuery, idOf, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

const ID = idOf("DLVR", 1);
const CONFIRMATION: ConfirmationRecord = {
  verdict: "accepted",
  message: "OK",
  time: "12:34",
  at: NOON + 5000,
  raw: '{"ak":"Accepted"}',
};

export function contractOfChanges(name: string, open: OpenLedger): void {
  describe(`${name}: change`, () => {
    test(
      "writes every column a transition may set, and what is beside it",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        const set = {
          state: "sending",
          attention: "unconfirmed",
          order_name: "#77",
          cancelled_at: NOON - 5,
          reason: "no longer wanted",
          retry_step: 3,
          unknown_count: 2,
          may_be_repeat: true,
          denied_count: 1,
          endpoint: "submitorder",
          next_attempt_at: NOON + 1,
          lease_until: NOON + 2,
          useful_until: NOON + 3,
          confirm_by: NOON + 4,
          accepted_at: NOON + 5,
          printed_at: NOON + 6,
          last_error: "timed out",
          ticket: aTicket({ reason: "asked again" }),
        } as const;
        const before = (await ledger.findDelivery(ID))!.delivery;
        const after = await ledger.change(ID, {
          at: NOON + 9,
          by: "operator",
          attempt: anAttempt(),
          confirmation: CONFIRMATION,
          decide: () => ({ set, note: "told" }),
        });
        expect(after).toEqual({ ...before, ...set });
        const detail = await ledger.findDelivery(ID);
        expect(detail?.delivery).toEqual(after);
        expect(detail?.attempts).toEqual([anAttempt()]);
        expect(detail?.confirmations).toEqual([CONFIRMATION]);
        expect(detail?.history.at(-1)).toEqual({
          at: NOON + 9,
          state: "sending",
          by: "operator",
          note: "told",
        });
        // The new name and reason are what is searched from now on.
        expect(await ledger.listDeliveries({ order: "77", limit: 9 })).toHaveLength(1);
        expect(await ledger.listDeliveries({ order: "1001", limit: 9 })).toHaveLength(0);
        expect((await ledger.searchDeliveries({ q: "NO LONGER", limit: 9 })).items).toHaveLength(1);
      }),
    );

    test(
      "decides on the row as it is now, one change after the other",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        const seen: number[] = [];
        const bump = (): Promise<unknown> =>
          ledger.change(ID, {
            at: NOON,
            by: "relay",
            decide: (row) => {
              seen.push(row.retry_step);
              return { set: { retry_step: row.retry_step + 1 }, note: null };
            },
          });
        await Promise.all(Array.from({ length: 50 }, bump));
        expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => n));
        expect((await ledger.findDelivery(ID))?.delivery.retry_step).toBe(50);
        expect((await ledger.findDelivery(ID))?.history).toHaveLength(1);
      }),
    );

    test(
      "null: writes only what is beside it",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        const before = (await ledger.findDelivery(ID))!;
        const change = { at: NOON, by: "printer", confirmation: CONFIRMATION, decide: () => null };
        expect(await ledger.change(ID, change)).toEqual(before.delivery);
        expect(await ledger.findDelivery(ID)).toEqual({ ...before, confirmations: [CONFIRMATION] });
      }),
    );

    test(
      "bug: a cloud that called back again and again was kept word for word, and each call read all before it",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        const told = (message: string) => ({ ...CONFIRMATION, message });
        const stray = { at: NOON, by: "printer", decide: () => null };
        for (let n = 0; n < 25; n++) await ledger.change(ID, { ...stray, confirmation: told(`${n}`) });
        const set = { state: "printed", printed_at: NOON } as const;
        const decide = () => ({ set, note: "the printer printed it" });
        await ledger.change(ID, { ...stray, confirmation: told("the one that counts"), decide });
        const messages = (await ledger.findDelivery(ID))?.confirmations.map(({ message }) => message);
        expect(messages).toEqual([...Array.from({ length: 20 }, (_, n) => `${n}`), "the one that counts"]);
        expect((await ledger.readDelivery(ID))?.state).toBe("printed");
        expect(await ledger.readDelivery("NOPE")).toBeNull();
      }),
    );

    test(
      "all or nothing: when deciding throws, nothing was written",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        const before = await ledger.findDelivery(ID);
        const failing = ledger.change(ID, {
          at: NOON,
          by: "relay",
          attempt: anAttempt(),
          confirmation: CONFIRMATION,
          decide: () => {
            throw new TypeError("a bug");
          },
        });
        await expect(failing).rejects.toThrow("a bug");
        expect(await ledger.findDelivery(ID)).toEqual(before);
      }),
    );

    test(
      "verifications are counted from 1, sends carry their own number",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        await ledger.enqueue(anEntry(2));
        const kinds = ["verify", "verify", "send", "verify", "send"] as const;
        for (const [k, kind] of kinds.entries()) {
          const attempt = anAttempt({ kind, number: kind === "verify" ? 0 : k, request: null });
          await ledger.change(ID, { at: NOON, by: "relay", attempt, decide: () => null });
        }
        const attempts = (await ledger.findDelivery(ID))!.attempts;
        expect(attempts.map(({ kind, number }) => `${kind} ${number}`)).toEqual([
          "verify 1",
          "verify 2",
          "send 2",
          "verify 3",
          "send 4",
        ]);
        expect((await ledger.findDelivery(idOf("DLVR", 2)))?.attempts).toEqual([]);
      }),
    );

    test(
      "of many attempts the newest are with their delivery, those before are listed page by page",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        await ledger.enqueue(anEntry(2));
        const all = Array.from({ length: ATTEMPTS_SHOWN_MAX + 7 }, (_, k) => anAttempt({ number: k + 1 }));
        for (const attempt of all) {
          const change = { at: NOON, by: "relay", attempt, decide: () => null };
          await Promise.all([ledger.change(ID, change), ledger.change(idOf("DLVR", 2), change)]);
        }
        const detail = (await ledger.findDelivery(ID))!;
        expect(detail.attempts).toEqual(all.slice(7));
        const before = (await ledger.listAttempts(ID, 4, detail.earlier_attempts!))!;
        expect(before.items).toEqual(all.slice(3, 7).toReversed());
        const rest = await ledger.listAttempts(ID, 3, before.next!);
        expect(rest).toEqual({ items: all.slice(0, 3).toReversed(), next: null });
        expect((await ledger.listAttempts(ID, 2))?.items).toEqual(all.slice(-2).toReversed());
        expect(await ledger.listAttempts("NOPE", 2)).toBeNull();
      }),
    );

    test(
      "what was not there is not found",
      onLedger(open, async ({ ledger }) => {
        const change = { at: NOON, by: "relay", decide: () => null };
        await expect(ledger.change("01NOSUCH", change)).rejects.toMatchObject({ code: "not_found" });
        expect(await ledger.findDelivery("01NOSUCH")).toBeNull();
        expect(await ledger.findWebhook("01NOSUCH")).toBeNull();
      }),
    );
  });

  describe(`${name}: reprints and tests`, () => {
    test(
      "reprints are numbered from the first delivery, also reprints of reprints, also at once",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1, { order_id: "7" }));
        const reprint = (n: number, of: number) =>
          aDelivery(n, { kind: "reprint", order_id: "7", reprint_of: idOf("DLVR", of) });
        const first = await ledger.add(reprint(2, 1), "operator", "reprint: smudged");
        expect(first).toMatchObject({
          reprint_number: 1,
          reprint_of: ID,
          state: "pending",
          webhook_id: null,
        });
        const more = await Promise.all([
          ledger.add(reprint(3, 2), "operator", "reprint: again"),
          ledger.add(reprint(4, 1), "operator", "reprint: again"),
        ]);
        expect(more.map(({ reprint_number, reprint_of }) => [reprint_number, reprint_of])).toEqual([
          [2, ID],
          [3, ID],
        ]);
        expect((await ledger.findDelivery(idOf("DLVR", 2)))?.history).toEqual([
          { at: NOON, state: "pending", by: "operator", note: "reprint: smudged" },
        ]);
        expect(await ledger.claim(dueQuery())).toHaveLength(4);
        await expect(ledger.add(reprint(5, 99), "operator", "x")).rejects.toMatchObject({
          code: "not_found",
        });
      }),
    );

    test(
      "test slips have no store, and any number of them",
      onLedger(open, async ({ ledger }) => {
        const test = { kind: "test", store: null, platform: null, order_id: "TEST" } as const;
        await ledger.add(aDelivery(1, test), "cli", "test slip");
        const second = await ledger.add(aDelivery(2, test), "cli", "test slip");
        expect(second).toMatchObject({ kind: "test", store: null, reprint_number: null });
        await ledger.enqueue(anEntry(3, { order_id: "7" }));
        const cancellation = ledger.add(aDelivery(4, { order_id: "7" }), "cli", "by hand");
        await expect(cancellation).rejects.toMatchObject({ code: "conflict" });
      }),
    );
  });
}
