import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { holdServiceLock, serviceIsRunning } from "../../src/ledger/sqlite/service-lock.ts";
import { makeFolder, openAt } from "./sqlite-ledger.ts";

const CHILD = fileURLToPath(new URL("./children/hold-lock.ts", import.meta.url));

describe("service lock", () => {
  let folder: ReturnType<typeof makeFolder>;
  let path: string;
  beforeEach(() => {
    folder = makeFolder();
    path = folder.file("relay.db");
  });
  afterEach(() => folder.remove());

  test("one service only, in words that name the ledger and the way out", () => {
    expect(serviceIsRunning(path)).toBe(false);
    const lock = holdServiceLock(path);
    expect(serviceIsRunning(path)).toBe(true);
    const second = (): unknown => holdServiceLock(path);
    expect(second).toThrow(expect.objectContaining({ code: "ledger_in_use" }));
    expect(second).toThrow(path);
    expect(second).toThrow(/stop that one first.*RELAY_DATABASE/);
    lock.release();
    expect(serviceIsRunning(path)).toBe(false);
    holdServiceLock(path).release();
  });

  test.skipIf(process.getuid?.() !== 0)("bug: a lock that root had made kept the ledger's user out", () => {
    writeFileSync(path, "");
    chownSync(path, 54_321, 54_322);
    holdServiceLock(path).release();
    expect(statSync(`${path}.service-lock`)).toMatchObject({ uid: 54_321, gid: 54_322 });
  });

  test("the file is the owner's alone; other ledgers and the ledger's own use are not touched", async () => {
    const lock = holdServiceLock(path);
    expect(statSync(`${path}.service-lock`).mode & 0o777).toBe(0o600);
    const other = holdServiceLock(folder.file("other.db"));
    const ledger = await openAt(path);
    await ledger.ping(1);
    await ledger.close();
    other.release();
    lock.release();
  });

  test("the same ledger by another way is the same ledger", () => {
    writeFileSync(path, "");
    mkdirSync(folder.file("links"));
    symlinkSync(path, folder.file("links/alias.db"));
    const lock = holdServiceLock(path);
    expect(() => holdServiceLock(folder.file("links/alias.db"))).toThrow(/another relay service/);
    lock.release();
  });

  test("asking does not get in the way of starting", () => {
    const lock = holdServiceLock(path);
    lock.release();
    for (let k = 0; k < 20; k++) {
      expect(serviceIsRunning(path)).toBe(false);
      holdServiceLock(path).release();
    }
  });

  test("another process holds it, whatever it collects (bug), and kill -9 frees it at once", async () => {
    const child = spawn(process.execPath, ["--expose-gc", CHILD, path], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    expect(serviceIsRunning(path)).toBe(true);
    expect(() => holdServiceLock(path)).toThrow(expect.objectContaining({ code: "ledger_in_use" }));
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(serviceIsRunning(path)).toBe(false);
    holdServiceLock(path).release();
  });

  test("a folder that cannot be had is the ledger's trouble", () => {
    writeFileSync(folder.file("a-file"), "");
    const hold = (): unknown => holdServiceLock(folder.file("a-file/relay.db"));
    expect(hold).toThrow(expect.objectContaining({ code: "ledger_unavailable" }));
  });
});
