import { describe, expect, test, vi } from "vitest";
import { anEntry, aPrinter, aStore, dueQuery, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

const KEEP = { prune: false, now: NOON };
const PRUNE = { prune: true, now: NOON + 1 };

export function contractOfSettings(name: string, open: OpenLedger): void {
  describe(`${name}: settings`, () => {
    test(
      "gives back what was applied, secrets too",
      onLedger(open, async ({ ledger }) => {
        expect(await ledger.settings()).toEqual({ printers: [], stores: [] });
        const printers = [aPrinter("bar", { secret_key: "" }), aPrinter("kitchen")];
        const stores = [
          aStore("noodle-bar"),
          aStore("tee-shop", {
            platform: "fastpod",
            printer: "bar",
            secrets: [],
            api: null,
            currency: "USD",
            shop_id: null,
          }),
        ];
        expect(await ledger.apply({ printers, stores }, KEEP)).toEqual({
          created: ["printer bar", "printer kitchen", "store noodle-bar", "store tee-shop"],
          updated: [],
          deleted: [],
          unchanged: [],
        });
        expect(await ledger.settings()).toEqual({ printers, stores });
      }),
    );

    test(
      "applying the same again changes nothing; a new secret is a change",
      onLedger(open, async ({ ledger }) => {
        const file = { printers: [aPrinter("kitchen")], stores: [aStore("noodle-bar")] };
        await ledger.apply(file, KEEP);
        expect(await ledger.apply(file, KEEP)).toEqual({
          created: [],
          updated: [],
          deleted: [],
          unchanged: ["printer kitchen", "store noodle-bar"],
        });
        const rotated = { ...file, stores: [aStore("noodle-bar", { secrets: ["new", "old"] })] };
        expect(await ledger.apply(rotated, KEEP)).toMatchObject({ updated: ["store noodle-bar"] });
        expect((await ledger.settings()).stores[0]?.secrets).toEqual(["new", "old"]);
        const api = {
          url: "https://shop.example.com",
          token: "t",
          version: null,
          allow_host: "shop.example.com",
        };
        const moved = { ...file, stores: [aStore("noodle-bar", { api })] };
        expect(await ledger.apply(moved, KEEP)).toMatchObject({ updated: ["store noodle-bar"] });
        expect(await ledger.apply(moved, KEEP)).toMatchObject({
          unchanged: expect.arrayContaining(["store noodle-bar"]),
        });
        expect((await ledger.settings()).stores[0]?.api).toEqual(api);
      }),
    );

    test(
      "when each was last changed: not when it was put as it was",
      onLedger(open, async ({ ledger }) => {
        const file = { printers: [aPrinter("kitchen")], stores: [aStore("noodle-bar")] };
        const changed = async (): Promise<unknown[]> => [
          await ledger.changedAt("printer", "kitchen"),
          await ledger.changedAt("store", "noodle-bar"),
        ];
        expect(await changed()).toEqual([null, null]);
        await ledger.apply(file, KEEP);
        await ledger.apply(file, { prune: false, now: NOON + 5 });
        expect(await changed()).toEqual([NOON, NOON]);
        const stores = [aStore("noodle-bar", { secrets: ["new"] })];
        await ledger.apply({ ...file, stores }, { prune: false, now: NOON + 7 });
        expect(await changed()).toEqual([NOON, NOON + 7]);
        const [seen, to] = [aPrinter("kitchen"), aPrinter("kitchen", { columns: 42 })];
        await ledger.edit({ kind: "printer", name: "kitchen", seen, to }, NOON + 9);
        expect(await changed()).toEqual([NOON + 9, NOON + 7]);
      }),
    );

    test(
      "what is not named stays, unless pruned; deliveries keep the names",
      onLedger(open, async ({ ledger }) => {
        const printers = [aPrinter("bar"), aPrinter("kitchen")];
        const stores = [aStore("noodle-bar"), aStore("tea-house", { printer: "bar" })];
        await ledger.apply({ printers, stores }, KEEP);
        await ledger.enqueue(anEntry(1, { store: "tea-house", printer: "bar" }));
        await ledger.apply({ printers: [aPrinter("kitchen")], stores: [] }, KEEP);
        expect((await ledger.settings()).stores).toHaveLength(2);
        const pruned = await ledger.apply(
          { printers: [aPrinter("kitchen")], stores: [aStore("noodle-bar")] },
          PRUNE,
        );
        expect(pruned).toEqual({
          created: [],
          updated: [],
          deleted: ["store tea-house", "printer bar"],
          unchanged: ["printer kitchen", "store noodle-bar"],
        });
        const [delivery] = await ledger.claim(dueQuery());
        expect(delivery).toMatchObject({ store: "tea-house", printer: "bar" });
      }),
    );

    test(
      "a store may name a printer of the ledger, but not one that is missing or pruned: then nothing is applied",
      onLedger(open, async ({ ledger }) => {
        await ledger.apply({ printers: [aPrinter("kitchen")], stores: [] }, KEEP);
        await ledger.apply({ printers: [], stores: [aStore("noodle-bar")] }, KEEP);
        const before = await ledger.settings();
        const missing = { printers: [aPrinter("bar")], stores: [aStore("tea-house", { printer: "patio" })] };
        await expect(ledger.apply(missing, KEEP)).rejects.toMatchObject({ code: "invalid" });
        const pruned = { printers: [aPrinter("bar")], stores: [aStore("noodle-bar")] };
        await expect(ledger.apply(pruned, PRUNE)).rejects.toMatchObject({
          code: "invalid",
          message: expect.stringContaining("kitchen"),
        });
        expect(await ledger.settings()).toEqual(before);
      }),
    );

    test(
      "a store can be moved to another printer and the first pruned in one go",
      onLedger(open, async ({ ledger }) => {
        await ledger.apply({ printers: [aPrinter("kitchen")], stores: [aStore("noodle-bar")] }, KEEP);
        const moved = { printers: [aPrinter("bar")], stores: [aStore("noodle-bar", { printer: "bar" })] };
        expect(await ledger.apply(moved, PRUNE)).toMatchObject({ deleted: ["printer kitchen"] });
        expect(await ledger.settings()).toEqual(moved);
      }),
    );
  });

  describe(`${name}: one edit`, () => {
    const kitchen = aPrinter("kitchen");
    const noodles = aStore("noodle-bar");
    const put = (to: typeof noodles, seen: typeof noodles | null) =>
      ({ kind: "store", name: to.name, seen, to }) as const;

    test(
      "creates, updates and removes, and the same edit twice is done once",
      onLedger(open, async ({ ledger }) => {
        const made = { kind: "printer", name: "kitchen", seen: null, to: kitchen } as const;
        expect(await ledger.edit(made, NOON)).toBe("created");
        expect(await ledger.edit(made, NOON)).toBe("unchanged");
        expect(await ledger.edit(put(noodles, null), NOON)).toBe("created");
        const timed = aStore("noodle-bar", {
          secrets: ["new", { value: "old", valid_until: NOON + 1 }],
          token_hashes: [{ value: "cd".repeat(32), valid_until: NOON }],
        });
        expect(await ledger.edit(put(timed, noodles), NOON)).toBe("updated");
        expect(await ledger.edit(put(timed, noodles), NOON)).toBe("unchanged");
        expect(await ledger.settings()).toEqual({ printers: [kitchen], stores: [timed] });
        const gone = { kind: "store", name: "noodle-bar", seen: timed, to: null } as const;
        expect(await ledger.edit(gone, NOON)).toBe("deleted");
        expect(await ledger.edit(gone, NOON)).toBe("unchanged");
        expect(await ledger.settings()).toEqual({ printers: [kitchen], stores: [] });
      }),
    );

    test(
      "what another changed, added or removed meanwhile is not overwritten",
      onLedger(open, async ({ ledger }) => {
        await ledger.apply({ printers: [kitchen], stores: [noodles] }, KEEP);
        const mine = aStore("noodle-bar", { shop_id: "mine" });
        const theirs = aStore("noodle-bar", { shop_id: "theirs" });
        await ledger.edit(put(theirs, noodles), NOON);
        const stale = [put(mine, noodles), put(mine, null), { ...put(mine, noodles), to: null }];
        for (const edit of stale) {
          await expect(ledger.edit(edit, NOON)).rejects.toMatchObject({ code: "conflict" });
        }
        expect((await ledger.settings()).stores).toEqual([theirs]);
        await ledger.edit({ ...put(theirs, theirs), to: null }, NOON);
        await expect(ledger.edit(put(mine, theirs), NOON)).rejects.toMatchObject({ code: "conflict" });
        expect((await ledger.settings()).stores).toEqual([]);
      }),
    );

    test(
      "a printer that a store uses stays, and no store gets a printer that is not there",
      onLedger(open, async ({ ledger }) => {
        await ledger.apply({ printers: [kitchen], stores: [noodles] }, KEEP);
        const gone = { kind: "printer", name: "kitchen", seen: kitchen, to: null } as const;
        await expect(ledger.edit(gone, NOON)).rejects.toMatchObject({
          code: "conflict",
          message: expect.stringContaining("noodle-bar"),
        });
        const elsewhere = put(aStore("tea-house", { printer: "patio" }), null);
        await expect(ledger.edit(elsewhere, NOON)).rejects.toMatchObject({ code: "invalid" });
        await ledger.enqueue(anEntry(1));
        await ledger.edit({ ...put(noodles, noodles), to: null }, NOON);
        expect(await ledger.edit(gone, NOON)).toBe("deleted");
        expect((await ledger.claim(dueQuery()))[0]).toMatchObject({
          store: "noodle-bar",
          printer: "kitchen",
        });
      }),
    );
  });

  describe(`${name}: other processes`, () => {
    test(
      "a listener hears of another's write within a second, and never of its own",
      onLedger(open, async ({ ledger, another, clock }) => {
        const second = await another();
        let heard = 0;
        const stop = ledger.onForeignWrite(() => heard++);
        await ledger.enqueue(anEntry(1));
        await ledger.ping(NOON);
        await clock.advance(5000);
        expect(heard).toBe(0);
        await second.apply({ printers: [aPrinter("kitchen")], stores: [] }, KEEP);
        await clock.advance(1000);
        await vi.waitFor(() => expect(heard).toBe(1));
        expect((await ledger.settings()).printers).toHaveLength(1);
        await clock.advance(5000);
        expect(heard).toBe(1);
        stop();
        await second.ping(NOON);
        await clock.advance(5000);
        expect(heard).toBe(1);
      }),
    );

    test(
      "what one wrote the other reads at once",
      onLedger(open, async ({ ledger, another }) => {
        const second = await another();
        await second.enqueue(anEntry(1));
        expect(await ledger.listDeliveries({ limit: 1 })).toHaveLength(1);
        expect((await ledger.enqueue(anEntry(2, { order_id: "order-1" }))).status).toBe("duplicate");
      }),
    );
  });

  test(
    `${name}: closing writes what waits, and refuses what comes after`,
    onLedger(open, async ({ ledger, another }) => {
      const second = await another();
      const waiting = second.enqueue(anEntry(1));
      await second.close();
      expect((await waiting).status).toBe("accepted");
      await expect(second.enqueue(anEntry(2))).rejects.toMatchObject({ code: "ledger_unavailable" });
      expect(await ledger.listDeliveries({ limit: 9 })).toHaveLength(1);
    }),
  );
}
