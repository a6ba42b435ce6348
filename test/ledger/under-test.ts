import type { Ledger } from "../../src/ledger/ledger.ts";
import type { ManualClock } from "../fakes/manual-clock.ts";

/** A fresh, empty ledger. */
export interface LedgerUnderTest {
  ledger: Ledger;
  clock: ManualClock;
  /** The same ledger as another process has it open. */
  another: () => Promise<Ledger>;
  /** Every text and every value in it, unpacked, a line each with its place: for looking for what must not be there. */
  stored: () => Promise<string>;
  /** Puts what no longer inflates in the place of packed values, as a disk may that loses a bit. */
  damage: (table: string, column: string, condition: string) => Promise<void>;
  /** Closes all of it and leaves nothing behind. */
  end: () => Promise<void>;
}

/** No packed value, of whatever form. */
export const DAMAGED = Buffer.of(0xff, 0xff, 0xff);

export type OpenLedger = () => Promise<LedgerUnderTest>;

/** Runs one test on a ledger of its own. */
export function onLedger(
  open: OpenLedger,
  test: (opened: LedgerUnderTest) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const opened = await open();
    try {
      await test(opened);
    } finally {
      await opened.end();
    }
  };
}
