import { spawnSync } from "node:child_process";
import { statSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeFolder } from "../../src/ledger/make-folder.ts";
import { makeFolder as makeScratch } from "./sqlite-ledger.ts";

let scratch: ReturnType<typeof makeScratch>;
beforeEach(() => {
  scratch = makeScratch();
});
afterEach(() => scratch.remove());

test("makes all that are missing, for their owner alone, and leaves one that is there as it is", () => {
  makeFolder(scratch.file("a/b"));
  makeFolder(scratch.file("a/b"));
  expect(statSync(scratch.file("a")).mode & 0o777).toBe(0o700);
  expect(statSync(scratch.file("a/b")).isDirectory()).toBe(true);
});

test("a file in its way, and a link to nowhere, are told", () => {
  writeFileSync(scratch.file("file"), "");
  symlinkSync(scratch.file("nowhere"), scratch.file("link"));
  expect(() => makeFolder(scratch.file("file/a"))).toThrow("ENOTDIR");
  expect(() => makeFolder(scratch.file("link/a"))).toThrow("ENOENT");
});

// Node's own asks again and again there: the relay took a processor for itself, and said nothing.
test.runIf(process.platform === "linux")("bug: a folder under /proc was asked for without end", () => {
  const script = "import { makeFolder } from './src/ledger/make-folder.ts'; makeFolder('/proc/x/y');";
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
    timeout: 20_000,
  });
  expect([status, stderr]).toEqual([1, expect.stringContaining("ENOENT")]);
});
