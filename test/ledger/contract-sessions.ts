import { describe, expect, test } from "vitest";
import { HOUR, NOON } from "./entries.ts";
import { onLedger, type OpenLedger } from "./under-test.ts";

export function contractOfSessions(name: string, open: OpenLedger): void {
  describe(`${name}: sessions that were ended`, () => {
    test(
      "are remembered once each until their time has passed, and other processes see them",
      onLedger(open, async ({ ledger, another }) => {
        await ledger.endSession({ id: "late", ends_at: NOON + 2 * HOUR }, NOON);
        await ledger.endSession({ id: "soon", ends_at: NOON + HOUR }, NOON);
        await ledger.endSession({ id: "soon", ends_at: NOON + 3 * HOUR }, NOON);
        const both = [
          { id: "soon", ends_at: NOON + HOUR },
          { id: "late", ends_at: NOON + 2 * HOUR },
        ];
        expect(await (await another()).endedSessions(NOON, 10)).toEqual(both);
        expect(await ledger.endedSessions(NOON, 1)).toEqual(both.slice(1));
        expect(await ledger.endedSessions(NOON + HOUR, 10)).toEqual(both.slice(1));
      }),
    );

    test(
      "leave nothing behind once their time has passed and another is ended",
      onLedger(open, async ({ ledger, stored }) => {
        await ledger.endSession({ id: "SESSION-MARK", ends_at: NOON + HOUR }, NOON);
        expect(await stored()).toContain("SESSION-MARK");
        await ledger.endSession({ id: "next", ends_at: NOON + 3 * HOUR }, NOON + HOUR);
        expect(await stored()).not.toContain("SESSION-MARK");
      }),
    );
  });
}
