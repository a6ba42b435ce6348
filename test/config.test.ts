import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decodeKey, SETTING_NAMES } from "../src/config/schema.ts";
import { describeConfig, givenKeys, readConfig, type Reader } from "../src/config.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "relay-config-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function problem(environment: Record<string, string>, reader: Reader = "command"): string {
  try {
    readConfig(environment, join(folder, ".env"), reader);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

test("the contract's defaults", () => {
  const { values, sources } = readConfig({}, join(folder, ".env"));
  expect(values).toEqual({
    RELAY_DATABASE: "data/relay.db",
    RELAY_HOST: "127.0.0.1",
    RELAY_PORT: 8080,
    RELAY_PUBLIC_URL: "http://127.0.0.1:8080",
    GOODCOM_URL: "https://app.gcanyapps.com",
    RELAY_ALERT_FORMAT: "standard",
    RELAY_TRUST_PROXY: 0,
    RELAY_LOG_LEVEL: "info",
    RELAY_RECONCILE_EVERY_S: 600,
    RELAY_WATCH_EVERY_S: 900,
  });
  expect(new Set(Object.values(sources))).toEqual(new Set(["default"]));
});

test("without a public address the default follows the port", () => {
  expect(readConfig({ RELAY_PORT: "9191" }, join(folder, ".env")).values.RELAY_PUBLIC_URL).toBe(
    "http://127.0.0.1:9191",
  );
});

test("the environment wins over .env, and an empty variable is an unset one", () => {
  writeFileSync(join(folder, ".env"), "RELAY_PORT=1111\nRELAY_LOG_LEVEL=debug\n");
  const { values, sources } = readConfig({ RELAY_PORT: "2222", RELAY_LOG_LEVEL: "" }, join(folder, ".env"));
  expect([values.RELAY_PORT, values.RELAY_LOG_LEVEL]).toEqual([2222, "debug"]);
  expect([sources.RELAY_PORT, sources.RELAY_LOG_LEVEL, sources.RELAY_HOST]).toEqual([
    "environment",
    ".env",
    "default",
  ]);
});

test(".env is for development", () => {
  writeFileSync(join(folder, ".env"), "RELAY_PORT=1111\n");
  expect(readConfig({ NODE_ENV: "production" }, join(folder, ".env")).values.RELAY_PORT).toBe(8080);
});

describe("one message lists every problem", () => {
  test("unknown names and bad values together", () => {
    const message = problem({
      RELAY_PROT: "1",
      RELAY_PORT: "eighty",
      RELAY_ADMIN_TOKEN: "short",
      PATH: "/bin",
    });
    expect(message).toContain("RELAY_PROT is not a setting");
    expect(message).toContain("RELAY_PORT ");
    expect(message).toContain("RELAY_ADMIN_TOKEN must have at least 32 characters");
    expect(message).not.toContain("short");
    expect(message).not.toContain("PATH");
    expect(message).not.toContain("\n");
  });

  test.each([
    [{ GOODCOM_URL: "http://app.gcanyapps.com" }, "GOODCOM_URL must be https"],
    [{ RELAY_ENCRYPTION_KEY: "abc" }, "RELAY_ENCRYPTION_KEY must be 32 bytes"],
    [
      { RELAY_ENCRYPTION_KEY_PREVIOUS: "ab".repeat(32) },
      "RELAY_ENCRYPTION_KEY_PREVIOUS needs RELAY_ENCRYPTION_KEY",
    ],
    [{ RELAY_ALERT_URL: "https://alerts.example" }, "RELAY_ALERT_SECRET is missing"],
    [{ RELAY_PORT: "99999" }, "RELAY_PORT must be a whole number from 0 to 65535"],
    [{ RELAY_TRUST_PROXY: "1.5" }, "RELAY_TRUST_PROXY must be a whole number from 0 to 10"],
    [{ RELAY_WATCH_EVERY_S: "5" }, "RELAY_WATCH_EVERY_S must be 0, or a whole number from 10 to 604800"],
    [{ RELAY_ALERT_FORMAT: "teams" }, "RELAY_ALERT_FORMAT"],
    [{ RELAY_DATABASE: "mysql://localhost/relay" }, "must be the path of a SQLite file, or postgres://"],
    [{ RELAY_DATABASE: "postgres://localhost" }, "must name the database"],
    // Bugs: "the server cannot be reached", and "this is a bug".
    [{ RELAY_DATABASE: "postgres://a,b/relay?target_session_attrs=read-write" }, "must name one host"],
    [{ RELAY_DATABASE: "postgres://relay:p,w@a:5432,b:5432/relay" }, "must name one host"],
    [{ RELAY_DATABASE: "postgres:///relay?host=a,b" }, "must name one host"],
    [{ RELAY_DATABASE: "postgres://localhost/a%b" }, "each % in the name of the database written as %25"],
    [{ RELAY_PUBLIC_URL: "relay.example" }, "RELAY_PUBLIC_URL must be an http or https address"],
    [{ RELAY_PUBLIC_URL: "https://a.test/?x=1" }, "RELAY_PUBLIC_URL must be a base"],
    [{ RELAY_PUBLIC_URL: "https://a.test/#x" }, "RELAY_PUBLIC_URL must be a base"],
    [{ RELAY_PUBLIC_URL: "https://a.test//x" }, "RELAY_PUBLIC_URL must be a base"],
    [
      { RELAY_ADMIN_TOKEN: "a".repeat(32), RELAY_VIEWER_TOKEN: "a".repeat(32) },
      "RELAY_VIEWER_TOKEN must differ",
    ],
  ])("%j", (environment, expected) => {
    expect(problem(environment as Record<string, string>)).toContain(expected);
  });

  test.each(["postgres://relay:p,w@a/relay", "postgres://a/re,lay", "postgres://a/r%25?sslmode=disable"])(
    "not the address %s",
    (RELAY_DATABASE) => {
      expect(problem({ RELAY_DATABASE })).toBe("");
    },
  );
});

describe("a bound is within, one beyond it is not", () => {
  const key = "ab".repeat(32);
  const keys = (count: number) => Array.from({ length: count }, () => key).join();
  test.each([
    ["RELAY_PORT", ["0", "65535"], ["65536"]],
    ["RELAY_TRUST_PROXY", ["0", "10"], ["11"]],
    ["RELAY_RECONCILE_EVERY_S", ["0", "10", "604800"], ["9", "604801"]],
    ["RELAY_WATCH_EVERY_S", ["0", "10", "604800"], ["9", "604801"]],
    ["RELAY_ADMIN_TOKEN", ["a".repeat(32)], ["a".repeat(31)]],
    ["RELAY_ENCRYPTION_KEY_PREVIOUS", [key, keys(8)], [keys(9)]],
  ])("%s", (name, good, bad) => {
    const told = (text: string) => problem({ RELAY_ENCRYPTION_KEY: key, [name]: text });
    expect(good.map(told)).toEqual(good.map(() => ""));
    for (const text of bad) expect(told(text)).toContain(`${name} must`);
  });
});

describe("bug: what is bad only together was told at the next start, once the single values were mended", () => {
  test.each([
    [{ RELAY_ALERT_URL: "https://alerts.example" }, "RELAY_ALERT_SECRET is missing"],
    [{ RELAY_ALERT_URL: "http://alerts.example" }, "RELAY_ALERT_SECRET is missing"],
    [
      { RELAY_ADMIN_TOKEN: "a".repeat(32), RELAY_VIEWER_TOKEN: "a".repeat(32) },
      "RELAY_VIEWER_TOKEN must differ",
    ],
    [{ RELAY_ENCRYPTION_KEY_PREVIOUS: "ab".repeat(32) }, "RELAY_ENCRYPTION_KEY_PREVIOUS needs"],
  ])("%j", (environment, expected) => {
    const message = problem({
      ...(environment as Record<string, string>),
      RELAY_PORT: "abc",
      RELAY_FOO: "1",
    });
    expect(message).toContain("RELAY_FOO is not a setting");
    expect(message).toContain("RELAY_PORT must be");
    expect(message).toContain(expected);
  });

  test("what is given and bad is not called missing", () => {
    expect(problem({ RELAY_ALERT_URL: "https://alerts.example", RELAY_ALERT_SECRET: "x" })).toBe(
      "bad settings: RELAY_ALERT_SECRET must be whsec_ and 24 to 64 bytes in base64",
    );
    const previous = { RELAY_ENCRYPTION_KEY: "x", RELAY_ENCRYPTION_KEY_PREVIOUS: "ab".repeat(32) };
    expect(problem(previous)).not.toContain("PREVIOUS");
    expect(problem({ RELAY_ALERT_URL: "https://alerts.example", RELAY_ALERT_FORMAT: "teams" })).not.toContain(
      "SECRET",
    );
  });
});

describe("bug: serve named its missing token only once everything else was mended", () => {
  const open = { RELAY_HOST: "0.0.0.0" };
  const missing = "RELAY_ADMIN_TOKEN is missing: anybody could reach RELAY_HOST";

  test("it stands in serve's list, and in what is shown when something else is bad", () => {
    for (const reader of ["serve", "show"] as const) {
      const message = problem({ ...open, RELAY_FOO: "1" }, reader);
      expect(message).toContain("RELAY_FOO is not a setting");
      expect(message).toContain(missing);
    }
    expect(problem(open, "serve")).toContain(missing);
  });

  test("it is no matter of other commands, nor where there is a token or nobody else can come", () => {
    expect(problem({ ...open, RELAY_FOO: "1" })).not.toContain("RELAY_ADMIN_TOKEN");
    expect(problem(open, "show")).toBe("");
    expect(problem({ RELAY_HOST: "::1" }, "serve")).toBe("");
    expect(problem({ ...open, RELAY_ADMIN_TOKEN: "a".repeat(32) }, "serve")).toBe("");
    // One that is given is told as what it is, and who reaches a bad host nobody knows.
    expect(problem({ ...open, RELAY_ADMIN_TOKEN: "short" }, "serve")).not.toContain("missing");
    expect(problem({ RELAY_HOST: "bad host" }, "serve")).not.toContain("missing");
  });
});

test.each([" ", "0x50", "1e2", "+80", " 80", "8_0", "80.0", "٨٠", "9".repeat(400)])(
  "bug: %j was taken as a number, though nobody writes one so",
  (text) => {
    for (const name of [
      "RELAY_PORT",
      "RELAY_TRUST_PROXY",
      "RELAY_WATCH_EVERY_S",
      "RELAY_RECONCILE_EVERY_S",
    ]) {
      expect(problem({ [name]: text })).toMatch(new RegExp(`^bad settings: ${name} must be [^;]+$`));
    }
  },
);

test.each([
  ["RELAY_PUBLIC_URL", "https://relay.example.com "],
  ["RELAY_ADMIN_TOKEN", `${"t".repeat(32)} `],
  ["RELAY_VIEWER_TOKEN", `"${"v".repeat(32)}"`],
  ["RELAY_DATABASE", "'data/relay.db'"],
  ["GOODCOM_URL", " https://app.gcanyapps.com"],
])("bug: %s took %j: it led nowhere, or let nobody in", (name, text) => {
  expect(problem({ [name]: text })).toBe(
    `bad settings: ${name} must not begin or end with a space, nor stand in quotes`,
  );
});

test.each(["bad host", " ", "[::1]", "127.0.0.1:8080", "http://127.0.0.1", "*", "a..b", "-a"])(
  "bug: %j as a host was found out only by listening, in words that named no setting",
  (host) => {
    expect(problem({ RELAY_HOST: host })).toBe(
      "bad settings: RELAY_HOST must be an IP address or a host name, without brackets and without a port",
    );
  },
);

test.each(["0.0.0.0", "::", "fe80::1%eth0", "localhost", "relay_1", "relay.internal.", "10.0.0.7"])(
  "a host may be %s",
  (host) => expect(problem({ RELAY_HOST: host })).toBe(""),
);

test.each(["abc", "-1", "80.5", "65536"])(
  "bug: %j as a port came to `expected number, received NaN`",
  (text) => {
    expect(problem({ RELAY_PORT: text })).toBe(
      "bad settings: RELAY_PORT must be a whole number from 0 to 65535",
    );
  },
);

test("certificates are checked: the variable that turns this off stops the start, told with the rest", () => {
  const message = problem({ NODE_TLS_REJECT_UNAUTHORIZED: "0", RELAY_PORT: "99999" });
  expect(message).toContain("NODE_TLS_REJECT_UNAUTHORIZED=0 has no certificate checked: unset it");
  expect(message).toContain("RELAY_PORT");
  // Node itself takes "0" alone for it; a CA of one's own is as it should be.
  expect(problem({ NODE_TLS_REJECT_UNAUTHORIZED: "1", NODE_EXTRA_CA_CERTS: "/etc/ca.pem" })).toBe("");
});

test.each(["ab".repeat(32) + ",", "ab".repeat(32) + ",short", Array(9).fill("ab".repeat(32)).join()])(
  "no list of previous keys: %s",
  (previous) => {
    const env = { RELAY_ENCRYPTION_KEY: "cd".repeat(32), RELAY_ENCRYPTION_KEY_PREVIOUS: previous };
    expect(problem(env)).toMatch(/^bad settings: RELAY_ENCRYPTION_KEY_PREVIOUS must be at most 8 keys[^;]*$/);
  },
);

test("the given keys: the current one, then those of before, which are shown only as set", () => {
  const [one, two, three] = [1, 2, 3].map((n) => Buffer.alloc(32, n)) as [Buffer, Buffer, Buffer];
  const env = {
    RELAY_ENCRYPTION_KEY: one.toString("hex"),
    RELAY_ENCRYPTION_KEY_PREVIOUS: `${two.toString("base64")}, ${three.toString("hex")}`,
  };
  const config = readConfig(env, join(folder, ".env"));
  expect(givenKeys(config)).toEqual([one, two, three]);
  expect(givenKeys(readConfig({}, join(folder, ".env")))).toEqual([]);
  const shown = describeConfig(config).find(({ name }) => name === "RELAY_ENCRYPTION_KEY_PREVIOUS");
  expect(shown?.value).toBe("********");
});

test("a key is 32 bytes in hex, base64 or url-safe base64", () => {
  const bytes = Buffer.alloc(32, 0xfb);
  for (const encoding of ["hex", "base64", "base64url"] as const) {
    expect(decodeKey(bytes.toString(encoding))?.equals(bytes)).toBe(true);
  }
  expect(decodeKey(Buffer.alloc(31).toString("base64"))).toBeNull();
});

test(".env.example names every setting, and its values are the defaults", () => {
  const text = readFileSync(new URL("../.env.example", import.meta.url), "utf8");
  const example = parseEnv(text.replace(/^# ?(?=[A-Z_]+=)/gm, ""));
  expect(Object.keys(example).sort()).toEqual([...SETTING_NAMES].sort());
  const { values } = readConfig({}, join(folder, ".env"));
  for (const [name, value] of Object.entries(example)) {
    expect(`${name}=${value}`).toBe(`${name}=${String(values[name as keyof typeof values] ?? "")}`);
  }
});
