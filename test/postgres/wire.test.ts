import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../e2e/process.ts";
import { POSTGRES } from "../fakes/postgres.ts";
import { openTcpProxy, type TcpProxy } from "../fakes/tcp-proxy.ts";
import { expectKept, expectRefused, named, untilReady } from "../faults/disk/service.ts";
import { openServiceOnPostgres, type ServiceOnPostgres } from "./service.ts";

/** From a question to its refusal, however silent the server is. */
const SILENCE_MS_MAX = 20_000;
const RECOVERY_MS_MAX = 5_000;

describe.skipIf(POSTGRES === null)("the wire between the service and PostgreSQL", () => {
  let service: ServiceOnPostgres;
  let proxy: TcpProxy;
  beforeAll(async () => {
    service = await openServiceOnPostgres({
      async via(url) {
        proxy = await openTcpProxy(Number(new URL(url).port));
        return Object.assign(new URL(url), { port: String(proxy.port) }).href;
      },
    });
  });
  afterEach(() => {
    proxy.watch(null);
    proxy.thaw();
  });
  afterAll(async () => {
    await service.close();
    await proxy.close();
  });

  test(
    "silent: writes and reads are refused in time, and all goes on when it speaks again",
    { timeout: 90_000 },
    async () => {
      expectKept(await service.sendAll(named("heard", 6)));
      await service.printedOnce(named("heard", 6));
      proxy.freeze();
      const orders = named("silent", 6);
      const begunAt = performance.now();
      // Those that come later wait behind what hangs already.
      const waves = ["first", "second", "third"].map(async (wave) => {
        if (wave !== "first") await service.probe("/readyz");
        if (wave === "third") await service.probe("/readyz");
        const askedAt = performance.now();
        const [answers, read] = await Promise.all([
          service.sendAll(orders.map((order) => `${wave}-${order}`)),
          service.shop.api("/deliveries?limit=5"),
        ]);
        expect(performance.now() - askedAt).toBeLessThan(SILENCE_MS_MAX);
        expectRefused(answers);
        expect(read.status).toBe(503);
      });
      await Promise.all(waves);
      expect(performance.now() - begunAt).toBeGreaterThan(1_000);
      await service.untilLogged("ledger.failed", /the server does not answer|the server cannot be reached/);

      proxy.thaw();
      const thawedAt = performance.now();
      await untilReady(service);
      expect((await service.shop.api("/deliveries?limit=5")).status).toBe(200);
      expect(performance.now() - thawedAt).toBeLessThan(RECOVERY_MS_MAX);
      expectKept(await service.sendAll(orders));
      await service.printedOnce([...named("heard", 6), ...orders]);
    },
  );

  test("cut between COMMIT and its answer: refused, and when it comes again it is one delivery and one slip", async () => {
    // Alone in its transaction: whether a claim in it was heard of could not be known for the time of its lease.
    await until(async () => {
      const left = await service.query("SELECT id FROM deliveries WHERE state IN ('pending', 'sending')");
      return left.length === 0;
    });
    const commits = new WeakMap<object, "writes it" | "commits it">();
    let lost = 0;
    proxy.watch((bytes, from, connection) => {
      if (from === "client") {
        // One write of the client's may hold both.
        if (bytes.includes("answer-lost")) commits.set(connection, "writes it");
        if (commits.has(connection) && bytes.includes("COMMIT")) commits.set(connection, "commits it");
        return undefined;
      }
      // As the server says that it is done: not a byte of it arrives.
      if (commits.get(connection) !== "commits it" || !bytes.includes("COMMIT\0")) return undefined;
      lost++;
      return "cut";
    });
    expectRefused([await service.send("answer-lost")]);
    expect(lost).toBe(1);
    proxy.watch(null);
    expect(await service.orders()).toContain("answer-lost");
    const again = await service.send("answer-lost");
    expect(again).toMatchObject({ status: 200, body: { status: "duplicate" } });
    await service.printedOnce(["answer-lost"]);
    expect((await service.orders()).filter((order) => order === "answer-lost")).toHaveLength(1);
  });
});
