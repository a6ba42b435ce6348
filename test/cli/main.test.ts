import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

const MAIN = resolve(import.meta.dirname, "../../src/main.ts");

let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "relay-main-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

interface Running {
  child: ChildProcess;
  out(): string;
  err(): string;
  /** Resolves when stdout and stderr together hold the text. */
  says(text: string | RegExp): Promise<void>;
  code: Promise<number | null>;
}

/** A real process, in an empty folder, with nothing of this one's settings. */
function relay(argv: string[], env: Record<string, string> = {}, stdout: "pipe" | number = "pipe"): Running {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", TMPDIR: folder, ...env },
    stdio: ["pipe", stdout, "pipe"],
  });
  children.push(child);
  let out = "";
  let err = "";
  const waiting: { text: string | RegExp; told: () => void }[] = [];
  const look = (): void => {
    for (const { text, told } of waiting) {
      if (typeof text === "string" ? (out + err).includes(text) : text.test(out + err)) told();
    }
  };
  child.stdout?.on("data", (chunk: Buffer) => {
    out += chunk.toString();
    look();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    err += chunk.toString();
    look();
  });
  const code = new Promise<number | null>((done) => child.once("close", done));
  return {
    child,
    out: () => out,
    err: () => err,
    says: (text) =>
      new Promise((told, failed) => {
        waiting.push({ text, told });
        look();
        void code.then(() => failed(new Error(`ended without saying ${String(text)}: ${out}${err}`)));
      }),
    code,
  };
}

/** A disk that never has room. */
const FULL = "/dev/full";

describe("exit codes of the real process", () => {
  test("0, with nothing on stderr", async () => {
    const run = relay(["config", "--json"]);
    expect(await run.code).toBe(0);
    expect(run.err()).toBe("");
    expect(JSON.parse(run.out()).settings[0].name).toBe("RELAY_DATABASE");
  });

  test("1 for a failure and 2 for wrong usage, one line each, no stack", async () => {
    const [failed, misused] = [relay(["apply", "nowhere.yaml"]), relay(["deliveries", "lst"])];
    expect([await failed.code, failed.out(), failed.err()]).toEqual([
      1,
      "",
      "relay: cannot read nowhere.yaml: there is no such file\n",
    ]);
    expect(await misused.code).toBe(2);
    expect(misused.err()).toMatch(/^relay: unknown command 'lst'[^\n]*\n$/);
  });

  test("a reader that goes away early is no failure", async () => {
    const run = relay(["--help"]);
    run.child.stdout?.destroy();
    expect(await run.code).toBe(0);
  });

  test.skipIf(!existsSync(FULL))("what a full disk did not take of an answer is a failure", async () => {
    const [listed, helped] = [["config", "--json"], ["--help"]].map((argv) =>
      relay(argv, {}, openSync(FULL, "w")),
    );
    expect([await listed?.code, await helped?.code]).toEqual([1, 1]);
    for (const run of [listed, helped])
      expect(run?.err()).toMatch(
        /^relay: the output could not be written \(ENOSPC\): free some space [^\n]+\n$/,
      );
  });

  test("apply takes names from .env, and the ledger keeps what it was told", async () => {
    writeFileSync(join(folder, ".env"), "KITCHEN_KEY=key-of-the-kitchen\n");
    writeFileSync(join(folder, "shop.yaml"), "printers: [{ name: kitchen, api_key: '${KITCHEN_KEY}' }]\n");
    const applied = relay(["apply", "shop.yaml"]);
    expect(await applied.code).toBe(0);
    expect(applied.out()).toBe("created    printer kitchen\n");
    expect(applied.err()).toMatch(/^warning: made the key file data\/relay\.db\.key; [^\n]+\n$/);
    const again = relay(["apply", "shop.yaml"]);
    expect(await again.code).toBe(0);
    expect(again.out() + again.err()).toBe("unchanged  printer kitchen\n");
    const inProduction = relay(["apply", "shop.yaml"], { NODE_ENV: "production" });
    expect(await inProduction.code).toBe(1);
    expect(inProduction.err()).toContain("KITCHEN_KEY");
  });
});

