import { expect, test } from "vitest";
import { addressChecks, fileChecks, memoryCheck } from "../../src/cli/doctor-guard.ts";
import { ledgerPlace } from "../../src/core/ledger-place.ts";
import { aStore } from "../platforms/a-store.ts";

const LEDGER = ledgerPlace("data/relay.db");

test("what lets others read the memory is told with how to close it, and whose memory it is", () => {
  expect(memoryCheck([])).toMatchObject({ status: "ok", subject: "memory" });
  const check = memoryCheck(["a crash would write a core dump", "node was started with --inspect"]);
  expect(check.status).toBe("warn");
  expect(check.detail).toContain("core dump; node was started with --inspect; so this command was started");
});

test("each file of the ledger that others can open is named, with what shuts it", () => {
  const modes: Record<string, number> = {
    "data/relay.db": 0o100600,
    "data/relay.db-wal": 0o100640,
    "data/relay.db-shm": 0o100602,
    "data/relay.db.key": 0o100400,
  };
  const modeOf = (path: string): number | null => modes[path] ?? null;
  expect(fileChecks(LEDGER, "data/relay.db.key", modeOf)).toEqual([
    {
      status: "warn",
      subject: "files",
      detail: "data/relay.db-wal can be read or written by others (mode 640): chmod 600 data/relay.db-wal",
    },
    {
      status: "warn",
      subject: "files",
      detail: "data/relay.db-shm can be read or written by others (mode 602): chmod 600 data/relay.db-shm",
    },
  ]);
  modes["data/relay.db-wal"] = modes["data/relay.db-shm"] = 0o100600;
  expect(fileChecks(LEDGER, null, modeOf)).toMatchObject([{ status: "ok" }]);
  modes["data/relay.db.key"] = 0o100604;
  expect(fileChecks(LEDGER, "data/relay.db.key", modeOf)).toMatchObject([{ status: "warn" }]);
});

test("a ledger in PostgreSQL has no files here but the key's", () => {
  const place = ledgerPlace("postgres://relay:secret@db.example:5432/relay");
  const looked: string[] = [];
  const modeOf = (path: string): number => (looked.push(path), 0o100600);
  expect(fileChecks(place, "data/relay.key", modeOf)).toMatchObject([{ status: "ok" }]);
  expect(looked).toEqual(["data/relay.key"]);
});

test("where files have no such bits nothing is said of them", () => {
  expect(fileChecks(LEDGER, "data/relay.db.key", () => null)).toEqual([]);
});

test("an api.url of before the rule is a failure, one that nobody may have looked at is told, the rest is not", () => {
  const at = (url: string, allow_host: string | null = null) =>
    addressChecks(
      aStore({ platform: "fastpod", name: "tee-shop", api: { url, token: "t", version: null, allow_host } }),
    );
  const subject = "api of store tee-shop";
  expect(at("https://api-v2.fastpod.net")).toEqual([]);
  expect(at("https://shop.example.com", "shop.example.com")).toEqual([]);
  const [check, ...others] = at("https://shop.internal/?key=MARKED");
  expect(others).toEqual([]);
  expect(check).toMatchObject({ status: "fail", subject });
  expect(check?.detail).toContain("its API is not asked: api.url leads to shop.internal");
  const [elsewhere] = at("https://shop.example.com/?key=MARKED");
  expect(elsewhere).toMatchObject({ status: "warn", subject });
  expect(elsewhere?.detail).toContain('api.allow_host: "shop.example.com"');
  expect(`${check?.detail}${elsewhere?.detail}`).not.toContain("MARKED");
  expect(at("http://shop.example.com")).toMatchObject([{ status: "fail" }]);
  expect(addressChecks(aStore({ api: null }))).toEqual([]);
});
