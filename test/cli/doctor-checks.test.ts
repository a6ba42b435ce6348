import { describe, expect, test } from "vitest";
import {
  cloudChecks,
  keyCheck,
  printerChecks,
  serviceCheck,
  settingsChecks,
  storeChecks,
} from "../../src/cli/doctor-checks.ts";
import { readConfig } from "../../src/config.ts";
import type { StoreSettings } from "../../src/core/settings.ts";
import { aPrinter } from "../ledger/entries.ts";
import { aStore } from "../platforms/a-store.ts";

const NO_ENV_FILE = "/nonexistent/.env";
const TOKEN = "0123456789abcdef0123456789abcdef";

const printer = aPrinter("kitchen");
const store = aStore({ secrets: ["s3cret"] });

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);
const NEVER = { last_accepted_at: null, last_printed_at: null, dead: 0, held: 0 };

function statuses(env: Record<string, string>, node = "24.3.0"): string[] {
  return settingsChecks(readConfig(env, NO_ENV_FILE), node).map(
    ({ subject, status }) => `${subject} ${status}`,
  );
}

describe("settings", () => {
  test("a production setup is well", () => {
    const env = {
      RELAY_HOST: "0.0.0.0",
      RELAY_PUBLIC_URL: "https://relay.example.com",
      RELAY_TRUST_PROXY: "1",
      RELAY_ADMIN_TOKEN: TOKEN,
    };
    expect(statuses(env)).toEqual(["node ok", "public URL ok", "admin token ok"]);
  });

  test("bug: behind a proxy that is not told of, a stranger shut everybody out of signing in, unseen", () => {
    const env = { RELAY_PUBLIC_URL: "https://relay.example.com", RELAY_ADMIN_TOKEN: TOKEN };
    expect(statuses(env)).toEqual(["node ok", "public URL ok", "proxies warn", "admin token ok"]);
  });

  test("nobody outside reaches a loopback address", () => {
    expect(statuses({})).toEqual(["node ok", "public URL warn", "admin token warn"]);
  });

  test("a loopback address is right beside a cloud on loopback", () => {
    expect(statuses({ GOODCOM_URL: "http://127.0.0.1:9000" })).toContain("public URL ok");
  });

  test.each([
    "https://192.168.1.20",
    "https://10.0.0.5:8443",
    "https://relay",
    "https://relay.lan",
    "https://[fd00::1]",
  ])("bug: an address of the own network was said to be well: %s", (url) =>
    expect(statuses({ RELAY_PUBLIC_URL: url, RELAY_TRUST_PROXY: "1" })).toContain("public URL warn"),
  );

  test.each(["https://203.0.113.7", "https://172.15.0.1", "https://relay.example.com:8443/shop"])(
    "one that may be the internet's is: %s",
    (url) => expect(statuses({ RELAY_PUBLIC_URL: url, RELAY_TRUST_PROXY: "1" })).toContain("public URL ok"),
  );

  test("http on the open network, no admin token, another node", () => {
    const env = { RELAY_HOST: "0.0.0.0", RELAY_PUBLIC_URL: "http://relay.example.com" };
    expect(statuses(env, "20.11.1")).toEqual(["node fail", "public URL warn", "admin token fail"]);
  });
});

test("a key file is to be copied; a set key is well", () => {
  expect(keyCheck(null).status).toBe("ok");
  expect(keyCheck("data/relay.db.key")).toMatchObject({ status: "warn" });
  expect(keyCheck("data/relay.db.key").detail).toContain("data/relay.db.key");
});

test("without a service nothing is sent", () => {
  expect(serviceCheck(true).status).toBe("ok");
  expect(serviceCheck(false)).toMatchObject({ status: "warn", subject: "service" });
});

