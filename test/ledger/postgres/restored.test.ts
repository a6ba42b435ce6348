import { describe, expect, test } from "vitest";
import { openPostgresLedger } from "../../../src/ledger/postgres/index.ts";
import { createSeal } from "../../../src/ledger/seal.ts";
import { createManualClock } from "../../fakes/manual-clock.ts";
import { POSTGRES } from "../../fakes/postgres.ts";
import { anEntry, NOON } from "../entries.ts";
import { TEST_KEY } from "../sqlite-ledger.ts";
import { NAME, onServer } from "./opened.ts";

const MANY = 25_000;
const BACKUP_AT = `INSERT INTO meta (key, value) VALUES ('backup_at', '${NOON - 1000}')`;

describe.skipIf(POSTGRES === null)("a ledger in PostgreSQL that has lost something", () => {
  const { url, query } = onServer("SELECT 1");

  test("bug: with a hundred thousand deliveries to mark no relay could start: it takes them in parts, and claims none before", async () => {
    const seal = createSeal(() => [TEST_KEY]);
    const ledger = await openPostgresLedger({
      ...{ url: url(), name: NAME, seal },
      clock: createManualClock(NOON),
    });
    await ledger.enqueue(anEntry(1));
    const [row] = await query("SELECT * FROM deliveries");
    const others = Object.keys(row ?? {}).filter(
      (name) => !["seq", "id", "order_id", "state"].includes(name),
    );
    await query(`
      INSERT INTO deliveries (id, order_id, state, ${others.join(", ")})
      SELECT 'VOID-' || n, 'v' || n, 'void', ${others.join(", ")} FROM deliveries, generate_series(2, ${MANY}) AS n`);
    await query(BACKUP_AT);
    const claim = { state: "pending", now: NOON + 2, limit: 5, lease_until: NOON + 75_000 } as const;
    expect(await ledger.claim(claim)).toEqual([]);

    expect(await ledger.takeUpRestored(NOON + 1)).toEqual({
      ...{ backup_at: NOON - 1000, marked: MANY, forgotten: 0 },
    });
    const [told] = await query(
      `SELECT count(*)::int AS lines, count(DISTINCT xmin::text)::int AS transactions FROM history
       WHERE note LIKE 'the ledger was restored%'`,
    );
    expect(told).toEqual({ lines: MANY, transactions: 3 });
    expect(await ledger.claim(claim)).toMatchObject([{ may_be_repeat: true }]);
    await ledger.close();
  });
});
