import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { POSTGRES } from "../fakes/postgres.ts";
import { expectKept, expectRefused, expectUnready, named, untilReady } from "../faults/disk/service.ts";
import { openServiceOnPostgres, type ServiceOnPostgres } from "./service.ts";

/** From the moment the server is back. */
const RECOVERY_MS_MAX = 5_000;
/** So many are answered 200 before. */
const STOPPED_AFTER = 40;

describe.skipIf(POSTGRES === null)("a PostgreSQL server that goes away under the service", () => {
  let service: ServiceOnPostgres;
  beforeAll(async () => {
    service = await openServiceOnPostgres();
  });
  afterAll(() => service.close());

  test("stopped: refused and told; back: all goes on by itself, and nothing is lost", async () => {
    const before = named("before", 3);
    expectKept(await service.sendAll(before));
    await service.printedOnce(before);
    await service.server.stop();
    const refused = named("refused", 10);
    expectRefused(await service.sendAll(refused));
    await expectUnready(service);
    await service.untilLogged("ledger.failed", /the server cannot be reached/);
    expectRefused(await service.sendAll(refused));

    await service.server.start();
    const backAt = performance.now();
    await untilReady(service);
    expect(performance.now() - backAt).toBeLessThan(RECOVERY_MS_MAX);
    expectKept(await service.sendAll(refused));
    await service.printedOnce([...before, ...refused]);
    expect(await service.orders()).toHaveLength(before.length + refused.length);
  });

  test("stopped under load: what was answered 200 is there, what was not is taken when it comes again", async () => {
    const kept: string[] = [];
    const refused: string[] = [];
    const stopping: Promise<void>[] = [];
    // Each sends one after the other until it is refused.
    const connection = async (prefix: string): Promise<void> => {
      for (let n = 0; refused.filter((order) => order.startsWith(prefix)).length < 2; n++) {
        const order = `${prefix}${String(n)}`;
        const answer = await service.send(order);
        if (answer.status === 200) {
          if (kept.push(order) === STOPPED_AFTER) stopping.push(service.server.stop());
        } else {
          expectRefused([answer]);
          refused.push(order);
        }
      }
    };
    await Promise.all(["a-", "b-", "c-", "d-", "e-", "f-"].map(connection));
    expect(stopping).toHaveLength(1);
    await stopping[0];
    await service.server.start();
    await untilReady(service);
    expect(await service.orders()).toEqual(expect.arrayContaining(kept));
    for (const answer of await service.sendAll(refused)) expect(answer.status).toBe(200);
    await service.printedOnce([...kept, ...refused]);
    const stored = await service.orders();
    expect(new Set(stored).size).toBe(stored.length);
  });

  test("the process is still the first one, and its ledger has not been begun anew", () => {
    expect(service.shop.relay.output()).not.toMatch(/uncaught|Unhandled|has ended/i);
  });
});