describe("the cloud and the clock", () => {
  const URL = "https://app.gcanyapps.com";
  test.each([
    [0, "ok"],
    [30_000, "ok"],
    [30_001, "warn"],
    [-300_000, "warn"],
    [300_001, "fail"],
    [-300_001, "fail"],
    [null, "warn"],
  ])("a skew of %s ms: %s", (skew, status) => {
    expect(cloudChecks(URL, skew, null)).toMatchObject([{ status: "ok" }, { subject: "clock", status }]);
  });

  test("the direction is told", () => {
    expect(cloudChecks(URL, -60_000, null)[1]?.detail).toMatch(/^this machine's is 60 s behind the cloud's/);
    expect(cloudChecks(URL, 61_000, null)[1]?.detail).toMatch(/^this machine's is 61 s ahead of the cloud's/);
  });

  // The machine's minus the cloud's, the machine's minus the database's: of the two the database's clock signs.
  test.each([
    [600_000, 600_000, "ok", /^the database's agrees/],
    [600_000, 0, "fail", /^the database's is 600 s ahead of the cloud's/],
    [0, 600_000, "fail", /^the database's is 600 s behind the cloud's/],
    [-20_000, 20_000, "warn", /^the database's is 40 s behind the cloud's/],
    [null, 600_000, "warn", /the database's cannot be compared$/],
  ])("a skew of %s ms, and one of %s from the database: %s", (skew, offset, status, detail) => {
    expect(cloudChecks(URL, skew, offset)[1]).toEqual({
      subject: "clock",
      status,
      detail: expect.stringMatching(detail) as string,
    });
  });

  test("unreachable is one failure, not two", () => {
    expect(cloudChecks(URL, "unreachable", null)).toMatchObject([
      { subject: "printer cloud", status: "fail" },
    ]);
  });
});

describe("a store", () => {
  test("is well with a printer and a secret", () => {
    expect(storeChecks(store, [printer], null, NOW)).toMatchObject([
      { status: "ok", subject: "store noodle-bar" },
    ]);
  });

  test.each([[[]], [[""]], [["", "  "]]])("secrets %j verify nothing", (secrets) => {
    expect(storeChecks({ ...store, secrets }, [printer], null, NOW)).toMatchObject([{ status: "fail" }]);
  });

  test("needs its printer", () => {
    expect(storeChecks(store, [], null, NOW)[0]?.detail).toBe("its printer kitchen does not exist; apply it");
  });

  test("fastpod: trust_body is warned of, a deaf API fails", () => {
    const tee: StoreSettings = {
      ...store,
      name: "tee-shop",
      platform: "fastpod",
      token_hashes: ["ab".repeat(32)],
      secrets: [],
      trust_body: false,
    };
    expect(storeChecks({ ...tee, trust_body: true }, [printer], null, NOW)).toMatchObject([
      { status: "warn" },
    ]);
    const deaf = { works: false, detail: "HTTP 401" };
    expect(storeChecks(tee, [printer], deaf, NOW)).toMatchObject([{ status: "fail" }]);
    expect(storeChecks(tee, [printer], deaf, NOW)[0]?.detail).toContain("HTTP 401");
    expect(storeChecks(tee, [printer], { works: true, detail: "not_found" }, NOW)).toMatchObject([
      { status: "ok" },
    ]);
  });
});

describe("a printer", () => {
  test("that never accepted anything has an unverified sign, and the command that checks it is named", () => {
    const [check] = printerChecks(printer, NEVER);
    expect(check?.status).toBe("warn");
    expect(check?.detail).toBe(
      "nothing was accepted yet, and the sign formula is unverified: relay printers test kitchen",
    );
  });

  test("without the secret its template wants", () => {
    const [check] = printerChecks({ ...printer, secret_key: "" }, NEVER);
    expect(check?.detail).toMatch(/^it has no secret_key \(right only while Dynamic Validation is off\); /);
  });

  test("that works says since when, and in which zone it prints", () => {
    const at = Date.UTC(2026, 10, 3, 12, 4, 5);
    expect(printerChecks(printer, { ...NEVER, last_accepted_at: at, last_printed_at: at + 1000 })).toEqual([
      {
        status: "ok",
        subject: "printer kitchen",
        detail:
          "last accepted 2026-11-03 12:04:05, last confirmed 2026-11-03 12:04:06 (UTC); its slips show Asia/Taipei time",
      },
    ]);
  });

  test("dead, held and never confirmed are told, each with what to do", () => {
    const checks = printerChecks(printer, { last_accepted_at: 1, last_printed_at: null, dead: 3, held: 1 });
    expect(checks.map((check) => check.status)).toEqual(["ok", "warn", "warn", "warn"]);
    expect(checks[1]?.detail).toMatch(/^3 dead: relay deliveries list --state dead --printer kitchen/);
    expect(checks[2]?.detail).toMatch(/^1 held .*relay deliveries redrive/);
    expect(checks[3]?.detail).toContain("RELAY_PUBLIC_URL");
  });
});

describe("a store's secrets", () => {
  const ending = (...secrets: StoreSettings["secrets"]) =>
    storeChecks({ ...store, secrets }, [printer], null, NOW);

  test("how many are valid and until when, never which", () => {
    expect(ending("s3cret", { value: "0ld", valid_until: NOW + 60_000 })).toEqual([
      {
        status: "ok",
        subject: "store noodle-bar",
        detail: "shopline, prints on kitchen, 2 valid secrets, one of them until 2026-11-24 12:01:00 UTC",
      },
    ]);
  });

  test("all of them ending is warned of, all ended fails", () => {
    expect(ending({ value: "0ld", valid_until: NOW + 60_000 })).toMatchObject([{ status: "warn" }]);
    expect(ending({ value: "0ld", valid_until: NOW })).toMatchObject([{ status: "fail" }]);
  });
});
