import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { anEntry, NOON } from "./entries.ts";
import { makeFolder, openAt } from "./sqlite-ledger.ts";

const ROWS = 100_000;
/** Looking through all rows for each takes more than ten times as long. */
const ENOUGH_MS = 1500;

test("storing a webhook looks through no other delivery (a deferred reference once did)", async () => {
  const folder = makeFolder();
  const path = folder.file("relay.db");
  const ledger = await openAt(path);
  try {
    const filler = new Database(path);
    filler.pragma("foreign_keys = OFF");
    filler.exec(`
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
      INSERT INTO deliveries (id, kind, state, platform, store, printer, order_id, order_name, order_id_key,
        order_name_key, search, useful_until, created_at, webhook_id)
      SELECT printf('01D%023d', i), 'cancellation', 'printed', 'shopline', 'noodle-bar', 'kitchen', 'o' || i, '#' || i,
        'o' || i, i, i, ${NOON}, ${NOON}, printf('01W%023d', i) FROM n`);
    filler.close();
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 400 }, (_, n) => ledger.enqueue(anEntry(n))));
    expect(performance.now() - startedAt).toBeLessThan(ENOUGH_MS);
  } finally {
    await ledger.close();
    folder.remove();
  }
});
