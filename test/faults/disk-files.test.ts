import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  expectKept,
  expectRefused,
  expectUnready,
  named,
  openService,
  readLedger,
  untilReady,
  type Service,
} from "./disk/service.ts";

/**
 * An open file goes on taking writes when its name is gone. What is answered 200 into one that the next start
 * does not find is lost: each of these is a regression test of a service that did so.
 */
let service: Service;
let ledger: string;
beforeAll(async () => {
  service = await openService();
  ledger = service.ledger;
});
afterAll(() => service.close());

test("regression: -wal deleted under the service: made anew, and kill -9 loses nothing before or after", async () => {
  const before = named("before-wal", 10);
  expectKept(await service.sendAll(before));
  await service.printedOnce(before);
  rmSync(`${ledger}-wal`);
  const after = named("after-wal", 10);
  expectKept(await service.sendAll(after));
  expect(existsSync(`${ledger}-wal`)).toBe(true);
  await service.printedOnce(after);
  await service.shop.relay.stop("SIGKILL");
  const { orders, integrity } = readLedger(ledger);
  expect(integrity).toBe("ok");
  expect(orders).toEqual(expect.arrayContaining([...before, ...after]));
  await service.shop.open();
});

test("regression: -shm deleted under the service: made anew, so that the command line respects its locks", async () => {
  const orders = named("no-locks", 10);
  rmSync(`${ledger}-shm`);
  expectKept(await service.sendAll(orders));
  expect(existsSync(`${ledger}-shm`)).toBe(true);
  const { code, stdout } = await service.shop.command("deliveries", "show", "no-locks-0");
  expect([code, stdout]).toEqual([0, expect.stringContaining("no-locks-0")]);
  await service.printedOnce(orders);
});

test("regression: the ledger moved away: refused and told instead of answered 200; put back, all goes on", async () => {
  const orders = named("moved", 3);
  renameSync(ledger, `${ledger}.away`);
  expectRefused(await service.sendAll(orders));
  await expectUnready(service);
  await service.untilLogged("ledger.failed", /moved, deleted or replaced .* put it back/);
  expect(existsSync(ledger)).toBe(false);
  renameSync(`${ledger}.away`, ledger);
  expectKept(await service.sendAll(orders));
  await untilReady(service);
  await service.printedOnce(orders);
});

test("regression: the ledger replaced: refused; the old one is whole, the new one meets no log but its own", async () => {
  const early = named("in-both", 5);
  expectKept(await service.sendAll(early));
  await service.printedOnce(early);
  const backup = `${ledger}.backup`;
  backUp(ledger, backup);
  const late = named("in-the-old", 5);
  expectKept(await service.sendAll(late));
  await service.printedOnce(late);
  renameSync(ledger, `${ledger}.old`);
  renameSync(backup, ledger);
  expectRefused(await service.sendAll(["too-late"]));
  expect(statSync(`${ledger}-wal`).size).toBe(0);
  await service.shop.relay.stop("SIGKILL");

  const old = readLedger(`${ledger}.old`);
  expect(old.integrity).toBe("ok");
  expect(old.orders).toEqual(expect.arrayContaining([...early, ...late]));
  const restored = readLedger(ledger);
  expect(restored.integrity).toBe("ok");
  expect(restored.orders).toEqual(expect.arrayContaining(early));
  expect(restored.orders).not.toEqual(expect.arrayContaining(late));
  await service.shop.open();
  expectKept(await service.sendAll(["too-late"]));
  await service.printedOnce(["too-late"]);
});

test("-shm deleted while it is stopped by kill -9: nothing is lost", async () => {
  const orders = named("no-index", 5);
  expectKept(await service.sendAll(orders));
  await service.shop.relay.stop("SIGKILL");
  rmSync(`${ledger}-shm`);
  await service.shop.open();
  for (const order of orders) expect((await service.send(order)).body.status).toBe("duplicate");
});

test("-wal deleted while it is stopped by kill -9: the ledger as of its last checkpoint, sound, and it goes on", async () => {
  // Stopping empties the log into the ledger: what was kept before is safe from this.
  expect(await service.shop.relay.stop("SIGTERM")).toBe(0);
  expect(existsSync(`${ledger}-wal`)).toBe(false);
  const safe = readLedger(ledger).orders;
  await service.shop.open();
  expectKept(await service.sendAll(named("in-the-log", 5)));
  await service.shop.relay.stop("SIGKILL");
  rmSync(`${ledger}-wal`);
  await service.shop.open();
  // Nobody can know what was in it; the stores' repeats are taken as new.
  const again = await service.sendAll(named("in-the-log", 5));
  expect(again.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  await service.shop.relay.stop("SIGTERM");
  const { orders, integrity } = readLedger(ledger);
  expect(integrity).toBe("ok");
  expect(orders).toEqual(expect.arrayContaining([...safe, ...named("in-the-log", 5)]));
});

function backUp(from: string, to: string): void {
  const db = new Database(from, { readonly: true });
  try {
    db.prepare("VACUUM INTO ?").run(to);
  } finally {
    db.close();
  }
}
