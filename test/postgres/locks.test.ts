import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../e2e/process.ts";
import { POSTGRES } from "../fakes/postgres.ts";
import { expectKept, expectRefused, named, untilReady } from "../faults/disk/service.ts";
import { openServiceOnPostgres, type ServiceOnPostgres } from "./service.ts";

/** What waits for a lock is refused long before its sender gives up. */
const REFUSED_MS_MAX = 5_000;

describe.skipIf(POSTGRES === null)("locks that somebody else holds in PostgreSQL", () => {
  let service: ServiceOnPostgres;
  /** Whoever forgot to end a transaction. */
  let other: pg.Client;
  beforeAll(async () => {
    service = await openServiceOnPostgres();
  });
  beforeEach(async () => {
    other = new pg.Client(service.url);
    await other.connect();
    await other.query("BEGIN");
  });
  afterEach(() => other.end());
  afterAll(() => service.close());

  test("on one delivery: what is about it is refused, and all others go on", async () => {
    expectKept([await service.send("locked")]);
    // Until the printer has said so: what comes then changes nothing else.
    await until(async () => {
      const rows = await service.query("SELECT state FROM deliveries WHERE order_id = 'locked'");
      return rows[0]?.state === "printed";
    });
    await other.query("SELECT id FROM deliveries WHERE order_id = 'locked' FOR UPDATE");
    const press = async (): Promise<number | null | undefined> =>
      (await service.shop.cloud.confirm("locked"))?.status;
    const begunAt = performance.now();
    const [refused, answers] = await Promise.all([press(), service.sendAll(named("beside", 12))]);
    expect(performance.now() - begunAt).toBeLessThan(REFUSED_MS_MAX);
    expect(refused).toBe(503);
    expectKept(answers);
    await service.untilLogged("ledger.failed", /something holds a lock for too long/);
    await service.printedOnce(named("beside", 12));

    await other.query("ROLLBACK");
    expect(await press()).toBe(200);
  });

  test("on a whole table: all is refused within seconds, and goes on when the lock goes", async () => {
    const orders = named("table", 12);
    await other.query("LOCK TABLE deliveries IN EXCLUSIVE MODE");
    const begunAt = performance.now();
    expectRefused(await service.sendAll(orders));
    expect(performance.now() - begunAt).toBeLessThan(2 * REFUSED_MS_MAX);
    await other.query("ROLLBACK");
    expectKept(await service.sendAll(orders));
    await service.printedOnce(orders);
    await untilReady(service);
  });

  test("nothing of the service's waits or stays open afterwards", async () => {
    await until(async () => {
      const rows = await service.query(
        `SELECT state FROM pg_stat_activity
         WHERE application_name = 'goodcom-relay' AND (state <> 'idle' OR wait_event_type = 'Lock')`,
      );
      return rows.length === 0;
    });
  });
});
