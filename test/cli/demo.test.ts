import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startService } from "../../src/app.ts";
import { openKit } from "../../src/kit.ts";
import { run } from "../../src/cli/run.ts";
import { RelayError } from "../../src/core/errors.ts";
import type { MachineClock } from "../../src/core/time.ts";
import { textWidth } from "../../src/slip/width.ts";
import { systemClock } from "../../src/system.ts";
import { fakeCli } from "./fake-cli.ts";

let folder: string;
const holder = createServer();
let busyPort = "";
beforeAll(async () => {
  await new Promise<void>((listening) => holder.listen(0, "127.0.0.1", listening));
  busyPort = String((holder.address() as AddressInfo).port);
});
afterAll(() => holder.close());

const usualTmp = process.env.TMPDIR;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "relay-demo-"));
  process.env.TMPDIR = folder;
});
afterEach(() => {
  if (usualTmp === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usualTmp;
  rmSync(folder, { recursive: true });
});

/** Time that runs `times` as fast as the machine's. */
function fastClock(times: number): MachineClock {
  const start = systemClock.now();
  return {
    now: () => start + (systemClock.now() - start) * times,
    elapsed: () => systemClock.elapsed() * times,
    after: (delayMs, task) => systemClock.after(delayMs / times, task),
  };
}

test("--once is exit 1 with the reasons when the cloud is away, after 45 s, and nothing is left behind", async () => {
  const { cli, out, err } = fakeCli({ env: { RELAY_PORT: busyPort } });
  // No quicker: on a busy machine 45 s of it must do for a first attempt.
  const clock = fastClock(10);
  const startedAt = clock.now();
  const code = await run(["demo", "--once"], {
    ...cli,
    clock,
    openKit,
    // A cloud that nobody listens for.
    startService: (config, overrides) =>
      startService({ ...config, values: { ...config.values, GOODCOM_URL: "http://127.0.0.1:9" } }, overrides),
  });
  expect(code).toBe(1);
  expect(out()).toContain("0 of 3 slips printed and confirmed.");
  expect(err()).toMatch(
    /^relay: not printed: noodle-bar: (?:pending|sending), [^\n]*ECONNREFUSED[^\n]*; bakery: [^\n]*; tee-shop: [^\n]*\n$/,
  );
  expect(clock.now() - startedAt).toBeGreaterThanOrEqual(45_000);
  expect(readdirSync(folder)).toEqual([]);
}, 60_000);

test("bug: demo prints and had no --json", async () => {
  const { cli, out, err } = fakeCli({ env: { RELAY_PORT: busyPort } });
  const parts = { clock: fastClock(3), openKit, startService };
  expect([await run(["demo", "--once", "--json"], { ...cli, ...parts }), err()]).toEqual([0, ""]);
  const [places, outcome, ...rest] = out()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rest).toEqual([]);
  expect(places).toEqual({
    dashboard: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/) as string,
    sign_in_token: expect.stringMatching(/^[\w-]{32,}$/) as string,
    printer_cloud: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/) as string,
    log: expect.stringContaining("relay.log") as string,
  });
  expect(outcome).toMatchObject({
    failed: [],
    deliveries: [
      { store: "tee-shop", state: "printed" },
      { store: "bakery", state: "printed" },
      { store: "noodle-bar", state: "printed" },
    ],
  });
}, 60_000);

test.each([
  ["demo --once", 1, "relay: stopped before all slips were printed\n"],
  ["demo", 0, ""],
])(
  "bug: %j that was stopped before its slips were printed ended as if they had been",
  async (words, code, said) => {
    const { cli, err, signal } = fakeCli({ env: { RELAY_PORT: busyPort } });
    const started = run(words.split(" "), {
      ...{ ...cli, openKit },
      async startService(config, overrides) {
        const service = await startService(config, overrides);
        signal();
        return service;
      },
    });
    expect([await started, err()]).toEqual([code, said]);
    expect(readdirSync(folder)).toEqual([]);
  },
  60_000,
);

describe("--two-way", () => {
  const play = async (start: typeof startService) => {
    const { cli, out, err } = fakeCli({ env: { RELAY_PORT: busyPort }, columns: 80 });
    const code = await run(["demo", "--two-way", "--once"], {
      ...{ ...cli, clock: fastClock(3), openKit, startService: start },
    });
    return { code, out: stripVTControlCharacters(out()), err: err() };
  };

  test("is told in five steps within 80 columns, and is exit 0 when all of them went well", async () => {
    const { code, out, err } = await play(startService);
    expect([code, err], out).toEqual([0, ""]);
    const lines = out.split("\n");
    const those = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;
    expect(those(/^ {3}(noodle-bar|bakery|tee-shop) +created: http:\S+\/webhooks\/\S+$/)).toBe(3);
    expect(those(/ webhook: .*pending → accepted → printed$/)).toBe(3);
    expect(those(/^ {3}tee-shop .* webhook: verifying → pending → accepted → printed$/)).toBe(1);
    expect(those(/^ {3}noodle-bar .* cancelled: pending → accepted → printed$/)).toBe(1);
    expect(out).toContain("the store's own webhook followed: a duplicate, not printed again");
    expect(out).toContain("reconcile: 2 cancelled orders listed, 1 known, 1 found");
    expect(those(/^ {3}bakery .* found: pending → accepted → printed$/)).toBe(1);
    expect(out).toContain("watch: the subscription was gone, and is there again");
    expect(out).toContain("Reason: Out of noodles until");
    expect(out).toContain("Reason: Oven out of order");
    expect(out).toContain("5 of 5 slips printed and confirmed; all five steps went well.");
    const told = lines.slice(lines.findIndex((line) => line.startsWith("1  ")));
    expect(told.filter((line) => textWidth(line) > 80)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  }, 60_000);

  test("is exit 1 with all that did not happen when no store can be subscribed", async () => {
    const { code, out, err } = await play(async (config, overrides) => {
      const service = await startService(config, overrides);
      const subscribe = (store: string) =>
        Promise.reject(new RelayError("conflict", `store ${store} cannot be subscribed: a test`));
      return { ...service, relay: { ...service.relay, subscribe } };
    });
    expect(code).toBe(1);
    expect(out).toContain("failed: store noodle-bar cannot be subscribed: a test");
    expect(out).not.toContain("all five steps went well");
    expect(err).toMatch(
      /^relay: did not happen: store noodle-bar cannot [^\n]*; noodle-bar: its webhook did not arrive; bakery: [^\n]*; tee-shop: it has 0 subscriptions\n$/,
    );
    expect(readdirSync(folder)).toEqual([]);
  }, 60_000);
});
