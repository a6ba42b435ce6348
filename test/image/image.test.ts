import { once } from "node:events";
import { basename } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGoodcomSimulator, type GoodcomSimulator } from "../../src/goodcom/simulator/simulator.ts";
import { sampleWebhook } from "../../src/platforms/sample.ts";
import { systemClock } from "../../src/system.ts";
import { freePort, until } from "../e2e/process.ts";
import { manifestAt } from "../supply/lock.ts";
import { openImage, type Image } from "./image.ts";
import { whyNot } from "./namespace.ts";

/**
 * Not even CI must have root, so its absence fails nothing, unlike a missing Chromium; the Dockerfile itself is read
 * everywhere (dockerfile.test.ts).
 */
const REASON = whyNot();
if (REASON !== null) process.stderr.write(`the tests in the image are skipped: ${REASON}\n`);

const TOKEN = "admin-token-for-the-tests-in-the-image";
const SECRET = "app-secret-for-the-tests-in-the-image";
const SETTINGS = `
printers: [{ name: kitchen, api_key: key-of-the-image, secret_key: secret-of-the-image }]
stores: [{ name: noodle-bar, platform: shopline, printer: kitchen, secrets: ["${SECRET}"] }]
`;

describe.skipIf(REASON !== null)("the image (needs root, and Linux with glibc)", { timeout: 60_000 }, () => {
  let image: Image;
  let cloud: GoodcomSimulator;
  let close = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    image = await openImage();
    close = () => image.close();
    const sign = { algorithm: "md5", template: "{api_key}{cur_time}{secret_key}", case: "lower" } as const;
    cloud = createGoodcomSimulator({
      clock: systemClock,
      confirm_after_ms: 20,
      check: { api_keys: { "key-of-the-image": { secret_key: "secret-of-the-image", sign } } },
    });
  }, 120_000);
  afterAll(async () => {
    await close();
    await (cloud as GoodcomSimulator | undefined)?.close();
  });

  const find = (what: string): string[] =>
    image.namespace
      .sh(`cd ${image.root} && find . ${what}`)
      .split("\n")
      .filter((line) => line !== "" && !/^\.\/(proc|dev)(\/|$)/.test(line));

  test("holds node, its libraries and the relay, and nothing else that runs", () => {
    const runs = find("-type f -perm /111 -printf '%f\\n'").sort();
    expect(runs.filter((name) => !/^(ld-linux-|libc\.so)/.test(name))).toEqual(["node", "relay"]);
    const libraries = find("-name '*.so*' -printf '%f\\n'").map((name) => name.replace(/\.so.*$/, ""));
    expect([...new Set(libraries)].sort()).toEqual(
      expect.arrayContaining(["libc", "libgcc_s", "libm", "libstdc++"]),
    );
    expect(libraries.length).toBeLessThan(10);
    expect(
      find("-maxdepth 1 -mindepth 1")
        .map((path) => basename(path))
        .sort(),
    ).toEqual(["app", "data", "etc", "lib", ...(process.arch === "x64" ? ["lib64"] : []), "tmp", "usr"]);
    expect(
      find("-path ./app -prune -o -type f -print | sort").filter((path) => !path.includes("/lib")),
    ).toEqual([
      "./etc/group",
      "./etc/nsswitch.conf",
      "./etc/passwd",
      "./usr/local/bin/node",
      "./usr/local/bin/relay",
    ]);
  });

  test("holds no development package, no test, no settings, no other machine's binary, no source of SQLite", () => {
    const packages = find("-path './app/node_modules/*' -name package.json -path '*/typescript/*'");
    expect(packages).toEqual([]);
    expect(
      find("-name '.env*' -o -name '*.db*' -o -name '*.key' -o -name .npmrc -o -name '*.test.ts'"),
    ).toEqual([]);
    expect(find("-name '*.node' -printf '%f\\n'")).toEqual([`linux-${process.arch}.node`]);
    expect(find("-name '*.c' -path '*better-sqlite3*'")).toEqual([]);
  });

  test("whoever it runs as may write to its volume and /tmp alone, and become nobody else", () => {
    expect(find("! -uid 0 -printf '%p %u:%m\\n'")).toEqual([expect.stringMatching(/^\.\/data \S+:700$/)]);
    expect(find("! -type l -perm /022")).toEqual(["./tmp"]);
    expect(find("-perm /6000")).toEqual([]);
  });

  test("no shell is there to be run, and no capability to be used", async () => {
    for (const name of ["sh", "/bin/sh", "npm", "corepack", "apt-get"]) {
      expect((await image.run([name, "--version"])).stderr, name).toContain("No such file or directory");
    }
    const told = await image.run([
      "node",
      "-p",
      "const s = fs.readFileSync('/proc/self/status', 'utf8'); JSON.stringify([process.getuid(), process.getgid(), /CapEff:\\s*(\\S+)/.exec(s)[1], /NoNewPrivs:\\s*(\\S+)/.exec(s)[1], process.cwd()])",
    ]);
    expect(JSON.parse(told.stdout)).toEqual([1000, 1000, "0000000000000000", "1", "/app"]);
  });

  test("`relay` works by its name, and finds all that it needs compiled, for this user", async () => {
    const { code, stdout, stderr } = await image.run(["relay", "--version"], {
      NODE_DEBUG_NATIVE: "COMPILE_CACHE",
    });
    expect(code).toBe(0);
    expect(stdout).toContain(manifestAt("").version);
    const reads = `${stdout}${stderr}`.split("\n").filter((line) => line.includes("reading cache from"));
    expect(reads.length).toBeGreaterThan(50);
    expect(reads.filter((line) => line.includes("no such file") || line.includes("mismatch"))).toEqual([]);
  });

  test("takes a signed webhook, prints it, says that it is well, and drains", async () => {
    const env = {
      RELAY_PORT: String(await freePort()),
      RELAY_ADMIN_TOKEN: TOKEN,
      GOODCOM_URL: await cloud.listen(),
    };
    image.namespace.sh(`printf %s "$SETTINGS" > /mnt/running/data/stores.yaml`, { SETTINGS });
    expect(await image.run(["relay", "apply", "/data/stores.yaml"], env)).toMatchObject({ code: 0 });
    expect((await image.run(image.healthcheck, env)).code).toBe(1);
    const { child, told } = image.start(image.command, env);
    const said = (): string => told.stdout + told.stderr;
    await until(() => said().includes("listening on"));
    const sample = sampleWebhook("shopline", {
      ...{ now: systemClock.now(), store: "noodle-bar", secret: SECRET },
      ...{ order_id: "1001", order_name: "#1001" },
    });
    const answer = await fetch(`http://127.0.0.1:${env.RELAY_PORT}${sample.path}`, {
      ...{ method: "POST", headers: sample.headers, body: new Uint8Array(sample.body) },
    });
    expect(answer.status).toBe(200);
    await until(async () => {
      const { stdout } = await image.run(["relay", "deliveries", "list", "--json"], env);
      const { items } = JSON.parse(stdout) as { items: { order_id: string; state: string }[] };
      return items.some(({ order_id, state }) => order_id === "1001" && state === "printed");
    });
    expect((await image.run(image.healthcheck, env)).code).toBe(0);
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
    expect([child.exitCode, child.signalCode]).toEqual([0, null]);
    expect(said()).toContain('"drained":true');
    expect(said()).not.toContain("service.exposed");
    const modes = image.namespace.sh(
      "cd /mnt/running/data && find . -type f ! -name stores.yaml -printf '%m %u %f\\n'",
    );
    for (const line of modes.trim().split("\n")) expect(line).toMatch(/^600 /);
  });

  test("says what to do where its volume cannot be written", async () => {
    const env = { RELAY_ADMIN_TOKEN: TOKEN, RELAY_DATABASE: "/app/relay.db" };
    const { code, stderr } = await image.run(image.command, env);
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toMatch(/^relay: /);
  });
});
