import { writeSync } from "node:fs";
import { systemClock } from "../../../src/system.ts";
import { createSeal } from "../../../src/ledger/seal.ts";
import { openSqliteLedger } from "../../../src/ledger/sqlite/index.ts";
import { aDelivery, aWebhook, dueQuery, NOON } from "../entries.ts";

// Writes to the ledger named first until it is killed or it fails, and prints what it was told is durable.
const [path = "", first = "0"] = process.argv.slice(2);
const ledger = await openSqliteLedger({
  path,
  seal: createSeal(() => [Buffer.alloc(32, 7)]),
  clock: systemClock,
});
const say = (line: string): void => void writeSync(1, `${line}\n`);

async function enqueue(n: number): Promise<void> {
  const body = Buffer.alloc(3000, String(n));
  const { delivery_id } = await ledger.enqueue({ webhook: aWebhook(n, { body }), delivery: aDelivery(n) });
  say(`enqueued ${delivery_id ?? ""}`);
}

async function deliverSome(): Promise<void> {
  for (const { id } of await ledger.claim(dueQuery({ limit: 3 }))) {
    say(`claimed ${id}`);
    const set = { state: "accepted", next_attempt_at: null, lease_until: null } as const;
    await ledger.change(id, { at: NOON, by: "relay", decide: () => ({ set, note: "accepted" }) });
    say(`accepted ${id}`);
  }
}

try {
  for (let n = Number(first); ; n += 8) {
    await Promise.all([deliverSome(), ...Array.from({ length: 8 }, (_, k) => enqueue(n + k))]);
  }
} catch (error) {
  say(`failed ${String((error as { code?: string }).code)}: ${(error as Error).message}`);
}
