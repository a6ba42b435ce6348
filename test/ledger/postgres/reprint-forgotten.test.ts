import pg from "pg";
import { describe, expect, test } from "vitest";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import { openPostgresLedger } from "../../../src/ledger/postgres/index.ts";
import { createSeal } from "../../../src/ledger/seal.ts";
import { until } from "../../e2e/process.ts";
import { createManualClock } from "../../fakes/manual-clock.ts";
import { POSTGRES } from "../../fakes/postgres.ts";
import { aDelivery, idOf, NOON } from "../entries.ts";
import { erase, MARKED, marked, MARKS } from "../erasing.ts";
import { TEST_KEY } from "../sqlite-ledger.ts";
import { NAME, onServer } from "./opened.ts";

describe.skipIf(POSTGRES === null)("two relays on PostgreSQL", () => {
  const { url, query } = onServer("SELECT 1");

  function open(): Promise<Ledger> {
    const seal = createSeal(() => [TEST_KEY]);
    return openPostgresLedger({ url: url(), name: NAME, seal, clock: createManualClock(NOON) });
  }
  const waiting = async (): Promise<number> =>
    (await query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).length;

  test("bug: a reprint made at one while the other erased its buyer kept the buyer", async () => {
    const [one, other, holder] = [await open(), await open(), new pg.Client(url())];
    await one.enqueue(marked(1));
    await holder.connect();
    await holder.query("BEGIN");
    // The reprint stops half-way.
    await holder.query("LOCK TABLE tickets IN EXCLUSIVE MODE");
    const copy = aDelivery(2, { kind: "reprint", reprint_of: idOf("DLVR", 1), ticket: MARKED });
    const reprinted = one.add(copy, "operator", "reprint");
    await until(async () => (await waiting()) === 1);
    const erased = erase(other, 1, { phone: MARKED.buyer.phone });
    await until(async () => (await waiting()) === 2);
    await holder.query("ROLLBACK");
    await Promise.all([reprinted, erased]);

    const detail = await one.findDelivery(idOf("DLVR", 2));
    expect(JSON.stringify(detail)).not.toMatch(MARKS);
    await Promise.all([one.close(), other.close(), holder.end()]);
  });
});
