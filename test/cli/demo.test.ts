import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openKit, startService } from "../../src/app.ts";
import { run } from "../../src/cli/run.ts";
import type { Clock } from "../../src/core/time.ts";
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
function fastClock(times: number): Clock {
  const start = systemClock.now();
  return {
    now: () => start + (systemClock.now() - start) * times,
    after: (delayMs, task) => systemClock.after(delayMs / times, task),
  };
}

test("--once is exit 1 with the reasons when the cloud is away, after 45 s, and nothing is left behind", async () => {
  const { cli, out, err } = fakeCli({ env: { RELAY_PORT: busyPort } });
  const clock = fastClock(40);
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
    /^relay: not printed: noodle-bar: pending, [^\n]*ECONNREFUSED[^\n]*; bakery: [^\n]*; tee-shop: [^\n]*\n$/,
  );
  expect(clock.now() - startedAt).toBeGreaterThanOrEqual(45_000);
  expect(readdirSync(folder)).toEqual([]);
});
