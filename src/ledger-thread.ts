import { parentPort, workerData } from "node:worker_threads";
import { createSeal } from "./ledger/seal.ts";
import { openSqliteLedger } from "./ledger/sqlite/index.ts";
import { serveLedger } from "./ledger/wire/server.ts";
import { systemClock } from "./system.ts";

/** What app.ts hands to the thread. */
export interface LedgerThreadData {
  path: string;
  master_key: Uint8Array;
}

/** Entry of the service's ledger thread: the ledger's disk, compression and SQL away from the requests. */
if (parentPort === null) throw new Error("ledger-thread.ts is started by the service, not by itself");
const { path, master_key } = workerData as LedgerThreadData;
serveLedger(
  parentPort,
  openSqliteLedger({ path, seal: createSeal(Buffer.from(master_key)), clock: systemClock }),
);
