import { describe, expect, test } from "vitest";
import type { NewAlert } from "../../src/ledger/alert-ledger.ts";
import { open, tellAll } from "./contract-alerts.ts";
import { aWebhook, HOUR, NOON } from "./entries.ts";
import { anErasure, goOn } from "./erasing.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

const MINUTE = 60_000;

function aMatter(matter: string, told: Partial<NewAlert> = {}): NewAlert {
  const nobody = { delivery_id: null, webhook_id: null, order_id: null, order_name: null };
  const of = {
    type: "queue.late",
    store: null,
    printer: null,
    reason: "ECONNREFUSED",
    raised_at: NOON,
  } as const;
  return { ...nobody, ...of, matter, ...told };
}

export function contractOfMatters(name: string, openLedger: OpenLedger): void {
  describe(`${name}: other matters`, () => {
    test(
      "what a failover has lost nobody can close: it is over after three days, without a word",
      onLedger(openLedger, async ({ ledger }) => {
        await ledger.raiseAlert(aMatter("ledger.lost", { type: "ledger.lost" }));
        await ledger.raiseAlert(aMatter("queue.late"));
        await tellAll(ledger, NOON);
        expect(await ledger.sweepAlerts(NOON + 72 * HOUR)).toBe(0);
        expect(await ledger.sweepAlerts(NOON + 72 * HOUR + 1)).toBe(1);
        expect(await open(ledger)).toEqual(["queue.late"]);
      }),
    );

    test(
      "bug: of a buyer whom a command had erased, as no service had heard, an alert said for ever that it was not done",
      onLedger(openLedger, async ({ ledger }) => {
        const erasure = anErasure(1, { phone: "0987600123" });
        await ledger.beginErasure(erasure);
        await ledger.raiseAlert(aMatter("erasure.undone", { type: "erasure.undone" }));
        expect(await ledger.sweepAlerts(NOON + MINUTE)).toBe(0);
        await goOn(ledger, erasure);
        expect(await ledger.sweepAlerts(NOON + 2 * MINUTE)).toBe(1);
        expect(await ledger.listAlerts({ limit: 1 })).toMatchObject([{ state: "closed", ended: "it is" }]);
      }),
    );

    test(
      "a matter is open once; raised again it stays as it is; closed and raised again it is another",
      onLedger(openLedger, async ({ ledger }) => {
        const first = await ledger.raiseAlert(aMatter("queue.late a"));
        const again = await ledger.raiseAlert(aMatter("queue.late a", { raised_at: NOON + 9, reason: "x" }));
        expect(again).toEqual(first);
        expect(await ledger.closeAlert("no such matter", { at: NOON, ended: "-" })).toBeNull();
        const closed = await ledger.closeAlert("queue.late a", { at: NOON + 10, ended: "it is back" });
        expect(closed).toMatchObject({ id: first.id, state: "closed", ended: "it is back" });
        const second = await ledger.raiseAlert(aMatter("queue.late a", { raised_at: NOON + 20 }));
        expect(second.id > first.id).toBe(true);
        const list = await ledger.listAlerts({ limit: 10 });
        expect(list.map(({ id }) => id)).toEqual([second.id, first.id]);
        expect(await ledger.listAlerts({ limit: 10, before: second.id })).toMatchObject([{ id: first.id }]);
        expect(await ledger.listAlerts({ limit: 10, type: "store.silent" })).toEqual([]);
        expect(await ledger.listAlerts({ limit: 10, before: "nonsense" })).toEqual([]);
      }),
    );

    test(
      "regression: an alert of a clock that was ahead was told when that moment came, and a message tried again then",
      onLedger(openLedger, async ({ ledger }) => {
        const ahead = NOON + 9 * HOUR;
        const waits = aMatter("api.lost tea", { type: "api.lost", store: "tea", raised_at: ahead });
        await ledger.raiseAlert(aMatter("queue.late", { raised_at: ahead }));
        await tellAll(ledger, ahead);
        const [message] = (await ledger.alertsDue(ahead, 9)).messages;
        const again = { error: "500", next_try_at: ahead + HOUR, outcome: null };
        await ledger.recordMessage(message?.id ?? "", { at: ahead, ...again });
        await ledger.raiseAlert(waits);
        const due = async (at: number): Promise<string[]> =>
          (await ledger.alertsDue(at, 9)).to_tell.map(({ matter }) => matter);
        for (const now of [NOON, NOON + MINUTE]) await ledger.setClockBack(now);
        expect((await ledger.alertsDue(NOON, 9)).messages.map(({ id }) => id)).toEqual([message?.id]);
        await ledger.recordMessage(message?.id ?? "", {
          at: NOON,
          ...again,
          next_try_at: null,
          outcome: "sent",
        });
        expect(await due(NOON + 30 * MINUTE)).toEqual(["api.lost tea"]);
        expect(await due(NOON + HOUR)).toEqual(["api.lost tea", "queue.late"]);
      }),
    );

    test(
      "orders that wait for a store whose API refuses the token are told with the store, and by themselves only after it",
      onLedger(openLedger, async ({ ledger }) => {
        const order = (id: string, store: string): NewAlert =>
          aMatter(`delivery.unverified ${id}`, { type: "delivery.unverified", delivery_id: id, store });
        const due = async (at: number): Promise<string[]> =>
          (await ledger.alertsDue(at, 20)).to_tell.map(({ matter }) => matter).sort();
        await ledger.raiseAlert(order("1", "tees"));
        await ledger.raiseAlert(aMatter("api.refused tees", { type: "api.refused", store: "tees" }));
        await ledger.raiseAlert(order("2", "tees"));
        await ledger.raiseAlert(order("3", "mugs"));
        expect(await due(NOON + HOUR)).toEqual(["api.refused tees", "delivery.unverified 3"]);
        await tellAll(ledger, NOON + HOUR);
        await ledger.closeAlert("api.refused tees", { at: NOON + HOUR, ended: "it answers again" });
        const later = await due(NOON + HOUR + 6 * MINUTE);
        expect(later.filter((matter) => matter.startsWith("delivery"))).toEqual([
          "delivery.unverified 1",
          "delivery.unverified 2",
        ]);
      }),
    );

    test(
      "told at once, then after one, two and four hours; the end is told when it has stayed away",
      onLedger(openLedger, async ({ ledger }) => {
        await ledger.raiseAlert(aMatter("queue.late a"));
        const told: number[] = [];
        for (let hour = 0; hour <= 8; hour++) {
          if ((await tellAll(ledger, NOON + hour * HOUR)).length > 0) told.push(hour);
          for (const { id } of (await ledger.alertsDue(NOON + hour * HOUR, 10)).messages) {
            const sent = { error: null, next_try_at: null, outcome: "sent" } as const;
            await ledger.recordMessage(id, { at: NOON + hour * HOUR, ...sent });
          }
        }
        expect(told).toEqual([0, 1, 3, 7]);
        await ledger.closeAlert("queue.late a", { at: NOON + 9 * HOUR, ended: "it is back" });
        expect(await tellAll(ledger, NOON + 9 * HOUR)).toEqual([]);
        // Back within the minute: it was away all the time.
        await ledger.raiseAlert(aMatter("queue.late a", { raised_at: NOON + 9 * HOUR + 30_000 }));
        expect(await ledger.listAlerts({ limit: 9 })).toHaveLength(1);
        expect(await tellAll(ledger, NOON + 9 * HOUR + MINUTE)).toEqual([]);
        await ledger.closeAlert("queue.late a", { at: NOON + 9.5 * HOUR, ended: "it is back" });
        expect(await tellAll(ledger, NOON + 9.5 * HOUR + 2 * MINUTE)).toEqual(["closed queue.late a"]);
        expect(await tellAll(ledger, NOON + 99 * HOUR)).toEqual([]);
      }),
    );

    test(
      "nothing is told again while its message is on its way, and its end takes that message back",
      onLedger(openLedger, async ({ ledger }) => {
        await ledger.raiseAlert(aMatter("queue.late a"));
        await tellAll(ledger, NOON);
        const [message] = (await ledger.alertsDue(NOON, 10)).messages;
        expect(message).toMatchObject({ body: "{}", tries: 0 });
        const failed = { at: NOON, error: "refused", next_try_at: NOON + 5000, outcome: null };
        await ledger.recordMessage(message?.id ?? "", failed);
        expect((await ledger.alertsDue(NOON + 4999, 10)).messages).toEqual([]);
        expect((await ledger.alertsDue(NOON + 5000, 10)).messages).toMatchObject([
          { id: message?.id, tries: 1 },
        ]);
        expect(await tellAll(ledger, NOON + 2 * HOUR)).toEqual([]);
        await ledger.closeAlert("queue.late a", { at: NOON + 2 * HOUR, ended: "it is back" });
        expect(await tellAll(ledger, NOON + 3 * HOUR)).toEqual(["closed queue.late a"]);
        const { messages } = await ledger.alertsDue(NOON + 3 * HOUR, 10);
        expect(messages.map(({ id }) => id)).not.toContain(message?.id);
        expect(messages).toHaveLength(1);
      }),
    );

    test(
      "a message written about what has changed since is not kept",
      onLedger(openLedger, async ({ ledger }) => {
        await ledger.raiseAlert(aMatter("queue.late a"));
        const { to_tell } = await ledger.alertsDue(NOON, 10);
        await ledger.closeAlert("queue.late a", { at: NOON + 1, ended: "it is back" });
        expect(await ledger.tellAlerts(to_tell, { id: "msg_1", body: "{}" }, NOON + 2)).toBe(false);
        expect((await ledger.alertsDue(NOON + HOUR, 10)).messages).toEqual([]);
      }),
    );

    test(
      "one that was told from memory stands as told",
      onLedger(openLedger, async ({ ledger }) => {
        const told = { type: "ledger.failed", told_at: NOON } as const;
        await ledger.raiseAlert(aMatter("ledger.failed", told));
        expect((await ledger.alertsDue(NOON + MINUTE, 10)).to_tell).toEqual([]);
        await ledger.closeAlert("ledger.failed", { at: NOON + MINUTE, ended: "it can be written again" });
        expect((await ledger.alertsDue(NOON + MINUTE, 10)).to_tell).toMatchObject([{ state: "closed" }]);
      }),
    );

    test(
      "closed alerts and ended messages are pruned when they are old, open ones never",
      onLedger(openLedger, async ({ ledger }) => {
        for (const matter of ["queue.late a", "queue.late b"]) {
          await ledger.raiseAlert(aMatter(matter));
        }
        await tellAll(ledger, NOON);
        for (const { id } of (await ledger.alertsDue(NOON, 10)).messages) {
          await ledger.recordMessage(id, { at: NOON, error: null, next_try_at: null, outcome: "sent" });
        }
        await ledger.closeAlert("queue.late a", { at: NOON + 1, ended: "it is back" });
        await ledger.tellAlerts(
          await ledger.listAlerts({ state: "closed", limit: 1 }),
          { id: "msg_end", body: "{}" },
          NOON + 2,
        );
        await ledger.recordMessage("msg_end", { at: NOON, error: "410", next_try_at: null, outcome: "gone" });
        let alerts = 0;
        const old = { bodies_before: 0, attempts_before: NOON + 10, limit: 2 };
        for (let done = false; !done;) {
          const batch = await ledger.prune(old);
          alerts += batch.alerts;
          done = batch.done;
        }
        expect(alerts).toBe(4);
        expect(await open(ledger)).toEqual(["queue.late b"]);
        expect(await ledger.listAlerts({ limit: 10 })).toHaveLength(1);
      }),
    );

    test(
      "a store's rhythm: its webhooks, its last, and the silences around the marks",
      onLedger(openLedger, async ({ ledger }) => {
        // ULIDs of these moments, by https://github.com/ulid/spec: the time in the first ten of Crockford's base 32.
        const id = (at: number, n: number): string => {
          let [rest, text] = [at, ""];
          for (let k = 0; k < 10; k++) {
            text = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".charAt(rest % 32) + text;
            rest = Math.floor(rest / 32);
          }
          return text + String(n).padStart(16, "0");
        };
        const at = [0, 1, 2, 10, 11, 12].map((hour) => NOON + hour * HOUR);
        for (const [n, received_at] of at.entries()) {
          const webhook = aWebhook(n, { id: id(received_at, n), received_at });
          await ledger.enqueue({ webhook, delivery: null, status: "ignored", reason: "-" });
        }
        const other = aWebhook(9, {
          id: id(NOON + 5 * HOUR, 9),
          store: "tea-house",
          received_at: NOON + 5 * HOUR,
        });
        await ledger.enqueue({ webhook: other, delivery: null, status: "ignored", reason: "-" });
        // What the relay fetched itself is no word from the store, wherever it stands.
        for (const [n, hour] of [-2, 0.2, 0.7, 5, 13].entries()) {
          const received_at = NOON + hour * HOUR;
          const origin = n % 2 === 0 ? "reconcile" : "cancel";
          const fetched = aWebhook(n, { id: id(received_at, 20 + n), received_at, origin });
          await ledger.enqueue({ webhook: fetched, delivery: null, status: "ignored", reason: "-" });
        }
        const marks = [-1, 0.5, 4, 6, 11.5, 20].map((hour) => NOON + hour * HOUR);
        expect(await ledger.rhythmOf("noodle-bar", marks, 5)).toEqual({
          webhooks: 5,
          last_at: NOON + 12 * HOUR,
          silences: [
            { from: NOON, until: NOON + HOUR },
            { from: NOON + 2 * HOUR, until: NOON + 10 * HOUR },
            { from: NOON + 11 * HOUR, until: NOON + 12 * HOUR },
          ],
        });
        expect(await ledger.rhythmOf("nobody", marks, 5)).toEqual({
          webhooks: 0,
          last_at: null,
          silences: [],
        });
      }),
    );
  });
}
