import type { Worker } from "node:worker_threads";
import type { Clock } from "../core/time.ts";
import type { Ledger } from "./ledger.ts";
import { createSeal } from "./seal.ts";
import { openSqliteLedger } from "./sqlite/index.ts";
import { createLedgerClient } from "./wire/client.ts";
import { openLedgerIn, startLedgerThread } from "./wire/thread.ts";

export type OpenLedger = (options: { path: string; masterKey: Buffer; clock: Clock }) => Promise<Ledger>;

/** A command has nobody to keep waiting, and a thread would cost it time. */
export const openLedgerHere: OpenLedger = ({ path, masterKey, clock }) =>
  openSqliteLedger({ path, seal: createSeal(masterKey), clock });

/** Decision 11. @param first the thread to begin with; when it dies, another is started */
export function openLedgerInThread(first: Worker | undefined): OpenLedger {
  let begun = first;
  return ({ path, masterKey }) => {
    const openPort = (): Worker => {
      const thread = begun ?? startLedgerThread();
      begun = undefined;
      return openLedgerIn(thread, { path, master_key: masterKey });
    };
    return Promise.resolve(createLedgerClient(openPort));
  };
}
