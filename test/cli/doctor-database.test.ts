import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readShared, sharedChecks, type SharedLedger } from "../../src/cli/doctor-database.ts";
import { examine, type Outside } from "../../src/cli/doctor.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { createHouse, type House } from "../fakes/house.ts";
import { fakeCli, kitOn } from "./fake-cli.ts";

const NOON = Date.UTC(2026, 10, 3, 12, 0, 0);
const MINUTE = 60_000;

const OLD = {
  id: "A",
  process: null,
  version: "1.4.0",
  started_at: NOON - 60 * MINUTE,
  seen_until: NOON,
  leads: true,
};
const NEW = {
  id: "B",
  process: null,
  version: "1.5.0",
  started_at: NOON - MINUTE,
  seen_until: NOON,
  leads: false,
};
const WELL: SharedLedger = {
  time: NOON,
  offsetMs: 0,
  newerSchema: null,
  services: [NEW],
  unsafeSettings: [],
};

describe("this machine's clock and the database's", () => {
  /** The machine's clock when it asks and when it is answered, the database's in between. @returns the offset */
  async function offsetOf(asked: number, time: number | null, answered: number): Promise<number | undefined> {
    const machine = [NOON + asked, NOON + answered];
    const ledger = {
      time: () => Promise.resolve(time && NOON + time),
      newerSchema: () => Promise.resolve(null),
      services: () => Promise.resolve([]),
      unsafeSettings: () => Promise.resolve([]),
    };
    return (await readShared(ledger, { now: () => machine.shift() ?? 0 }))?.offsetMs;
  }

  test.each([
    [1000, 1000, 1000, 0],
    // However long it takes: it may have been right all the while.
    [1000, 1000, 21_000, 0],
    [1000, 21_000, 21_000, 0],
    [1000, 9000, 1300, -7700],
    [9000, 1000, 9300, 8000],
  ])("asked at %i, told %i, answered at %i: at least %i ms", async (asked, time, answered, offset) => {
    expect(await offsetOf(asked, time, answered)).toBe(offset);
  });

  test("one that has not been set is not what all go by", async () => {
    expect(await offsetOf(1000, 1 - NOON, 1000)).toBe(0);
    expect(sharedChecks({ ...WELL, time: 1 }).at(-1)).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("says 1970-01-01T") as string,
    });
  });

  test("a ledger without a clock is one service's alone", async () => {
    expect(await offsetOf(1000, null, 1000)).toBeUndefined();
  });

  test.each([
    [0, "ok", /^agrees with this machine's$/],
    [49, "ok", /^agrees/],
    [-1234, "ok", /^this machine's is 1\.2 s behind it$/],
    [5000, "ok", /^this machine's is 5\.0 s ahead of it$/],
    [5001, "warn", /^this machine's clock is 5 s ahead of the database's.* NTP.* log lines/],
    [-600_000, "warn", /^this machine's clock is 600 s behind the database's/],
  ])("%i ms: %s", (offsetMs, status, detail) => {
    expect(sharedChecks({ ...WELL, offsetMs }).at(-1)).toEqual({
      status,
      subject: "database clock",
      detail: expect.stringMatching(detail) as string,
    });
  });
});

test("a newer schema is told with both versions and what to do", () => {
  expect(sharedChecks(WELL).map(({ subject }) => subject)).toEqual(["service", "database clock"]);
  const checks = sharedChecks({ ...WELL, newerSchema: { version: 12, known: 11 } });
  const [schema] = checks.filter(({ subject }) => subject === "schema");
  expect(schema?.status).toBe("warn");
  expect(schema?.detail).toMatch(
    /^a newer relay has brought the ledger to schema 12, and this one knows up to 11: .*update it/,
  );
});

test("what a server that syncs nothing would lose is told, for each setting", () => {
  const checks = sharedChecks({ ...WELL, unsafeSettings: ["fsync", "full_page_writes"] });
  const found = checks.filter(({ subject }) => subject === "durability");
  expect(
    found.map(({ status, detail }) => [status, /^the server's (\w+) is off: /.exec(detail)?.[1]]),
  ).toEqual([
    ["warn", "fsync"],
    ["warn", "full_page_writes"],
  ]);
});

describe("the relays that run", () => {
  const servicesOf = (services: SharedLedger["services"]): unknown =>
    sharedChecks({ ...WELL, services }).find(({ subject }) => subject === "service");

  test("are listed with their versions", () => {
    expect(servicesOf([{ ...OLD, version: "1.5.0" }, NEW])).toEqual({
      status: "ok",
      subject: "service",
      detail:
        "2 running on this ledger: 1.5.0 since 2026-11-03 11:00:00 UTC (leads), 1.5.0 since 2026-11-03 11:59:00 UTC",
    });
  });

  test("are of one version, but during an update", () => {
    expect(servicesOf([OLD, NEW])).toMatchObject({
      status: "warn",
      detail: expect.stringMatching(
        /1\.4\.0 since .* 1\.5\.0 since .*; update all to one version$/,
      ) as string,
    });
  });

  test("none: nothing is taken or sent", () => {
    expect(servicesOf([])).toMatchObject({
      status: "warn",
      detail: expect.stringMatching(/^none/) as string,
    });
  });
});

describe("relay doctor", () => {
  let house: House;
  beforeEach(async () => {
    house = await createHouse();
  });
  afterEach(() => house.close());

  /** A machine that is so much ahead of the cloud, whose clock is the test's. */
  async function doctor(aheadMs: number, shared: Partial<Ledger>): Promise<string[]> {
    const outside: Outside = {
      cloud: { reachable: () => Promise.resolve(true), clockSkewMs: () => Promise.resolve(aheadMs) },
      askStore: () => Promise.resolve(null),
      modeOf: () => 0o100600,
      close: () => Promise.resolve(),
    };
    const ledger = { ...house.ledger, ...shared };
    const checks = await examine(fakeCli({ kit: kitOn(house, { ledger }) }).cli, () => outside);
    return checks.map(({ status, subject }) => `${status} ${subject}`);
  }

  test("on a ledger that is shared looks at what the relays share, and at the clock that signs", async () => {
    const lines = await doctor(10 * MINUTE, {
      time: () => Promise.resolve(NOON - 10 * MINUTE),
      services: (now) => Promise.resolve(now === NOON - 10 * MINUTE ? [OLD] : []),
      newerSchema: () => Promise.resolve({ version: 4, known: 3 }),
    });
    expect(lines).toEqual(
      expect.arrayContaining(["ok service", "warn schema", "warn database clock", "ok clock"]),
    );
  });

  test("on a file has none of these lines", async () => {
    const lines = await doctor(10 * MINUTE, {});
    expect(lines).toContain("fail clock");
    expect(lines.filter((line) => /schema|database/.test(line))).toEqual([]);
  });
});
