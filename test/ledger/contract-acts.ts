import { describe, expect, test } from "vitest";
import type { Delivery } from "../../src/core/delivery.ts";
import { redriven } from "../../src/core/decide.ts";
import { ACT_KEYS_KEPT_DAYS, keptSince } from "../../src/core/retention.ts";
import { DAY_MS } from "../../src/core/time.ts";
import type { ActKey, Ledger } from "../../src/ledger/ledger.ts";
import { aDelivery, anEntry, aWebhook, idOf, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

const ONCE = { key: "8e03978e-40d5-43dd-bc93-6894a57f9324", request: "reprint 1" };

/** Two relays at once are not always in each other's way. */
const ROUNDS = 8;

function aReprint(n: number, created_at = NOON) {
  return aDelivery(n, { kind: "reprint", reprint_of: idOf("DLVR", 1), created_at });
}

function withoutTicket(delivery: Delivery): Omit<Delivery, "ticket"> {
  const told: Partial<Delivery> = { ...delivery };
  delete told.ticket;
  return told as Omit<Delivery, "ticket">;
}

async function makeDead(ledger: Ledger, n: number): Promise<void> {
  await ledger.enqueue(anEntry(n));
  await ledger.change(idOf("DLVR", n), {
    at: NOON,
    by: "relay",
    decide: () => ({ set: { state: "dead", next_attempt_at: null }, note: "dead" }),
  });
}

export function contractOfActs(name: string, open: OpenLedger): void {
  describe(`${name}: acts under a key`, () => {
    test(
      "a reprint is made once for one key, also by two calls at once and by another process",
      onLedger(open, async ({ ledger, another }) => {
        await ledger.enqueue(anEntry(1));
        const both = await Promise.allSettled([
          ledger.add(aReprint(2), "operator Ana", "reprint", ONCE),
          ledger.add(aReprint(3), "operator Ana", "reprint", ONCE),
        ]);
        expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
        expect(both[1]).toMatchObject({ reason: { code: "repeated" } });
        const other = await another();
        await expect(other.add(aReprint(4), "cli", "reprint", ONCE)).rejects.toMatchObject({
          code: "repeated",
        });
        expect(await ledger.listDeliveries({ limit: 9 })).toHaveLength(2);
        const told = withoutTicket((await ledger.findDelivery(idOf("DLVR", 2)))!.delivery);
        expect(await other.findAct(ONCE, NOON)).toEqual({ delivery: told });
      }),
    );

    test(
      "bug: of two relays that ask at once under one key both acted: the key decides for one",
      onLedger(open, async ({ ledger, another }) => {
        const other = await another();
        await ledger.enqueue(anEntry(1));
        await makeDead(ledger, 2);
        await makeDead(ledger, 3);
        const ignored = [4, 5].map((n) => aWebhook(n));
        for (const webhook of ignored)
          await ledger.enqueue({ webhook, delivery: null, status: "ignored", reason: "old rules" });
        const acts: Record<string, (one: Ledger, once: ActKey, n: number) => Promise<unknown>> = {
          add: (one, once, n) => one.add(aReprint(n), "operator", "reprint", once),
          enqueue: (one, once, n) => one.enqueue(anEntry(n), { at: NOON, by: "operator", once }),
          reenqueue: (one, once, n) =>
            one.reenqueue(
              { webhook: ignored[n % 2]!, delivery: null, status: "ignored", reason: "old rules" },
              { at: NOON, by: "operator", once },
            ),
          change: (one, once, n) =>
            one.change(idOf("DLVR", 2 + (n % 2)), {
              ...{ at: NOON, by: "operator", once },
              decide: () => ({ set: {}, note: "looked at" }),
            }),
        };
        let n = 10;
        for (const [request, act] of Object.entries(acts)) {
          for (let round = 0; round < ROUNDS; round++) {
            const once = { key: `${request} ${round}`, request };
            const both = await Promise.allSettled([act(ledger, once, n++), act(other, once, n++)]);
            const refused = both.filter(({ status }) => status === "rejected");
            expect(refused, request).toMatchObject([{ reason: { code: "repeated" } }]);
            expect(await other.findAct(once, NOON)).toEqual(await ledger.findAct(once, NOON));
          }
        }
        expect(await ledger.listDeliveries({ limit: 99 })).toHaveLength(3 + 2 * ROUNDS);
        const details = await Promise.all([2, 3].map((of) => ledger.findDelivery(idOf("DLVR", of))));
        const notes = details.flatMap((detail) => detail!.history.map(({ note }) => note));
        expect(notes.filter((note) => note === "looked at")).toHaveLength(ROUNDS);
      }),
    );

    test(
      "bug: of two relays that use one key for two things at once one is told so",
      onLedger(open, async ({ ledger, another }) => {
        const other = await another();
        await ledger.enqueue(anEntry(1));
        for (let round = 0; round < ROUNDS; round++) {
          const key = `two things ${round}`;
          const both = await Promise.allSettled([
            ledger.add(aReprint(10 + 2 * round), "operator", "reprint", { key, request: "one" }),
            other.add(aReprint(11 + 2 * round), "operator", "reprint", { key, request: "the other" }),
          ]);
          const refused = both.filter(({ status }) => status === "rejected");
          expect(refused).toMatchObject([{ reason: { code: "key_reused" } }]);
        }
        expect(await ledger.listDeliveries({ limit: 99 })).toHaveLength(1 + ROUNDS);
      }),
    );

    test(
      "a key that is older than keys are kept is as good as new",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        await ledger.add(aReprint(2), "operator", "reprint", ONCE);
        const later = NOON + ACT_KEYS_KEPT_DAYS * DAY_MS + 1;
        const again = { ...ONCE, request: "reprint 3" };
        await ledger.add(aReprint(3, later), "operator", "reprint", again);
        expect(await ledger.findAct(again, later)).toMatchObject({ delivery: { id: idOf("DLVR", 3) } });
      }),
    );

    test(
      "the key of another act is refused, and nothing is done",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        await ledger.add(aReprint(2), "operator", "reprint", ONCE);
        await ledger.add(aReprint(4), "operator", "reprint", undefined);
        const other = { key: ONCE.key, request: "reprint 2" };
        await expect(ledger.add(aReprint(3), "operator", "reprint", other)).rejects.toMatchObject({
          code: "key_reused",
        });
        await expect(ledger.findAct(other, NOON)).rejects.toMatchObject({ code: "key_reused" });
        expect(await ledger.listDeliveries({ limit: 9 })).toHaveLength(3);
      }),
    );

    test(
      "an act that fails leaves its key free",
      onLedger(open, async ({ ledger }) => {
        await expect(ledger.add(aReprint(2), "operator", "reprint", ONCE)).rejects.toMatchObject({
          code: "not_found",
        });
        expect(await ledger.findAct(ONCE, NOON)).toBeNull();
        await ledger.enqueue(anEntry(1));
        expect(await ledger.add(aReprint(2), "operator", "reprint", ONCE)).toMatchObject({ kind: "reprint" });
      }),
    );

    test(
      "a change is remembered when it changes something, and refused before it is decided anew",
      onLedger(open, async ({ ledger }) => {
        await makeDead(ledger, 1);
        const redrive = { at: NOON, by: "operator", once: { key: "k", request: "redrive 1" } };
        await ledger.change(idOf("DLVR", 1), { ...redrive, decide: () => null });
        expect(await ledger.findAct(redrive.once, NOON)).toBeNull();
        const after = await ledger.change(idOf("DLVR", 1), {
          ...redrive,
          decide: (row) => redriven(row, false, 60, { now: NOON }),
        });
        expect(await ledger.findAct(redrive.once, NOON)).toEqual({ delivery: withoutTicket(after) });
        const again = ledger.change(idOf("DLVR", 1), { ...redrive, decide: () => null });
        await expect(again).rejects.toMatchObject({ code: "repeated" });
      }),
    );

    test.each([
      ["sending", true],
      ["accepted", true],
      ["printed", true],
      ["rejected", true],
      ["pending", false],
      ["dead", false],
    ] as const)(
      "bug: a redrive beside a reprint that is %s said nothing of it: marked %s",
      async (state, marked) =>
        onLedger(open, async ({ ledger }) => {
          await makeDead(ledger, 1);
          const at = { at: NOON, by: "operator" };
          await ledger.add(aReprint(2), "operator", "reprint");
          await ledger.change(idOf("DLVR", 2), {
            ...at,
            decide: () => ({
              set: { state, lease_until: state === "sending" ? NOON + 9 : null },
              note: null,
            }),
          });
          const redrive = { ...at, decide: (row: Delivery) => redriven(row, false, 60, { now: NOON }) };
          expect(await ledger.change(idOf("DLVR", 1), redrive)).toMatchObject({ may_be_repeat: marked });
          const kept = (await ledger.findDelivery(idOf("DLVR", 1)))?.delivery;
          expect(kept).toMatchObject({ state: "pending", may_be_repeat: marked });
        })(),
    );

    test(
      "bug: a redrive beside a reprint that may have printed and died said nothing of it",
      onLedger(open, async ({ ledger }) => {
        await makeDead(ledger, 1);
        await ledger.add(aReprint(2), "operator", "reprint");
        const at = { at: NOON, by: "operator" };
        const set = { state: "dead", may_be_repeat: true } as const;
        await ledger.change(idOf("DLVR", 2), { ...at, decide: () => ({ set, note: null }) });
        const redrive = { ...at, decide: (row: Delivery) => redriven(row, false, 60, { now: NOON }) };
        expect(await ledger.change(idOf("DLVR", 1), redrive)).toMatchObject({ may_be_repeat: true });
      }),
    );

    test(
      "a replay is remembered, and its delivery's history says who and when",
      onLedger(open, async ({ ledger }) => {
        const webhook = aWebhook(1);
        await ledger.enqueue({ webhook, delivery: null, status: "ignored", reason: "old rules" });
        const act = { at: NOON + 5, by: "operator Ana", once: { key: "k", request: "replay 1" } };
        const receipt = await ledger.reenqueue({ webhook, delivery: aDelivery(1) }, act);
        expect(receipt).toMatchObject({ status: "accepted" });
        expect(await ledger.findAct(act.once, NOON)).toEqual({ receipt });
        await expect(ledger.reenqueue({ webhook, delivery: aDelivery(2) }, act)).rejects.toMatchObject({
          code: "repeated",
        });
        await ledger.reenqueue({ webhook, delivery: aDelivery(2) }, { at: NOON + 9, by: "cli bo" });
        const history = (await ledger.findDelivery(idOf("DLVR", 1)))?.history;
        expect(history?.map(({ at, by, note }) => [at - NOON, by, note])).toEqual([
          [5, "operator Ana", "replayed"],
          [9, "cli bo", "its webhook was replayed: nothing changed"],
        ]);
      }),
    );

    test(
      "bug: a webhook replayed at two relays at once, which printed by it, was called a duplicate of itself",
      onLedger(open, async ({ ledger, another }) => {
        const other = await another();
        const act = { at: NOON + 5, by: "operator" };
        for (let n = 1; n <= 2 * ROUNDS; n += 2) {
          const webhook = aWebhook(n);
          await ledger.enqueue({ webhook, delivery: null, status: "ignored", reason: "old rules" });
          const replays = [ledger, other].map((one, nth) =>
            one.reenqueue({ webhook, delivery: aDelivery(n + nth, { order_id: `of ${n}` }) }, act),
          );
          const both = await Promise.all(replays);
          expect(both.map(({ status }) => status).sort()).toEqual(["accepted", "duplicate"]);
          expect(await ledger.findWebhook(webhook.id)).toMatchObject({ status: "accepted" });
        }
      }),
    );

    test(
      "keys are kept for their days, then forgotten by the daily run",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        await ledger.add(aReprint(2), "operator", "reprint", ONCE);
        const end = NOON + ACT_KEYS_KEPT_DAYS * DAY_MS;
        expect(await ledger.findAct(ONCE, end)).not.toBeNull();
        expect(await ledger.findAct(ONCE, end + 1)).toBeNull();
        while (!(await ledger.prune({ ...keptSince(end + 1), limit: 10, run_at: end + 1 })).done);
        // Not even a clock that is set back finds it.
        expect(await ledger.findAct(ONCE, NOON)).toBeNull();
      }),
    );

    test(
      "what is remembered holds nothing of the buyer",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(anEntry(1));
        await ledger.add(aReprint(2), "operator", "reprint", ONCE);
        expect(JSON.stringify(await ledger.findAct(ONCE, NOON))).not.toMatch(/王小明|900 000|1 Road/);
      }),
    );
  });
}