describe("serve", () => {
  test.skipIf(!existsSync(FULL))("a log whose disk is full holds up no webhook, and no stop", async () => {
    const run = relay(["serve"], { RELAY_PORT: "0" }, openSync(FULL, "w"));
    await run.says(/listening on http:\/\/127\.0\.0\.1:\d+/);
    const [, url = ""] = /listening on (\S+);/.exec(run.err()) ?? [];
    for (const path of ["/webhooks/shopline/nobody", "/webhooks/shopline/nobody"])
      expect((await fetch(url + path, { method: "POST", body: "{}" })).status).toBe(404);
    run.child.kill("SIGTERM");
    expect(await run.code).toBe(0);
  });

  test("nobody who reads its words any more does not keep it from an orderly stop", async () => {
    const run = relay(["serve"], { RELAY_PORT: "0" });
    await run.says(/token of this run is \S{32}/);
    run.child.stdout?.destroy();
    run.child.stderr?.destroy();
    run.child.kill("SIGTERM");
    expect(await new Promise((ended) => run.child.once("exit", ended))).toBe(0);
  });

  test("tells address and made token on stderr, and drains at SIGTERM with exit 0", async () => {
    const run = relay(["serve"], { RELAY_PORT: "0" });
    await run.says(/listening on http:\/\/127\.0\.0\.1:\d+/);
    await run.says(/token of this run is \S{32}/);
    const [, url = ""] = /listening on (\S+);/.exec(run.err()) ?? [];
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    run.child.kill("SIGTERM");
    expect(await run.code).toBe(0);
    expect(run.err()).toContain("relay: stopping; once more stops at once\n");
    // Logs are JSON lines, and nothing else is on stdout; the token is in none of them.
    const [, token = "-"] = /token of this run is (\S+)/.exec(run.err()) ?? [];
    for (const line of run.out().trim().split("\n")) expect(line).toMatch(/^\{"level":.*\}$/);
    expect(run.out()).not.toContain(token);
  });

  test("bug: when its terminal was closed (SIGHUP) it ended in the middle of a slip", async () => {
    const run = relay(["serve"], { RELAY_PORT: "0" });
    await run.says("service.started");
    run.child.kill("SIGHUP");
    expect(await run.code).toBe(0);
    expect(run.out()).toContain('"event":"service.stopped","drained":true');
  });

  test("started so that others may look into its memory, it says so once, and how to close it", async () => {
    const run = relay(["serve"], { RELAY_PORT: "0", NODE_OPTIONS: "--heapsnapshot-signal=SIGUSR2" });
    await run.says("service.started");
    run.child.kill("SIGTERM");
    expect(await run.code).toBe(0);
    const lines = run.out().trim().split("\n");
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const exposed = told.filter(({ event }) => event === "service.exposed");
    expect(exposed).toHaveLength(1);
    // pino's level for a warning.
    expect(exposed[0]).toMatchObject({ level: 40, detail: expect.stringContaining("--heapsnapshot-signal") });
  });

  test("no report that node writes of it holds its environment", async () => {
    const run = relay(["serve"], {
      ...{ RELAY_PORT: "0", RELAY_ADMIN_TOKEN: "MARKED-admin-token-of-a-report-0123456789" },
      NODE_OPTIONS: "--report-on-signal --report-signal=SIGUSR2",
    });
    await run.says("service.started");
    run.child.kill("SIGUSR2");
    await run.says("Node.js report completed");
    run.child.kill("SIGTERM");
    await run.code;
    const [report = ""] = readdirSync(folder).filter((name) => name.startsWith("report."));
    const text = readFileSync(join(folder, report), "utf8");
    expect(text).toContain("javascriptStack");
    expect((JSON.parse(text) as { workers: unknown[] }).workers.length).toBeGreaterThan(0);
    expect(text.includes("MARKED")).toBe(false);
  });

  test("bug: of a port that is taken serve advised --port, which it does not know", async () => {
    const first = relay(["serve"], { RELAY_PORT: "0" });
    await first.says("listening on");
    const [, port = ""] = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(first.err()) ?? [];
    const second = relay(["serve"], { RELAY_PORT: port, RELAY_DATABASE: "other.db" });
    expect(await second.code).toBe(1);
    expect(second.err()).toMatch(
      /^relay: [^\n]*EADDRINUSE[^\n]*; stop what holds the port, or take another with RELAY_PORT\n$/,
    );
  });

  test("bug: of a host that leads nowhere serve told the resolver's words, which name no setting", async () => {
    const run = relay(["serve"], {
      ...{ RELAY_PORT: "0", RELAY_HOST: "nowhere.invalid", RELAY_ADMIN_TOKEN: "t".repeat(32) },
    });
    expect(await run.code).toBe(1);
    expect(run.err()).toMatch(
      /^relay: bad settings: RELAY_HOST is nowhere\.invalid, which leads to no address[^\n]*\n$/,
    );
  });

  test("a second service on the same ledger is refused in one line", async () => {
    const first = relay(["serve"], { RELAY_PORT: "0" });
    await first.says("listening on");
    const second = relay(["serve"], { RELAY_PORT: "0" });
    expect(await second.code).toBe(1);
    expect(second.err()).toMatch(/^relay: [^\n]+\n$/);
    first.child.kill("SIGINT");
    expect(await first.code).toBe(0);
  });
});

