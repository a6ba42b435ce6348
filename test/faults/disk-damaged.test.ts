import { readFileSync, writeFileSync } from "node:fs";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectKept, expectRefused, named, openService, readLedger, type Service } from "./disk/service.ts";
import { PAGE_BYTES } from "../../src/ledger/sqlite/open.ts";

/** The sound file, as the service left it when it was stopped. */
let sound: Buffer;
let service: Service;
const ORDERS = named("sound", 40);
/** https://www.sqlite.org/fileformat.html#the_database_header */
const HEADER = { userVersion: 60, bytes: 100 } as const;

beforeAll(async () => {
  service = await openService();
  expectKept(await service.sendAll(ORDERS, 2000));
  await service.printedOnce(ORDERS);
  expect(await service.shop.relay.stop("SIGTERM")).toBe(0);
  sound = readFileSync(service.ledger);
});
afterAll(() => service.close());

const flipped = (offset: number, bit: number): Buffer => {
  const bytes = Buffer.from(sound);
  bytes[offset] = (bytes[offset] ?? 0) ^ (1 << bit);
  return bytes;
};
const newer = (): Buffer => {
  const bytes = Buffer.from(sound);
  bytes.writeInt32BE(99, HEADER.userVersion);
  return bytes;
};

/** More damages, at the ledger's own border: test/ledger/faults.test.ts. */
const DAMAGES: [name: string, damage: () => Buffer, told: RegExp][] = [
  ["of a newer relay", newer, /schema 99 .*: start the newer relay that wrote it, or put back a backup/],
  [
    "with one bit of its schema flipped",
    () => flipped(HEADER.bytes, 3),
    /damaged: stop the relay and put a backup in its place/,
  ],
  [
    "(regression: taken for whole) with half of its last page",
    () => sound.subarray(0, sound.length - PAGE_BYTES / 2),
    /cut short.*put a backup in its place/,
  ],
];

test.each(DAMAGES)(
  "a ledger %s: the service refuses to start, in one line that says what to do, and leaves it as it is",
  async (_name, damage, told) => {
    const bytes = damage();
    writeFileSync(service.ledger, bytes);
    const { code, stderr } = await service.shop.command("serve");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^relay: [^\n]+\n$/);
    expect(stderr).toMatch(told);
    expect(readFileSync(service.ledger).equals(bytes)).toBe(true);
  },
);

test("a bit flipped where only webhooks look: refused and told, never answered 200; a backup put back, all goes on", async () => {
  writeFileSync(service.ledger, sound);
  const db = new Database(service.ledger, { readonly: true });
  const root = db
    .prepare<[], number>("SELECT rootpage FROM sqlite_schema WHERE name = 'deliveries_dedupe'")
    .pluck()
    .get();
  db.close();
  writeFileSync(service.ledger, flipped(((root ?? 0) - 1) * PAGE_BYTES, 4));
  await service.shop.open();
  expectRefused(await service.sendAll(["damaged-1", "damaged-2"]));
  expect(await service.probe("/healthz")).toBe(200);
  await service.untilLogged("ledger.failed", /damaged: stop the relay and put a backup/);
  await service.shop.relay.stop("SIGTERM");
  writeFileSync(service.ledger, sound);
  await service.shop.open();
  expectKept(await service.sendAll(["damaged-1", "damaged-2"]));
  await service.printedOnce([...ORDERS, "damaged-1", "damaged-2"]);
});

test("the log torn after kill -9: what was never flushed is dropped, and nothing that was answered 200", async () => {
  const kept = named("in-the-log", 10);
  expectKept(await service.sendAll(kept));
  await service.printedOnce(kept);
  await service.shop.relay.stop("SIGKILL");
  // What a cut of power leaves of a commit that was under way: half a frame of no commit's.
  const log = `${service.ledger}-wal`;
  const flushed = readFileSync(log);
  writeFileSync(log, Buffer.concat([flushed, flushed.subarray(32, 32 + PAGE_BYTES / 2)]));
  await service.shop.open();
  for (const order of kept) expect((await service.send(order)).body.status).toBe("duplicate");
  expect(await service.shop.relay.stop("SIGTERM")).toBe(0);
  const { orders, integrity } = readLedger(service.ledger);
  expect(integrity).toBe("ok");
  expect(orders).toEqual(expect.arrayContaining([...ORDERS, ...kept]));
});
