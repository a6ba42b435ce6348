import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../e2e/process.ts";
import { POSTGRES } from "../fakes/postgres.ts";
import { expectKept, expectRefused, expectUnready, named, untilReady } from "../faults/disk/service.ts";
import { openServiceOnPostgres, sendUntilKept, type ServiceOnPostgres } from "./service.ts";

const CONNECTIONS = 6;
const FAILOVERS = 12;

describe.skipIf(POSTGRES === null)("a PostgreSQL server that fails over under the service", () => {
  let service: ServiceOnPostgres;
  beforeAll(async () => {
    service = await openServiceOnPostgres();
  });
  afterEach(async () => {
    await service.server.command("ALTER SYSTEM RESET ALL");
    await service.server.command("SELECT pg_reload_conf()");
  });
  afterAll(() => service.close());

  test("every connection dropped, again and again under load: nothing answered is lost, nothing prints twice", async () => {
    const orders: string[] = [];
    let dropped = 0;
    let refused = 0;
    let over = false;
    const connection = async (_: unknown, number: number): Promise<void> => {
      for (let n = 0; !over; n++) {
        const order = `drop-${String(number)}-${String(n)}`;
        refused += await sendUntilKept(service, order);
        orders.push(order);
      }
    };
    const load = Promise.all(Array.from({ length: CONNECTIONS }, connection));
    for (let failover = 1; failover <= FAILOVERS; failover++) {
      const kept = orders.length;
      await until(() => orders.length >= kept + CONNECTIONS);
      dropped += (await service.server.command(DROP)).length;
    }
    over = true;
    await load;
    expect(dropped).toBeGreaterThan(FAILOVERS);
    expect(refused).toBeGreaterThan(0);

    const stored = await service.orders();
    expect(new Set(stored).size).toBe(stored.length);
    expect(stored.toSorted()).toEqual(orders.toSorted());
    await service.printedOnce(orders);
    expect(service.shop.relay.output()).not.toMatch(/has ended/);
  });

  test("turned read-only: refused and told; turned back: all goes on by itself", async () => {
    expectKept([await service.send("writable")]);
    await service.server.command("ALTER SYSTEM SET default_transaction_read_only = on");
    await service.server.command("SELECT pg_reload_conf()");
    // A session reads its settings before the next statement, but when it has heard of them.
    let sent = 0;
    await until(async () => (await service.send(`while-turning-${String(sent++)}`)).status === 503);
    await expectUnready(service);
    await service.untilLogged("ledger.failed", /it is read-only: after a failover the address must lead/);
    const refused = named("read-only", 6);
    expectRefused(await service.sendAll(refused));
    await service.server.command("ALTER SYSTEM RESET default_transaction_read_only");
    await service.server.command("SELECT pg_reload_conf()");
    await untilReady(service);
    expectKept(await service.sendAll(refused));
    await service.printedOnce(["writable", ...refused]);
  });

  test("an operator ends the wait for a standby: refused, for a failover would lose what was committed", async () => {
    await service.server.command("ALTER SYSTEM SET synchronous_standby_names = 'a_standby_that_is_away'");
    await service.server.command("SELECT pg_reload_conf()");
    const refused = named("unconfirmed", 4);
    let over = false;
    const ending = until(async () => {
      await service.server.command(END_WAITS);
      return over;
    });
    // Until the server has read its settings.
    let sent = 0;
    await until(async () => (await service.send(`while-leaving-${String(sent++)}`)).status === 503);
    expectRefused(await service.sendAll(refused));
    over = true;
    await ending;
    await service.untilLogged("ledger.failed", /no standby has confirmed the commit/);
    await service.server.command("ALTER SYSTEM RESET synchronous_standby_names");
    await service.server.command("SELECT pg_reload_conf()");
    await untilReady(service);
    for (const { status } of await service.sendAll(refused)) expect(status).toBe(200);
    const stored = await service.orders();
    expect(stored.filter((order) => refused.includes(order)).toSorted()).toEqual(refused);
  });
});

const END_WAITS = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
const DROP = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'goodcom-relay'`;
