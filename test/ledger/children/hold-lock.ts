import { holdServiceLock } from "../../../src/ledger/sqlite/service-lock.ts";

// Holds the lock of the ledger named first until it is killed, and keeps nothing by which to release it.
holdServiceLock(process.argv[2] ?? "");
globalThis.gc?.();
process.stdout.write("held\n");
process.stdin.resume();
