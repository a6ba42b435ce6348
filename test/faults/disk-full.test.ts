import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mountSmall, type Mount } from "./disk/mount.ts";
import {
  expectKept,
  expectRefused,
  expectUnready,
  named,
  openService,
  untilReady,
  type Answer,
  type Service,
} from "./disk/service.ts";

/** Room for a ledger and its log, and a few large webhooks. */
const DISK_BYTES = 12 * 1024 * 1024;
const LARGE_BYTES = 100_000;
/** Far more than fit. */
const TRIES_MAX = 500;

const mount = mountSmall(DISK_BYTES);

describe.runIf(mount !== null)(
  "a real file system with no room (not run where none can be mounted: it takes Linux and root)",
  () => {
    let disk: Mount;
    let service: Service;
    beforeAll(async () => {
      if (mount === null) throw new Error("not run without a mount");
      disk = mount;
      service = await openService({ settings: { RELAY_DATABASE: join(disk.path, "data/relay.db") } });
    });
    afterAll(async () => {
      await service.close();
      disk.unmount();
    });

    /** Until the disk has no room even for a small one. */
    async function sendUntilFull(
      name: string,
      padding = 0,
    ): Promise<{ kept: string[]; refused: [string, Answer] }> {
      const kept: string[] = [];
      for (let n = 0; n < TRIES_MAX; n++) {
        const order = `${name}-${String(n)}`;
        const answer = await service.send(order, padding);
        if (answer.status !== 200) return { kept, refused: [order, answer] };
        kept.push(order);
      }
      throw new Error("the disk never got full");
    }

    test("full: refused and told, every 200 stands, and all goes on once there is room", async () => {
      expectKept(await service.sendAll(named("roomy", 5)));
      disk.fill();
      const large = await sendUntilFull("large", LARGE_BYTES);
      const small = await sendUntilFull("small");
      expectRefused([large.refused[1], small.refused[1]]);
      await expectUnready(service);
      disk.free();
      const refused = [large.refused[0], small.refused[0]];
      expectKept(await service.sendAll(refused));
      await untilReady(service);
      await service.printedOnce([...named("roomy", 5), ...large.kept, ...small.kept, ...refused]);
    });

    test("full, and killed (-9) there: it starts and refuses, or says why not; with room nothing is missing", async () => {
      disk.fill();
      const { kept, refused } = await sendUntilFull("killed");
      await service.shop.relay.stop("SIGKILL");
      await service.shop.open();
      expectRefused([await service.send(refused[0])]);
      await service.shop.relay.stop("SIGKILL");
      // The log's index is made again at the start, where there is room for it.
      rmSync(`${service.ledger}-shm`);
      disk.fill();
      const { code, stderr } = await service.shop.command("serve");
      expect(code).toBe(1);
      expect(stderr).toMatch(/^relay: the ledger [^\n]* check it and its free space\n$/);
      disk.free();
      await service.shop.open();
      expectKept([await service.send(refused[0])]);
      await service.printedOnce([...kept, refused[0]]);
    });

    test("read-only at the start: refused in one line that says what to do; writable again: it starts", async () => {
      // Under the running service the kernel refuses; disk-fails.test.ts does that one.
      expect(disk.setReadOnly(true)).toBe(false);
      await service.shop.relay.stop("SIGTERM");
      expect(disk.setReadOnly(true)).toBe(true);
      const { code, stderr } = await service.shop.command("serve");
      expect(disk.setReadOnly(false)).toBe(true);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^relay: the ledger [^\n]* check the path, [^\n]* and that the disk is not read-only\n$/,
      );
      await service.shop.open();
      expectKept([await service.send("writable-again")]);
      await service.printedOnce(["writable-again"]);
    });
  },
);
