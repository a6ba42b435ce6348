import { describe, expect, test } from "vitest";
import { aPrinter, aStore, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

/** On a ledger whose ring has one key; what several do is told by keys.test.ts. */
export function contractOfKeys(name: string, open: OpenLedger): void {
  describe(`${name}: keys`, () => {
    test(
      "counts a secret for each printer and store, and reseals none that the current key has sealed",
      onLedger(open, async ({ ledger }) => {
        const [current, ...others] = await ledger.keyUses();
        expect(current).toEqual({ id: expect.stringMatching(/^[0-9a-f]{8}$/), place: "current", secrets: 0 });
        expect(others).toEqual([]);
        const printers = [aPrinter("bar"), aPrinter("kitchen")];
        await ledger.apply({ printers, stores: [aStore("noodle-bar")] }, { prune: false, now: NOON });
        expect(await ledger.keyUses()).toEqual([{ ...current, secrets: 3 }]);
        expect(await ledger.reseal()).toEqual({ resealed: 0, unreadable: [] });
      }),
    );
  });
}
