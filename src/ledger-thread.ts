import { parentPort } from "node:worker_threads";
import { giveBackWhenIdle } from "./heap.ts";
import { openLedgerHere } from "./ledger/open.ts";
import { serveLedger } from "./ledger/wire/server.ts";
import type { LedgerThreadData } from "./ledger/wire/thread.ts";
import { systemClock } from "./system.ts";

/** Entry of the service's ledger thread: the ledger's disk, compression and SQL away from the requests. */
if (parentPort === null) throw new Error("ledger-thread.ts is started by the service, not by itself");
// As in main.ts: a report holds each thread's part, and each says by itself what is left out.
process.report.excludeEnv = true;
giveBackWhenIdle();
const port = parentPort;
port.once("message", ({ place, given_keys }: LedgerThreadData) => {
  const given = given_keys.map((key) => Buffer.from(key));
  serveLedger(port, () => openLedgerHere({ place, given, clock: systemClock }), systemClock);
});
