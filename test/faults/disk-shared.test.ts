import { statSync } from "node:fs";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../e2e/process.ts";
import { expectKept, expectRefused, named, openService, untilReady, type Service } from "./disk/service.ts";

/** Others at the same ledger: this test's process, with a connection of its own, and the command line. */
let service: Service;
let other: Database.Database;
beforeAll(async () => {
  service = await openService();
  other = new Database(service.ledger);
});
afterAll(async () => {
  other.close();
  await service.close();
});

/** A writer that is done within the busy timeout of 5 s. */
const SHORT_LOCK_MS = 1500;
const LARGE_BYTES = 400_000;
/** The log is emptied into the ledger at 1000 pages of 4 KB, plus what was written at once. */
const LOG_BYTES = 4_000_000;
const SLACK_BYTES = 1_000_000;

test("another writer for a while: webhooks wait for it and are kept", async () => {
  other.exec("BEGIN IMMEDIATE");
  const asked = Date.now();
  setTimeout(() => other.exec("ROLLBACK"), SHORT_LOCK_MS);
  const orders = named("patient", 5);
  expectKept(await service.sendAll(orders));
  expect(Date.now() - asked).toBeGreaterThanOrEqual(SHORT_LOCK_MS - 50);
  await service.printedOnce(orders);
});

test("another writer for longer than the busy timeout: refused and told, and all goes on when it ends", async () => {
  const orders = named("locked-out", 3);
  other.exec("BEGIN IMMEDIATE");
  // A probe may wait for the ledger, but it is answered.
  const probe = service.probe("/healthz");
  expectRefused(await service.sendAll(orders));
  other.exec("ROLLBACK");
  expect(await probe).toBe(200);
  await service.untilLogged("ledger.failed", /another process is writing to it for too long/);
  expectKept(await service.sendAll(orders));
  await untilReady(service);
  await service.printedOnce(orders);
});

test("a reader that never ends: writes go on, the log grows; when it ends, the log is used again from its start", async () => {
  const log = `${service.ledger}-wal`;
  expectKept([await service.send("before-the-reader")]);
  other.exec("BEGIN");
  const seen = other.prepare<[], number>("SELECT count(*) FROM deliveries").pluck();
  const then = seen.get();
  const orders = named("read", 30);
  for (let from = 0; from < orders.length; from += 10) {
    expectKept(await service.sendAll(orders.slice(from, from + 10), LARGE_BYTES));
  }
  await service.printedOnce(orders);
  expect(seen.get()).toBe(then);
  const grown = statSync(log).size;
  expect(grown).toBeGreaterThan(LOG_BYTES);
  const ledgerBytes = statSync(service.ledger).size;
  other.exec("COMMIT");
  expectKept([await service.send("after-the-reader")]);
  await until(() => statSync(service.ledger).size > ledgerBytes + LOG_BYTES);
  const later = named("read-later", 12);
  expectKept(await service.sendAll(later, LARGE_BYTES));
  await service.printedOnce([...later, "after-the-reader"]);
  // What the printer's confirmations still wrote before the reader ended; not what came later.
  expect(statSync(log).size).toBeLessThan(grown + SLACK_BYTES);
});

test("the command line writes beside the service under load: neither is refused", async () => {
  const orders = named("refused-by-cloud", 2);
  service.shop.cloud.script(orders.map(() => "failure"));
  expectKept(await service.sendAll(orders));
  const dead = await until(async () => {
    const { body } = await service.shop.api("/deliveries?state=dead");
    const ids = (body as { items: { id: string }[] }).items.map(({ id }) => id);
    return ids.length === orders.length && ids;
  });
  const enough = new AbortController();
  const load = (async () => {
    const sent: string[] = [];
    while (!enough.signal.aborted) {
      const round = named(`load-${String(sent.length)}`, 10);
      expectKept(await service.sendAll(round));
      sent.push(...round);
    }
    return sent;
  })();
  const redriven = await Promise.all(dead.map((id) => service.shop.command("deliveries", "redrive", id)));
  enough.abort();
  const sent = await load;
  for (const { code, stderr } of redriven) expect([code, stderr]).toEqual([0, ""]);
  await service.printedOnce([...orders, ...sent]);
});
