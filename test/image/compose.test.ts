import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { SETTING_NAMES } from "../../src/config/schema.ts";
import { readConfig } from "../../src/config.ts";
import { PLATFORM_NAMES } from "../../src/core/cancellation.ts";
import { ROOT } from "../supply/lock.ts";

interface Service {
  image?: string;
  build?: string;
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  ulimits?: { core?: number };
  pids_limit?: number;
  mem_limit?: string;
  ports?: string[];
  volumes?: string[];
  networks?: string[];
  environment?: Record<string, string | number>;
}
interface Compose {
  services: Record<string, Service>;
  networks?: Record<string, { internal?: boolean } | null>;
}

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const compose = (file: string): Compose => parse(read(file), { merge: true }) as Compose;
const FILES = ["compose.yaml", "compose.postgres.yaml"];
/** Where it listens and where its ledger is: what .env says of that is meant for a relay outside of any container. */
const OF_THE_IMAGE: readonly string[] = ["RELAY_HOST", "RELAY_PORT", "RELAY_DATABASE"];
/** Read by node, and by what makes traces. */
const BESIDE_SETTINGS = ["NODE_EXTRA_CA_CERTS", "OTEL_EXPORTER_OTLP_HEADERS"];
const relaysOf = ({ services }: Compose): Service[] =>
  Object.values(services).filter(({ build }) => build !== undefined);
/** As docker compose has it with the given variables. @throws at one that is missing */
function filledIn(text: string, given: Record<string, string>): string {
  return text.replace(/\$\{(\w+)(:[-?])([^}]*)\}/g, (_whole, name: string, how: string, rest: string) => {
    const value = given[name] ?? (how === ":-" ? rest : undefined);
    if (value === undefined) throw new Error(`${name}: ${rest}`);
    return value;
  });
}

describe.each(FILES)("%s", (file) => {
  const { services } = compose(file);

  test("bug: the relay's own command line takes the .env that the file asks for", () => {
    const asked = Array.from(read(file).matchAll(/\$\{(\w+):\?/g), ([, name = ""]) => name);
    expect(asked).toContain("RELAY_ADMIN_TOKEN");
    const folder = mkdtempSync(join(tmpdir(), "relay-compose-"));
    const env = join(folder, ".env");
    // Such as all of them take: an address, a token, a key, a password.
    const values = asked.map(
      (name) => `${name}=${name.endsWith("_URL") ? "https://relay.example" : "0".repeat(64)}`,
    );
    writeFileSync(env, values.join("\n"));
    expect(() => readConfig({}, env)).not.toThrow();
    rmSync(folder, { recursive: true });
  });

  test("every name is a setting, or one that node or the traces go by", () => {
    const names = relaysOf(compose(file)).flatMap(({ environment = {} }) => Object.keys(environment));
    expect(names.length).toBeGreaterThan(0);
    const known: readonly string[] = [...SETTING_NAMES, ...BESIDE_SETTINGS];
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
  });

  test("bug: every setting of .env reaches each relay", () => {
    for (const { environment = {} } of relaysOf(compose(file))) {
      const passed = Object.entries(environment).filter(([name, text]) =>
        new RegExp(`^\\$\\{${name}:[-?]`).test(String(text)),
      );
      const wanted = [...SETTING_NAMES.filter((name) => !OF_THE_IMAGE.includes(name)), ...BESIDE_SETTINGS];
      expect(passed.map(([name]) => name).sort()).toEqual(wanted.sort());
    }
  });

  test.each(Object.keys(services))("%s can do no more than it must", (name) => {
    expect(services[name]).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      ulimits: { core: 0 },
      pids_limit: expect.any(Number) as number,
      mem_limit: expect.any(String) as string,
    });
    // Ours says itself who it runs as; of the others' images it is said here.
    if (services[name]?.build === undefined) expect(services[name]?.user).toMatch(/^(?!root$|0)/);
  });

  test("what is mounted from here is there, and cannot be written", () => {
    const mounts = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.filter((one) => one.startsWith("./")),
    );
    for (const mount of mounts) {
      const [from = "", , mode] = mount.split(":");
      expect(existsSync(join(ROOT, from))).toBe(true);
      expect(mode).toBe("ro");
    }
  });

  test("no other machine reaches a port, for the https is still to come", () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports).toEqual(["127.0.0.1:8080:8080"]);
  });
});

