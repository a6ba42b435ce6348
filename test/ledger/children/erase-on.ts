import { writeSync } from "node:fs";
import { createSeal } from "../../../src/ledger/seal.ts";
import { openSqliteLedger } from "../../../src/ledger/sqlite/index.ts";
import { systemClock } from "../../../src/system.ts";

// Goes on with the oldest erasure of the ledger named first until it is killed, and prints what each batch erased.
const [path = ""] = process.argv.slice(2);
const ledger = await openSqliteLedger({
  path,
  seal: createSeal(() => [Buffer.alloc(32, 7)]),
  clock: systemClock,
});
const erasure = await ledger.nextErasure();
for (let done = erasure === null; !done;) {
  const { id, asked_at, by, subject } = erasure!;
  const batch = await ledger.eraseBatch({
    erasure: { id, asked_at, by, subject: subject! },
    limit: 2,
    now: asked_at + 1,
  });
  writeSync(1, `${batch.deliveries}\n`);
  done = batch.done;
}
writeSync(1, "done\n");
process.stdin.resume();
