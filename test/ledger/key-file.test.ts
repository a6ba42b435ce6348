import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readKeyFile, replaceKeyFile } from "../../src/ledger/key-file.ts";
import { createForgottenFile } from "../../src/ledger/sqlite/forgotten-file.ts";
import { openKeyRing, readKeyRing, type OpenedKeys } from "../../src/ledger/key-ring.ts";
import { makeFolder } from "./sqlite-ledger.ts";

let folder: ReturnType<typeof makeFolder>;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => folder.remove());
const KEY_FILE = "relay.db.key";
const options = (...given: Buffer[]) => ({ given, ledgerPath: folder.file("relay.db") });
const load = (): OpenedKeys => openKeyRing(options());
const put = (text: string, mode = 0o600): void => {
  writeFileSync(folder.file(KEY_FILE), text);
  chmodSync(folder.file(KEY_FILE), mode);
};
/** A line of its own for each n. */
const line = (n: number): string => `${String(n).repeat(42)}0=`;
const keyOf = (n: number): Buffer => Buffer.from(line(n), "base64");
const lines = (count: number): string => Array.from({ length: count }, (_, n) => `${line(n)}\n`).join("");

describe("key file", () => {
  test("a given key is taken, and no file is made", () => {
    const key = Buffer.alloc(32, 1);
    expect(openKeyRing(options(key))).toMatchObject({ current: key, fileMade: false, file: null });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("made once, for the owner alone, and the same ever after", () => {
    const first = load();
    expect(first).toMatchObject({ fileMade: true, file: folder.file(KEY_FILE) });
    expect(first.current).toHaveLength(32);
    expect(statSync(folder.file(KEY_FILE)).mode & 0o777).toBe(0o600);
    expect(load()).toMatchObject({ current: first.current, fileMade: false });
    expect(readdirSync(folder.path)).toEqual([KEY_FILE]);
  });

  test("makes the folder too, and two ledgers have two keys", () => {
    const one = openKeyRing({ given: [], ledgerPath: folder.file("data/deep/relay.db") });
    expect(statSync(folder.file("data")).mode & 0o777).toBe(0o700);
    expect(one.current.equals(load().current)).toBe(false);
  });

  test("reads base64, with or without a line end; the first line is the current key", () => {
    const base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const bytes = Buffer.from(Array.from({ length: 32 }, (_, n) => n));
    for (const text of [base64, `${base64}\n`, `${base64}\r\n${line(1)}\r\n`]) {
      put(text);
      expect(load().current).toEqual(bytes);
    }
    put(lines(9));
    expect(readKeyFile(folder.file(KEY_FILE))).toEqual(Array.from({ length: 9 }, (_, n) => keyOf(n)));
  });

  test.each([
    ["empty", ""],
    ["too short", "AAECAwQ="],
    ["not base64", "!".repeat(44)],
    ["too long", "A".repeat(10_000)],
    ["ten keys", lines(10)],
    ["a second line that is no key", `${line(1)}\nMARKED\n`],
    ["a comment", `# MARKED\n${line(1)}\n`],
    ["an empty line between", `${line(1)}\n\n${line(2)}\n`],
    ["two keys on one line", `${line(1)} ${line(2)}\n`],
    ["a NUL", `${line(1)}\0\n${line(2)}`],
    ["endless white space", `${line(1)}${"\n".repeat(5000)}`],
  ])("refuses a malformed one, and leaves it: %s", (_what, text) => {
    put(text);
    expect(load).toThrow(expect.objectContaining({ code: "secret_unreadable" }));
    expect(load).not.toThrow(/MARKED|111/);
    expect(readFileSync(folder.file(KEY_FILE), "utf8")).toBe(text);
  });

  test("refuses a pipe, which would be waited for, and a folder", () => {
    execFileSync("mkfifo", ["-m", "600", folder.file(KEY_FILE)]);
    expect(load).toThrow(/cannot be read/);
    mkdirSync(folder.file("other.db.key"), { mode: 0o700 });
    expect(() => openKeyRing({ given: [], ledgerPath: folder.file("other.db") })).toThrow(/cannot be read/);
  });

  test.each([0o640, 0o604, 0o666])("refuses one that others can read or write (%o)", (mode) => {
    put(load().current.toString("base64"), mode);
    expect(load).toThrow(/chmod 600/);
    // Its keys are part of the ring then too.
    expect(() => openKeyRing(options(keyOf(1)))).toThrow(/chmod 600/);
  });

  test("an error does not tell the key", () => {
    const key = load().current.toString("base64");
    put(key, 0o644);
    let message = "";
    try {
      load();
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain("mode 644");
    expect(message).not.toContain(key.slice(0, 8));
  });
});

describe("replaced", () => {
  test("holds the new keys for the owner alone, and a draft that a killed run left is gone", () => {
    put(lines(1));
    writeFileSync(folder.file(`${KEY_FILE}.new`), "left over");
    replaceKeyFile(folder.file(KEY_FILE), [keyOf(2), keyOf(1)]);
    expect(readFileSync(folder.file(KEY_FILE), "utf8")).toBe(`${line(2)}\n${line(1)}\n`);
    expect(statSync(folder.file(KEY_FILE)).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder.path)).toEqual([KEY_FILE]);
  });

  test("a link stays one, and the file it leads to changes", () => {
    const elsewhere = folder.file("elsewhere");
    mkdirSync(elsewhere);
    writeFileSync(`${elsewhere}/key`, lines(1), { mode: 0o600 });
    symlinkSync(`${elsewhere}/key`, folder.file(KEY_FILE));
    replaceKeyFile(folder.file(KEY_FILE), [keyOf(3)]);
    expect(readFileSync(`${elsewhere}/key`, "utf8")).toBe(`${line(3)}\n`);
    expect(readdirSync(elsewhere)).toEqual(["key"]);
  });

  test("without keys the file goes", () => {
    put(lines(1));
    replaceKeyFile(folder.file(KEY_FILE), []);
    expect(readdirSync(folder.path)).toEqual([]);
  });
});

describe("the ring", () => {
  test("the environment's keys come first, then the file's; one in two places is one", () => {
    put(`${line(3)}\n${line(1)}\n`);
    const ring = readKeyRing(options(keyOf(1), keyOf(2)));
    expect(ring.map(({ key, from }) => [key, from])).toEqual([
      [keyOf(1), ["RELAY_ENCRYPTION_KEY", folder.file(KEY_FILE)]],
      [keyOf(2), ["RELAY_ENCRYPTION_KEY_PREVIOUS"]],
      [keyOf(3), [folder.file(KEY_FILE)]],
    ]);
  });

  test("a file that went away since is not made anew: a new key would open nothing", () => {
    expect(() => readKeyRing(options())).toThrow(/is gone: put it back/);
    expect(readdirSync(folder.path)).toEqual([]);
  });
});

/** A file of the child may have so many bytes, and not one more. */
function runWithin(bytes: number, script: string): { status: number | null; stderr: string } {
  const node = [process.execPath, "--input-type=module", "-e", script];
  return spawnSync("prlimit", [`--fsize=${bytes}`, ...node], { encoding: "utf8" });
}
const hasLimits = spawnSync("prlimit", ["--version"]).status === 0;

describe.skipIf(!hasLimits)("regression: a disk that takes a part of what is written", () => {
  test("loses no key: the file is as it was, and no draft with a key in it lies about", () => {
    put(lines(2));
    const home = new URL("../../src/ledger/key-file.ts", import.meta.url).href;
    const { status, stderr } = runWithin(
      60,
      `const { newKey, readKeyFile, replaceKeyFile } = await import("${home}");
      const path = ${JSON.stringify(folder.file(KEY_FILE))};
      replaceKeyFile(path, [newKey(), ...readKeyFile(path)]);`,
    );
    expect([status, stderr]).toEqual([1, expect.stringContaining("cannot write the key file") as string]);
    expect(readFileSync(folder.file(KEY_FILE), "utf8")).toBe(lines(2));
    expect(readdirSync(folder.path)).toEqual([KEY_FILE]);
  });

  test("is an erasure that cannot be written down, and never one that is half written and holds", () => {
    const home = new URL("../../src/ledger/sqlite/forgotten-file.ts", import.meta.url).href;
    const line = { at: 1, store: "noodle-bar", order_id: "order-1" };
    const { status, stderr } = runWithin(
      90,
      `const { createForgottenFile } = await import("${home}");
      const file = createForgottenFile(${JSON.stringify(folder.file("relay.db"))});
      file.append([${JSON.stringify(line)}]);
      file.append([${JSON.stringify({ ...line, order_id: "order-2" })}]);`,
    );
    expect([status, stderr]).toEqual([1, expect.stringContaining("nothing was erased") as string]);
    expect(createForgottenFile(folder.file("relay.db")).read()).toEqual([line]);
  });
});
