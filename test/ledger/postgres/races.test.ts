import pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import { openPostgresLedger } from "../../../src/ledger/postgres/index.ts";
import { createSeal } from "../../../src/ledger/seal.ts";
import { until } from "../../e2e/process.ts";
import { createManualClock } from "../../fakes/manual-clock.ts";
import { POSTGRES } from "../../fakes/postgres.ts";
import { set } from "../by-number.ts";
import { aDelivery, anEntry, HOUR, idOf, NOON } from "../entries.ts";
import { erase, MARKED, marked, MARKS } from "../erasing.ts";
import { TEST_KEY } from "../sqlite-ledger.ts";
import { NAME, onServer } from "./opened.ts";

const YEAR = 365 * 24 * HOUR;

describe.skipIf(POSTGRES === null)("what two relays on PostgreSQL do in the same moment", () => {
  const { url, query } = onServer("SELECT 1");
  let one: Ledger;
  let other: Ledger;
  /** Somebody whose transaction is open. */
  let holder: pg.Client;
  beforeEach(async () => {
    [one, other, holder] = [await open(), await open(), new pg.Client(url())];
    await holder.connect();
    await query("TRUNCATE deliveries, webhooks, webhook_bodies, tickets, history, erasures CASCADE");
  });
  afterEach(() => Promise.all([one.close(), other.close(), holder.end()]));

  function open(): Promise<Ledger> {
    const seal = createSeal(() => [TEST_KEY]);
    return openPostgresLedger({ url: url(), name: NAME, seal, clock: createManualClock(NOON) });
  }
  const untilWaiting = (count: number): Promise<unknown> =>
    until(
      async () =>
        (await query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).length === count,
    );

  /** A webhook of a marked buyer that was not understood, and its replay. */
  async function keptForReplay(): Promise<() => Promise<unknown>> {
    const { webhook } = marked(1);
    await one.enqueue({ webhook, delivery: null, status: "quarantined", reason: "not understood" });
    const delivery = aDelivery(1, { ticket: MARKED, reason: MARKED.reason });
    return () => one.reenqueue({ webhook, delivery }, { at: NOON, by: "operator" }).catch(String);
  }

  test("bug: a webhook that was replayed at one while the other erased its buyer kept the buyer", async () => {
    const replay = await keptForReplay();
    await holder.query("BEGIN; LOCK TABLE tickets IN EXCLUSIVE MODE");
    // It stops half-way.
    const replayed = replay();
    await untilWaiting(1);
    const erased = erase(other, 1, { phone: MARKED.buyer.phone });
    await untilWaiting(2);
    await holder.query("ROLLBACK");
    await Promise.all([replayed, erased]);
    expect(JSON.stringify(await one.findDelivery(idOf("DLVR", 1)))).not.toMatch(MARKS);
  });

  test("bug: one that was replayed just after its body was erased made a slip of what was read before", async () => {
    const replay = await keptForReplay();
    await holder.query("BEGIN; SELECT 1 FROM webhook_bodies FOR UPDATE");
    const erased = erase(other, 1, { phone: MARKED.buyer.phone });
    await untilWaiting(1);
    const replayed = replay();
    await untilWaiting(2);
    await holder.query("ROLLBACK");
    expect(await replayed).toMatch(/has lost its body since/);
    await erased;
    expect(await one.findDelivery(idOf("DLVR", 1))).toBeNull();
  });

  test("bug: the ticket of a delivery that was redriven was pruned in the same moment", async () => {
    for (const n of [1, 2]) {
      await one.enqueue(anEntry(n));
      await set(one, n, { state: "dead", next_attempt_at: null });
    }
    await holder.query(
      "BEGIN; UPDATE deliveries SET state = 'pending' WHERE seq = (SELECT min(seq) FROM deliveries)",
    );
    const before = { bodies_before: NOON + YEAR, attempts_before: NOON + YEAR };
    const pruned = (async () => {
      while (!(await other.prune({ ...before, limit: 10 })).done);
    })();
    await untilWaiting(1);
    await holder.query("COMMIT");
    await pruned;
    expect(await query("SELECT delivery_seq FROM tickets")).toEqual(
      await query("SELECT min(seq) AS delivery_seq FROM deliveries"),
    );
  });
});
