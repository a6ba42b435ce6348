import { describe, expect, test } from "vitest";
import type { NewDelivery } from "../../src/ledger/ledger.ts";
import { aDelivery, aPrinter, aStore, aWebhook, idOf, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

const FILE = { printers: [aPrinter("kitchen")], stores: [aStore("noodle-bar"), aStore("tea")] };
const KEEP = { prune: false, now: NOON };
const ACT = { at: NOON + 5, by: "operator Ana", once: { key: "key-1", request: "cancel 21057" } };

export function contractOfStores(name: string, open: OpenLedger): void {
  describe(`${name}: what is remembered of the stores`, () => {
    test(
      "begins with the moment at which each was added",
      onLedger(open, async ({ ledger }) => {
        expect(await ledger.storeWatches()).toEqual([]);
        await ledger.apply(FILE, KEEP);
        await ledger.apply(FILE, { prune: false, now: NOON + 99 });
        expect(await ledger.storeWatches()).toEqual(
          ["noodle-bar", "tea"].map((store) => ({
            ...{ store, since: NOON, reconciled_to: null, reconciled_at: null, reconcile_error: null },
            ...{
              found_count: 0,
              subscribed_at: null,
              subscription_id: null,
              checked_at: null,
              check_error: null,
            },
          })),
        );
      }),
    );

    test(
      "keeps what is not told, and forgets what is told to be nothing",
      onLedger(open, async ({ ledger }) => {
        await ledger.apply(FILE, KEEP);
        await ledger.recordWatch("tea", { reconciled_at: NOON + 1, reconcile_error: "401", found: 2 });
        await ledger.recordWatch("tea", {
          subscribed_at: NOON + 2,
          subscription_id: "7",
          checked_at: NOON + 2,
        });
        await ledger.recordWatch("tea", { reconcile_error: null, found: 3 });
        const [watch, another] = await ledger.storeWatches("tea");
        expect(another).toBeUndefined();
        expect(await ledger.storeWatches("nobody")).toEqual([]);
        expect(watch).toMatchObject({
          ...{ reconciled_at: NOON + 1, reconcile_error: null, found_count: 5, subscription_id: "7" },
        });
      }),
    );

    test(
      "the mark goes forward only, also of runs at the same time",
      onLedger(open, async ({ ledger }) => {
        await ledger.apply(FILE, KEEP);
        const marks = [NOON + 5, NOON + 9, NOON + 7];
        await Promise.all(marks.map((to) => ledger.recordWatch("tea", { reconciled_to: to })));
        await ledger.recordWatch("tea", { reconciled_to: NOON + 1 });
        expect((await ledger.storeWatches())[1]?.reconciled_to).toBe(NOON + 9);
        // A run that ended before that mark: a clock that was ahead has left it.
        await ledger.recordWatch("tea", { reconciled_to: NOON + 7, reconciled_at: NOON + 8 });
        expect((await ledger.storeWatches())[1]?.reconciled_to).toBe(NOON + 7);
        for (const since of [NOON + 1, NOON - 1, NOON]) await ledger.recordWatch("tea", { since });
        expect((await ledger.storeWatches())[1]?.since).toBe(NOON - 1);
      }),
    );

    test(
      "goes with the store, and one added again begins anew",
      onLedger(open, async ({ ledger }) => {
        await ledger.apply(FILE, KEEP);
        await ledger.recordWatch("tea", { reconciled_to: NOON + 5, subscribed_at: NOON });
        await ledger.apply({ ...FILE, stores: [aStore("noodle-bar")] }, { prune: true, now: NOON + 10 });
        await ledger.recordWatch("tea", { reconciled_to: NOON + 6 });
        await ledger.apply(FILE, { prune: false, now: NOON + 20 });
        expect((await ledger.storeWatches())[1]).toMatchObject({
          ...{ store: "tea", since: NOON + 20, reconciled_to: null, subscribed_at: null },
        });
      }),
    );
  });

  describe(`${name}: orders that the relay fetched`, () => {
    const entry = (
      n: number,
      told: Partial<NewDelivery> = {},
      origin: "reconcile" | "cancel" = "reconcile",
    ) => ({
      webhook: aWebhook(n, { origin }),
      delivery: aDelivery(n, { order_id: "21057", ...told }),
    });

    test(
      "say how they came; a webhook that comes afterwards is a duplicate",
      onLedger(open, async ({ ledger }) => {
        expect(await ledger.enqueue(entry(1))).toMatchObject({ status: "accepted" });
        const detail = await ledger.findDelivery(idOf("DLVR", 1));
        expect(detail?.webhook?.origin).toBe("reconcile");
        expect(detail?.history.map(({ note }) => note)).toEqual([
          "found by reconciliation: no webhook had brought it",
        ]);
        const webhook = { webhook: aWebhook(2), delivery: aDelivery(2, { order_id: "21057" }) };
        expect(await ledger.enqueue(webhook)).toMatchObject({
          ...{ status: "duplicate", delivery_id: idOf("DLVR", 1) },
        });
        expect((await ledger.listWebhooks({ limit: 9 })).map(({ origin }) => origin)).toEqual([
          "webhook",
          "reconcile",
        ]);
      }),
    );

    test(
      "by an operator's doing name the operator, and are done once under a key",
      onLedger(open, async ({ ledger }) => {
        const first = await ledger.enqueue(entry(1, {}, "cancel"), ACT);
        const detail = await ledger.findDelivery(idOf("DLVR", 1));
        expect(detail?.history).toMatchObject([
          { by: "operator Ana", note: "cancelled at the store from here" },
        ]);
        expect(await ledger.findAct(ACT.once, NOON + 6)).toEqual({ receipt: first });
        await expect(ledger.enqueue(entry(2, {}, "cancel"), ACT)).rejects.toMatchObject({ code: "repeated" });
        const other = { ...ACT, once: { key: "key-1", request: "another" } };
        await expect(ledger.enqueue(entry(3, {}, "cancel"), other)).rejects.toMatchObject({
          code: "key_reused",
        });
        expect(await ledger.listWebhooks({ limit: 9 })).toHaveLength(1);
      }),
    );

    test(
      "that are here already leave a line of whoever did it, and none of a run",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue({ webhook: aWebhook(1), delivery: aDelivery(1, { order_id: "21057" }) });
        await ledger.enqueue(entry(2));
        await ledger.enqueue(entry(3, {}, "cancel"), ACT);
        const detail = await ledger.findDelivery(idOf("DLVR", 1));
        expect(detail?.history.map(({ by, note }) => [by, note])).toEqual([
          ["relay", "received"],
          ["operator Ana", "cancelled at the store from here: it was in the ledger already"],
        ]);
      }),
    );

    test(
      "need not be asked about: what waits for the store's API goes out with what it has said",
      onLedger(open, async ({ ledger }) => {
        const asked = aDelivery(1, { order_id: "21057", state: "verifying", order_name: "?" });
        await ledger.enqueue({ webhook: aWebhook(1), delivery: asked });
        expect(await ledger.knownOrders("noodle-bar", ["21057"])).toEqual([]);
        expect(await ledger.enqueue(entry(2, { order_name: "#1001" }))).toMatchObject({
          ...{ status: "accepted", delivery_id: idOf("DLVR", 1) },
        });
        expect((await ledger.findDelivery(idOf("DLVR", 1)))?.delivery).toMatchObject({
          ...{ state: "pending", order_name: "#1001", next_attempt_at: NOON },
        });
      }),
    );

    test(
      "while the store is being asked are left to the answer",
      onLedger(open, async ({ ledger }) => {
        const asked = aDelivery(1, { order_id: "21057", state: "verifying" });
        await ledger.enqueue({ webhook: aWebhook(1), delivery: asked });
        await ledger.claim({ state: "verifying", now: NOON, lease_until: NOON + 9, limit: 1 });
        expect(await ledger.enqueue(entry(2))).toMatchObject({ status: "duplicate" });
        expect(await ledger.enqueue(entry(3, {}, "cancel"), ACT)).toMatchObject({ status: "duplicate" });
        const detail = await ledger.findDelivery(idOf("DLVR", 1));
        expect(detail?.delivery).toMatchObject({ state: "verifying", lease_until: NOON + 9 });
        expect(detail?.history.map(({ by }) => by)).toEqual(["relay", "operator Ana"]);
      }),
    );

    test(
      "that the store had denied are revived, and printed without asking again",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(entry(1));
        await ledger.change(idOf("DLVR", 1), {
          at: NOON + 1,
          by: "relay",
          decide: () => ({ set: { state: "void", next_attempt_at: null }, note: "not cancelled there" }),
        });
        expect(await ledger.knownOrders("noodle-bar", ["21057"])).toEqual([]);
        expect(await ledger.enqueue(entry(2))).toMatchObject({ status: "accepted" });
        const detail = await ledger.findDelivery(idOf("DLVR", 1));
        expect(detail?.delivery.state).toBe("pending");
        expect(detail?.history.at(-1)).toMatchObject({
          ...{ by: "relay", note: "found by reconciliation: the store's API says cancelled now" },
        });
      }),
    );

    test(
      "that the store had denied, and an operator has cancelled, are revived by the operator's doing",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue({
          webhook: aWebhook(1),
          delivery: aDelivery(1, { order_id: "21057", state: "verifying", useful_until: NOON + 1 }),
        });
        await ledger.change(idOf("DLVR", 1), {
          at: NOON + 1,
          by: "relay",
          decide: () => ({ set: { state: "void", next_attempt_at: null }, note: "not cancelled there" }),
        });
        const told = { reason: "sold out", useful_until: NOON + 99 };
        expect(await ledger.enqueue(entry(2, told, "cancel"), ACT)).toMatchObject({
          ...{ status: "accepted", delivery_id: idOf("DLVR", 1) },
        });
        const detail = await ledger.findDelivery(idOf("DLVR", 1));
        expect(detail?.delivery).toMatchObject({ state: "pending", ...told });
        expect(detail?.history.at(-1)).toMatchObject({
          ...{ at: ACT.at, by: "operator Ana", note: "cancelled at the store from here" },
        });
        // The webhook that the store sends because of it finds it done.
        const webhook = {
          webhook: aWebhook(3),
          delivery: aDelivery(3, { order_id: "21057", state: "verifying" }),
        };
        expect(await ledger.enqueue(webhook)).toMatchObject({ status: "duplicate" });
      }),
    );

    test(
      "bring no slip twice when run and webhook come together, whichever is first",
      onLedger(open, async ({ ledger }) => {
        const webhook = { webhook: aWebhook(1), delivery: aDelivery(1, { order_id: "21057" }) };
        const results = await Promise.all([
          ledger.enqueue(entry(2)),
          ledger.enqueue(webhook),
          ledger.enqueue(entry(3, {}, "cancel"), ACT),
        ]);
        expect(results.map(({ status }) => status)).toEqual(["accepted", "duplicate", "duplicate"]);
        expect(new Set(results.map(({ delivery_id }) => delivery_id))).toEqual(new Set([idOf("DLVR", 2)]));
        expect(await ledger.listDeliveries({ limit: 9 })).toHaveLength(1);
      }),
    );

    test(
      "are known by their store and id, however many are asked for",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(entry(1));
        await ledger.enqueue(entry(2, { order_id: "21058" }));
        const many = Array.from({ length: 2000 }, (_, index) => `x${index}`);
        const known = await ledger.knownOrders("noodle-bar", [...many, "21057", "21058"]);
        expect(known.sort()).toEqual(["21057", "21058"]);
        expect(await ledger.knownOrders("tea", ["21057"])).toEqual([]);
        expect(await ledger.knownOrders("noodle-bar", [])).toEqual([]);
        const hostile = ["' OR 1=1 --", '"]', "\u0000", "\ud800", "訂單 21057", "x".repeat(10_000)];
        expect(await ledger.knownOrders("noodle-bar", hostile)).toEqual([]);
        await ledger.enqueue(entry(3, { order_id: "訂單 21057" }));
        expect(await ledger.knownOrders("noodle-bar", hostile)).toEqual(["訂單 21057"]);
      }),
    );

    test(
      "that could not be understood are found by their label",
      onLedger(open, async ({ ledger }) => {
        const webhook = aWebhook(1, { origin: "reconcile", platform_webhook_id: "reconcile-ab" });
        await ledger.enqueue({ webhook, delivery: null, status: "quarantined", reason: "no id" });
        expect(await ledger.isQuarantined("noodle-bar", "reconcile-ab")).toBe(true);
        expect(await ledger.isQuarantined("noodle-bar", "reconcile-ac")).toBe(false);
        expect(await ledger.isQuarantined("tea", "reconcile-ab")).toBe(false);
      }),
    );

    test(
      "are no sign of life from the store",
      onLedger(open, async ({ ledger }) => {
        await ledger.enqueue(entry(1));
        expect(await ledger.rhythmOf("noodle-bar", [NOON - 1], 9)).toEqual({
          ...{ webhooks: 0, last_at: null, silences: [] },
        });
        const sent = { store: "noodle-bar", origin: "webhook", limit: 1 } as const;
        expect(await ledger.listWebhooks(sent)).toEqual([]);
        await ledger.enqueue({ webhook: aWebhook(2), delivery: aDelivery(2) });
        await ledger.enqueue(entry(3, { order_id: "21058" }));
        expect((await ledger.listWebhooks(sent)).map(({ id }) => id)).toEqual([idOf("WEBH", 2)]);
      }),
    );
  });
}
