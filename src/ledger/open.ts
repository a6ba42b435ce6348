import type { Worker } from "node:worker_threads";
import type { Clock } from "../core/time.ts";
import { sealOf } from "./key-ring.ts";
import type { Ledger } from "./ledger.ts";
import { openSqliteLedger } from "./sqlite/index.ts";
import { createLedgerClient } from "./wire/client.ts";
import { openLedgerIn, startLedgerThread } from "./wire/thread.ts";

/** @see KeyOptions for `given`; the key file is there when it is needed */
export type OpenLedger = (options: {
  path: string;
  given: readonly Buffer[];
  clock: Clock;
}) => Promise<Ledger>;

/** A command has nobody to keep waiting, and a thread would cost it time. */
// Keys that cannot be read reject, as a file that cannot be opened does.
export const openLedgerHere: OpenLedger = async ({ path, given, clock }) =>
  openSqliteLedger({ path, seal: sealOf({ given, ledgerPath: path }), clock });

/** Decision 11. @param first the thread to begin with; when it dies, another is started */
export function openLedgerInThread(first: Worker | undefined): OpenLedger {
  let begun = first;
  return ({ path, given }) => {
    const openPort = (): Worker => {
      const thread = begun ?? startLedgerThread();
      begun = undefined;
      return openLedgerIn(thread, { path, given_keys: given });
    };
    return Promise.resolve(createLedgerClient(openPort));
  };
}
