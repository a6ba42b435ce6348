import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../e2e/process.ts";
import { POSTGRES } from "../fakes/postgres.ts";
import { expectKept, named, untilReady } from "../faults/disk/service.ts";
import { openServiceOnPostgres, type ServiceOnPostgres } from "./service.ts";

describe.skipIf(POSTGRES === null)("a server that comes back without what it had committed", () => {
  let service: ServiceOnPostgres;
  beforeAll(async () => {
    service = await openServiceOnPostgres();
  });
  afterEach(() => service.shop.cloud.setFault(null));
  afterAll(() => service.close());

  const marksOf = (order: string): boolean[] =>
    service.shop.cloud.slips
      .filter((slip) => slip.order_id === order)
      .map((slip) => slip.order_txt.includes("MAY BE A REPEAT"));
  const untilPrinted = (orders: readonly string[]): Promise<unknown> =>
    until(async () => {
      const rows = await service.query("SELECT order_id FROM deliveries WHERE state = 'printed'");
      const printed = rows.map(({ order_id }) => order_id);
      return orders.every((order) => printed.includes(order));
    });
  async function untilGone(): Promise<void> {
    await service.server.stop();
    await until(async () => (await service.probe("/readyz")) === 503);
  }

  test("bug: what had printed, and was due again after a failover to a standby that lagged, went out unmarked", async () => {
    const before = named("before", 3);
    expectKept(await service.sendAll(before));
    await service.printedOnce(before);
    await service.shop.cloud.setFault("503");
    expectKept([await service.send("due-again")]);
    await until(async () => {
      const [row] = await service.query("SELECT retry_step FROM deliveries WHERE order_id = 'due-again'");
      return row?.retry_step !== 0;
    });
    await untilGone();
    service.server.keep();
    await service.server.start();
    await service.shop.cloud.setFault(null);
    await untilReady(service);
    const lost = named("lost", 4);
    expectKept(await service.sendAll(lost));
    await untilPrinted(["due-again", ...lost]);
    expect(service.logged("ledger.lost")).toEqual([]);

    await untilGone();
    service.server.goBack();
    await service.server.start();
    await service.untilLogged(
      "ledger.lost",
      /relay reconcile --since 20\d\d-[^ ]+Z fetches what was answered 200/,
    );
    await untilPrinted(["due-again"]);
    expect(marksOf("due-again")).toEqual([false, true]);
    expect((await service.orders()).toSorted()).toEqual([...before, "due-again"]);
    await until(async () => {
      const alerts = await service.query("SELECT 1 FROM alerts WHERE type = 'ledger.lost'");
      return alerts.length === 1;
    });
  });

  test("killed and started again with all it had: nothing is told, and nothing marked", async () => {
    const told = service.logged("ledger.lost").length;
    const restored = service.logged("ledger.restored").length;
    await service.shop.cloud.setFault("503");
    expectKept([await service.send("waits")]);
    for (let n = 0; n < 3; n++) {
      expect((await service.send(`beside-${String(n)}`)).status).toBe(200);
      await untilGone();
      await service.server.start();
      await untilReady(service);
    }
    expect(service.logged("ledger.lost").length).toBe(told);
    expect(service.logged("ledger.restored").length).toBe(restored);
    const [row] = await service.query("SELECT count(*)::int AS waiting FROM meta WHERE key = 'backup_at'");
    expect(row?.waiting).toBe(0);
  });
});
