import { afterEach, beforeEach, expect, test } from "vitest";
import type { Kit } from "../../src/kit.ts";
import { examine, type Outside } from "../../src/cli/doctor.ts";
import { run } from "../../src/cli/run.ts";
import { createHouse, type House } from "../fakes/house.ts";
import { fakeCli, kitOn } from "./fake-cli.ts";

let house: House;
beforeEach(async () => {
  house = await createHouse();
});
afterEach(() => house.close());

const WELL: Outside = {
  cloud: { reachable: () => Promise.resolve(true), clockSkewMs: () => Promise.resolve(1000) },
  askStore: () => Promise.resolve(null),
  modeOf: () => 0o100600,
  close: () => Promise.resolve(),
};

async function doctor(
  outside: Partial<Outside> = {},
  env: Record<string, string> = {},
  kit: Partial<Kit> = {},
) {
  const checks = await examine(fakeCli({ env, kit: kitOn(house, kit) }).cli, () => ({ ...WELL, ...outside }));
  return checks.map(({ status, subject }) => `${status} ${subject}`);
}

test("all that is looked at, in the order in which one mends", async () => {
  expect(await doctor()).toEqual([
    "ok settings",
    "ok node",
    "warn public URL",
    "warn admin token",
    "ok memory",
    "ok ledger",
    "ok files",
    "ok encryption key",
    "ok stored secrets",
    "ok service",
    "ok store cocktails",
    "ok store noodle-bar",
    "ok store tee-shop",
    "warn api of store tee-shop",
    // They have one secret in the house.
    "warn store cocktails",
    "warn store noodle-bar",
    "warn printer bar",
    "warn printer kitchen",
    "ok printer cloud",
    "ok clock",
  ]);
});

test("the API that is asked before a slip, and the cloud, are really asked: here nobody listens", async () => {
  const { cli, out } = fakeCli({ env: { GOODCOM_URL: "http://127.0.0.1:9" }, kit: kitOn(house) });
  expect(await run(["doctor"], cli)).toBe(1);
  expect(out()).toMatch(/^FAIL {2}store tee-shop: its API does not answer \(/m);
  expect(out()).toMatch(/^ok {4}store noodle-bar: /m);
  expect(out()).toMatch(/^FAIL {2}printer cloud: http:\/\/127\.0\.0\.1:9 cannot be reached/m);
});

test("bad settings end it: nothing else can be believed", async () => {
  expect(await doctor({}, { RELAY_PORT: "-1" })).toEqual(["fail settings"]);
});

test("a ledger that does not open is told, and the cloud is asked all the same", async () => {
  const { cli } = fakeCli();
  const checks = await examine(cli, () => WELL);
  expect(checks).toContainEqual({ status: "fail", subject: "ledger", detail: "no ledger here" });
  expect(checks.at(-1)).toMatchObject({ status: "ok", subject: "clock" });
});

test("a ledger that cannot be written is a failure", async () => {
  const ledger = { ...house.ledger, ping: () => Promise.reject(new Error("the disk is full")) };
  expect(await doctor({}, {}, { ledger })).toContain("fail ledger");
});

test("a cloud that cannot be reached is a failure, and so is a wrong clock", async () => {
  const away = { reachable: () => Promise.resolve(false), clockSkewMs: () => Promise.resolve(null) };
  expect(await doctor({ cloud: away })).toContain("fail printer cloud");
  const wrong = { reachable: () => Promise.resolve(true), clockSkewMs: () => Promise.resolve(-3_600_000) };
  expect(await doctor({ cloud: wrong })).toContain("fail clock");
});

test("a store whose API refuses its token is a failure", async () => {
  const askStore: Outside["askStore"] = (store) =>
    Promise.resolve(store.name === "tee-shop" ? { works: false, detail: "HTTP 401" } : null);
  expect(await doctor({ askStore })).toContain("fail store tee-shop");
});

test("what was accepted and confirmed makes the printer well; the dead are counted", async () => {
  const id = await house.cancel("1001");
  const printed = {
    state: "printed",
    accepted_at: 1_800_000_000_000,
    printed_at: 1_800_000_001_000,
  } as const;
  await house.ledger.change(id, {
    at: 1,
    by: "relay",
    decide: () => ({ set: { ...printed, next_attempt_at: null }, note: null }),
  });
  expect(await doctor()).toContain("ok printer kitchen");
  const dead = await house.cancel("1002");
  await house.ledger.change(dead, {
    at: 1,
    by: "relay",
    decide: () => ({ set: { state: "dead", next_attempt_at: null }, note: null }),
  });
  expect((await doctor()).filter((line) => line.endsWith("printer kitchen"))).toEqual([
    "ok printer kitchen",
    "warn printer kitchen",
  ]);
});
