import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../e2e/process.ts";
import { POSTGRES } from "../fakes/postgres.ts";
import { expectKept, expectRefused, expectUnready, named, untilReady } from "../faults/disk/service.ts";
import { openServiceOnPostgres, type ServiceOnPostgres } from "./service.ts";

const CONNECTIONS_MAX = 12;

describe.skipIf(POSTGRES === null)("a PostgreSQL server with no connection left", () => {
  let service: ServiceOnPostgres;
  let others: pg.Client[] = [];
  beforeAll(async () => {
    service = await openServiceOnPostgres({ settings: [`max_connections=${String(CONNECTIONS_MAX)}`] });
  });
  afterAll(async () => {
    await endOthers();
    await service.close();
  });

  async function endOthers(): Promise<void> {
    await Promise.all(others.map((other) => other.end()));
    others = [];
  }

  /** @returns whether there was room for one more */
  async function takeOne(): Promise<boolean> {
    const other = new pg.Client(service.url);
    try {
      await other.connect();
    } catch (error) {
      expect(error).toMatchObject({ code: "53300" });
      return false;
    }
    others.push(other);
    return true;
  }

  test("refused with what to do; when there is room again, all goes on by itself", async () => {
    expectKept([await service.send("room")]);
    await service.printedOnce(["room"]);
    while (await takeOne());
    // What the service still has is taken from it, until the others have all there are.
    await until(async () => {
      await others[0]?.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'goodcom-relay'",
      );
      while (await takeOne());
      return others.length === CONNECTIONS_MAX;
    });
    const refused = named("full", 6);
    expectRefused(await service.sendAll(refused));
    await expectUnready(service);
    await service.untilLogged("ledger.failed", /the server has no connection left: raise max_connections/);
    await endOthers();
    await untilReady(service);
    expectKept(await service.sendAll(refused));
    await service.printedOnce(["room", ...refused]);
  });
});