describe("two relays on PostgreSQL", () => {
  const file = compose("compose.postgres.yaml");
  const [first, second, ...others] = relaysOf(file);
  const GIVEN = {
    LEDGER_PASSWORD: "5e0b",
    RELAY_PUBLIC_URL: "https://relay.example",
    RELAY_ADMIN_TOKEN: "a".repeat(44),
    RELAY_ENCRYPTION_KEY: "0".repeat(64),
  };

  test("have the same settings, the key among them", () => {
    expect(others).toEqual([]);
    expect(first?.environment?.RELAY_ENCRYPTION_KEY).toMatch(/^\$\{RELAY_ENCRYPTION_KEY:\?/);
    expect(second).toEqual(first);
  });

  test("can start with what the file asks for, and with nothing less", () => {
    const settings = (given: Record<string, string>): Record<string, string> =>
      Object.fromEntries(
        Object.entries(first?.environment ?? {}).map(([name, text]) => [name, filledIn(String(text), given)]),
      );
    const { values } = readConfig({ NODE_ENV: "production", ...settings(GIVEN) });
    expect(values.RELAY_DATABASE).toBe("postgres://relay:5e0b@postgres:5432/relay");
    // The balancer and the proxy with https in front of it.
    expect(values.RELAY_TRUST_PROXY).toBe(2);
    for (const name of Object.keys(GIVEN))
      expect(() => settings({ ...GIVEN, [name]: undefined! })).toThrow(name);
  });

  test("alone reach PostgreSQL, whose superuser's password they do not have", () => {
    const { postgres, balancer } = file.services;
    expect(file.networks?.inside).toEqual({ internal: true });
    expect(postgres?.networks).toEqual(["inside"]);
    expect(postgres?.ports).toBeUndefined();
    expect(balancer?.networks).not.toContain("inside");
    expect(first?.environment).not.toHaveProperty("POSTGRES_PASSWORD");
  });
});

describe("the balancer", () => {
  const text = read("deploy/haproxy.cfg");

  test("has both relays, and asks each whether its ledger can store", () => {
    const servers = [...text.matchAll(/^ {4}server (\S+) (\S+)$/gm)].map(([, name, address]) => [
      name,
      address,
    ]);
    expect(servers).toEqual([
      ["relay-1", "relay-1:8080"],
      ["relay-2", "relay-2:8080"],
    ]);
    expect(text).toMatch(/http-check send meth GET uri \/readyz /);
  });

  test("logs no path: tokens stand in some", () => {
    expect(text).not.toMatch(/option (http|tcp)log|%(HP|HU|HPO|HQ|r|\[path|\[url|\[capture)/);
  });

  test.each([
    ["/webhooks/shopline/noodle-bar", true],
    ["/webhooks/fastpod/tee-shop/a-token", true],
    // bug: a RELAY_PUBLIC_URL with a path that the proxy in front leaves on.
    ["/relay/webhooks/shoplazza/corner-shop", true],
    // bug: a printer's word was lost with the relay that was hearing it, and a slip that had printed was alerted about.
    ["/callbacks/goodcom/01KAV3T0M8Q4ZC9XW2N7R5HJ6B/a-token", true],
    ["/api/v1/webhooks/01KAV3T0M8Q4ZC9XW2N7R5HJ6B/replay", false],
    ["/webhooks/01KAV3T0M8Q4ZC9XW2N7R5HJ6B/replay", false],
    ["/api/v1/deliveries/01KAV3T0M8Q4ZC9XW2N7R5HJ6B/reprint", false],
  ])("asks another relay for what is posted by stores and the cloud alone: %s, %s", (path, isAskedAgain) => {
    const [, pattern = ""] =
      /^ {4}http-request disable-l7-retry unless METH_GET or \{ path_reg (\S+) \}$/m.exec(text) ?? [];
    expect(new RegExp(pattern || "never").test(path)).toBe(isAskedAgain);
    for (const platform of PLATFORM_NAMES) expect(pattern).toContain(platform);
  });

  test("says what a relay says when none can store", () => {
    const [, body = ""] = /http-error status 503 .* string '(.*)' hdr Retry-After 5$/m.exec(text) ?? [];
    expect(JSON.parse(body)).toMatchObject({
      type: "urn:goodcom-relay:problem:ledger_unavailable",
      status: 503,
    });
  });
});

const HAPROXY = spawnSync("haproxy", ["-v"]).error === undefined;
if (!HAPROXY)
  process.stderr.write("haproxy was not found (apt-get install haproxy): its own check is skipped\n");

test.skipIf(!HAPROXY)("haproxy takes its configuration", () => {
  const { status, stderr } = spawnSync("haproxy", ["-c", "-f", "deploy/haproxy.cfg"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  // The names of the relays are known inside the containers alone.
  const said = stderr.split("\n").filter((line) => /ALERT|WARNING/.test(line) && !line.includes("resolve"));
  expect({ status, said }).toEqual({ status: 0, said: [] });
});
