import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadMasterKey, type MasterKey } from "../../src/ledger/key-file.ts";
import { makeFolder } from "./sqlite-ledger.ts";

describe("key file", () => {
  let folder: ReturnType<typeof makeFolder>;
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => folder.remove());
  const load = (): MasterKey => loadMasterKey({ key: null, ledgerPath: folder.file("relay.db") });
  const put = (text: string, mode = 0o600): void => {
    writeFileSync(folder.file("relay.db.key"), text);
    chmodSync(folder.file("relay.db.key"), mode);
  };

  test("a given key is taken, and no file is made", () => {
    const key = Buffer.alloc(32, 1);
    expect(loadMasterKey({ key, ledgerPath: folder.file("relay.db") })).toEqual({
      key,
      made: false,
      path: null,
    });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("made once, for the owner alone, and the same ever after", () => {
    const first = load();
    expect(first).toMatchObject({ made: true, path: folder.file("relay.db.key") });
    expect(first.key).toHaveLength(32);
    expect(statSync(folder.file("relay.db.key")).mode & 0o777).toBe(0o600);
    expect(load()).toEqual({ ...first, made: false });
    expect(readdirSync(folder.path)).toEqual(["relay.db.key"]);
  });

  test("makes the folder too, and two ledgers have two keys", () => {
    const one = loadMasterKey({ key: null, ledgerPath: folder.file("data/deep/relay.db") });
    expect(statSync(folder.file("data")).mode & 0o777).toBe(0o700);
    expect(one.key.equals(load().key)).toBe(false);
  });

  test("reads base64, with or without a line end", () => {
    const base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const bytes = Buffer.from(Array.from({ length: 32 }, (_, n) => n));
    put(base64);
    expect(load().key).toEqual(bytes);
    put(`${base64}\n`);
    expect(load().key).toEqual(bytes);
  });

  test.each([
    ["empty", ""],
    ["too short", "AAECAwQ="],
    ["not base64", "!".repeat(44)],
    ["too long", "A".repeat(10_000)],
    ["two lines", `${"A".repeat(43)}=\n${"A".repeat(43)}=\n`],
  ])("refuses a malformed one: %s", (_what, text) => {
    put(text);
    expect(load).toThrow(expect.objectContaining({ code: "secret_unreadable" }));
    expect(readFileSync(folder.file("relay.db.key"), "utf8")).toBe(text);
  });

  test.each([0o640, 0o604, 0o666])("refuses one that others can read or write (%o)", (mode) => {
    put(load().key.toString("base64"), mode);
    expect(load).toThrow(/chmod 600/);
  });

  test("an error does not tell the key", () => {
    const key = load().key.toString("base64");
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
