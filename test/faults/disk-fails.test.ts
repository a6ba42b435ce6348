import { statSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { until } from "../e2e/process.ts";
import { diskLibrary, FILE, ON, openDisk, type Disk, type Fault } from "../fakes/disk/disk.ts";
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

/** Elsewhere not run; with CI=true its absence is a failure, told by `openDisk`. */
const BUILDS = diskLibrary() !== null || process.env.CI === "true";

/** A fault, and what an operator reads of it in the log. */
const FAULTS: [name: string, fault: Fault, told: RegExp][] = [
  ["full", { on: ON.write, files: FILE.wal, action: "full" }, /the disk is full: free some space/],
  ["failing to write", { on: ON.write, files: FILE.wal, action: "fail" }, /the disk failed to read or write/],
  ["failing to flush", { on: ON.sync, files: FILE.wal, action: "fail" }, /the disk failed to read or write/],
  [
    "read-only",
    { on: ON.write, files: FILE.ledger | FILE.wal | FILE.other, action: "read_only" },
    /the disk failed to read or write/,
  ],
];
/** One failing write and one failing flush: `/readyz` is slow to turn, and asks the ledger the same way each time. */
const PROBED = new Set(["full", "failing to flush"]);
/** Twenty of these are more than the log holds before SQLite empties it into the ledger (1000 pages of 4 KB). */
const LARGE_BYTES = 400_000;
const LOG_BYTES = 4_000_000;

describe.runIf(BUILDS)(
  "a disk that fails under the service (needs Linux with glibc and a C compiler)",
  () => {
    let service: Service;
    let disk: Disk;
    let onSlip = (): void => undefined;
    beforeAll(async () => {
      service = await openService({
        under(ledger) {
          disk = openDisk(ledger);
          return disk.env;
        },
        onSlip: () => onSlip(),
      });
    });
    // Also when a test ends early: the next one begins with a disk that works.
    afterEach(() => disk.mend());
    afterAll(async () => {
      await service.close();
      disk.close();
    });

    test.each(FAULTS)(
      "%s: refused, told, and all goes on by itself when it is mended",
      async (name, fault, told) => {
        const [before = "", ...refused] = named(name.replaceAll(" ", "-"), 5);
        expectKept([await service.send(before)]);
        await service.printedOnce([before]);
        const failures = service.logged("ledger.failed").length;
        disk.break(fault);
        expectRefused(await service.sendAll(refused));
        if (PROBED.has(name)) await expectUnready(service);
        expect(disk.hits()).toBeGreaterThan(0);
        await service.untilLogged("ledger.failed", told, failures);
        disk.mend();
        expectKept(await service.sendAll(refused));
        if (PROBED.has(name)) await untilReady(service);
        await service.printedOnce([before, ...refused]);
      },
    );

    test("full between paper and its record: the outcome waits for room, and nothing prints twice", async () => {
      const failures = service.logged("ledger.failed").length;
      onSlip = () => disk.break({ on: ON.write, files: FILE.wal, action: "full" });
      expectKept([await service.send("on-paper")]);
      await until(() => service.logged("ledger.failed").length > failures);
      onSlip = () => undefined;
      disk.mend();
      await until(async () => {
        const { body } = await service.shop.api("/deliveries?order=on-paper");
        const [row] = (body as { items: { state: string; attempt_count: number }[] }).items;
        return row?.state !== "sending" && row;
      });
      await service.printedOnce(["on-paper"]);
    });

    test("no room for the ledger, only for its log: webhooks are kept there, and move over later", async () => {
      const orders = named("log-only", 30);
      const before = statSync(service.ledger).size;
      disk.break({ on: ON.write, files: FILE.ledger, action: "full" });
      for (let from = 0; from < orders.length; from += 10) {
        expectKept(await service.sendAll(orders.slice(from, from + 10), LARGE_BYTES));
      }
      expect(disk.hits()).toBeGreaterThan(0);
      expect(statSync(service.ledger).size).toBe(before);
      expect(statSync(`${service.ledger}-wal`).size).toBeGreaterThan(LOG_BYTES);
      disk.mend();
      expectKept([await service.send("log-and-ledger")]);
      await until(() => statSync(service.ledger).size > before + LOG_BYTES);
      await service.printedOnce([...orders, "log-and-ledger"]);
    });

    test("failed flushes, then kill -9: what was answered 200 is there, what was refused at most once", async () => {
      // Of the ledger: SQLite must not forget the log, for what it wrote over may be lost.
      disk.break({ on: ON.sync, files: FILE.ledger, action: "fail" });
      const kept = named("unflushed-ledger", 20);
      expectKept(await service.sendAll(kept, LARGE_BYTES));
      expect(disk.hits()).toBeGreaterThan(0);
      // Of the log: what failed must not be claimed by the next flush that works.
      disk.break({ on: ON.sync, files: FILE.wal, action: "fail", at: 1 });
      const tried = named("unflushed-log", 8);
      const answers: [string, number][] = [];
      for (const order of tried) answers.push([order, (await service.send(order)).status]);
      const told = answers.filter(([, status]) => status === 200).map(([order]) => order);
      expect(disk.hits()).toBe(1);
      disk.break({ on: ON.sync, files: FILE.wal, action: "fail" });
      const refused = named("refused-log", 3);
      expectRefused(await service.sendAll(refused));
      await service.shop.relay.stop("SIGKILL");
      disk.mend();

      const { orders, integrity } = readLedger(service.ledger);
      expect(integrity).toBe("ok");
      expect(orders).toEqual(expect.arrayContaining([...kept, ...told]));
      expect(new Set(orders).size).toBe(orders.length);
      await service.shop.open();
      for (const order of [...tried, ...refused]) expect((await service.send(order)).status).toBe(200);
      const slips = (): Set<string> => new Set(service.shop.cloud.slips.map((slip) => slip.order_id));
      await until(() => [...kept, ...tried, ...refused].every((order) => slips().has(order)));
    });
  },
);