describe("demo", () => {
  const holder = createServer();
  let busyPort = "";
  beforeAll(async () => {
    await new Promise<void>((listening) => holder.listen(0, "127.0.0.1", listening));
    busyPort = String((holder.address() as AddressInfo).port);
  });
  afterAll(() => holder.close());

  test("--once prints three slips and leaves nothing behind, whatever the user's settings", async () => {
    writeFileSync(join(folder, ".env"), "RELAY_DATABASE=/nonexistent/mine.db\nRELAY_TYPO=1\n");
    const run = relay(["demo", "--once"], {
      RELAY_PORT: busyPort,
      RELAY_DATABASE: "/nonexistent/mine.db",
    });
    expect(await run.code, run.err() + run.out()).toBe(0);
    const lines = run.out().split("\n");
    expect(lines.filter((line) => line.includes("pending → accepted → printed"))).toHaveLength(3);
    expect(lines.filter((line) => line.includes("verifying → pending → accepted → printed"))).toHaveLength(1);
    expect(lines.filter((line) => /┌─+┐/.test(line))).toHaveLength(3);
    expect(run.out()).toContain("3 of 3 slips printed and confirmed.");
    expect(run.out()).not.toContain(`127.0.0.1:${busyPort}\n`);
    expect(run.err()).toBe("");
    // No log line between the words.
    expect(run.out()).not.toContain('{"level"');
    expect(readdirSync(folder)).toEqual([".env"]);
  }, 60_000);

  test("bug: a reader that had gone away left its folder behind", async () => {
    const run = relay(["demo", "--once"], { RELAY_PORT: "0" });
    await run.says("gone when it ends");
    run.child.stdout?.destroy();
    expect(await run.code).toBe(0);
    expect(readdirSync(folder).filter((name) => name.startsWith("goodcom"))).toEqual([]);
  });

  test("stays until Ctrl-C; the dashboard's address and token are true", async () => {
    const run = relay(["demo"], { RELAY_PORT: busyPort });
    await run.says("Ctrl-C stops");
    const [, url = ""] = /dashboard +(\S+)\//.exec(run.out()) ?? [];
    const [, token = ""] = /sign-in token +(\S+)/.exec(run.out()) ?? [];
    const answer = await fetch(`${url}/api/v1/deliveries`, { headers: { authorization: `Bearer ${token}` } });
    const { items } = (await answer.json()) as { items: { state: string }[] };
    expect(items.map((item) => item.state)).toEqual(["printed", "printed", "printed"]);
    const [, log = ""] = /log +(\S+)/.exec(run.out()) ?? [];
    expect(existsSync(log)).toBe(true);
    run.child.kill("SIGINT");
    expect(await run.code).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  }, 60_000);
});
