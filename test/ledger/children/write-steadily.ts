import { randomFillSync } from "node:crypto";
import { writeSync } from "node:fs";
import { createSeal } from "../../../src/ledger/seal.ts";
import { openSqliteLedger } from "../../../src/ledger/sqlite/index.ts";
import { systemClock } from "../../../src/system.ts";
import { aDelivery, aWebhook } from "../entries.ts";

// Enqueues 1,000 webhooks/s into the ledger named first until it is killed, and prints the last number that is
// durable, and the longest that a webhook took since the last line.
const [path = ""] = process.argv.slice(2);
const ledger = await openSqliteLedger({
  path,
  seal: createSeal(() => [Buffer.alloc(32, 7)]),
  clock: systemClock,
});
const PER_TICK = 20;
const TICK_MS = 20;

let next = 0;
let dueAt = performance.now();
for (;;) {
  const from = next;
  next += PER_TICK;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: PER_TICK }, (_, k) =>
      ledger.enqueue({
        webhook: aWebhook(from + k, { body: randomFillSync(Buffer.alloc(3000)) }),
        delivery: aDelivery(from + k),
      }),
    ),
  );
  writeSync(1, `${next} ${(performance.now() - startedAt).toFixed(1)}\n`);
  dueAt += TICK_MS;
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAt - performance.now())));
}
