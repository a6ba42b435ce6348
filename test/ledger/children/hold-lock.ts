import { holdServiceLock } from "../../../src/ledger/sqlite/service-lock.ts";

// Holds the lock of the ledger named first until it is killed.
holdServiceLock(process.argv[2] ?? "");
process.stdout.write("held\n");
process.stdin.resume();
