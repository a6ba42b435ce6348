import { randomInt } from "node:crypto";
import Database from "better-sqlite3";
import { rmSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { until } from "../e2e/process.ts";
import { diskLibrary } from "../fakes/disk/disk.ts";
import { allPoints, runCycles } from "./kill/cycles.ts";
import { SEED_MAX } from "./kill/draw.ts";
import type { Point } from "./kill/points.ts";
import { writeResult } from "./kill/result.ts";
import { merged } from "./kill/tally.ts";

/** `npm run test:faults` sets it; FAULTS_SEED repeats a run's points and delays. */
const ON_DEMAND = process.env.FAULTS_CYCLES;
const CYCLES = Number(ON_DEMAND ?? 50);
const SEED = Number(process.env.FAULTS_SEED ?? randomInt(SEED_MAX));
/** Relays, each with its own ledger, stores and cloud, killed beside each other: a start takes one core. */
const LANES = 2;
const CYCLE_MS_MAX = 8_000;
const SETTLE_MS_MAX = 120_000;

const chosen =
  diskLibrary() === null ? "at random (no C compiler: not at chosen points)" : "at chosen points";

test(
  `killed (-9) ${CYCLES} times ${chosen}: every promise is kept (FAULTS_SEED=${SEED})`,
  { timeout: CYCLES * CYCLE_MS_MAX + SETTLE_MS_MAX },
  async () => {
    if (process.env.CI === "true")
      expect(diskLibrary(), "a C compiler is needed: install gcc").not.toBeNull();
    process.stdout.write(`kill harness: FAULTS_CYCLES=${CYCLES} FAULTS_SEED=${SEED}\n`);
    const startedAt = Date.now();
    const points = allPoints();
    const lanes = Array.from({ length: LANES }, (_, lane) =>
      runCycles({ seed: SEED + lane, cycles: Math.floor((CYCLES + lane) / LANES), points }),
    );
    const outcome = merged(SEED, await Promise.all(lanes));
    if (ON_DEMAND !== undefined) writeResult(outcome, Date.now() - startedAt);
    expect(outcome.broken, `FAULTS_SEED=${SEED}`).toEqual([]);
    expect(outcome.cycles).toBe(CYCLES);
    const tallies = [...outcome.points.values()];
    // A harness that meets nothing proves nothing.
    if (CYCLES >= points.length * LANES * 2)
      for (const { kills } of tallies) expect(kills).toBeGreaterThan(0);
    expect(tallies.reduce((sum, { answered }) => sum + answered, 0)).toBeGreaterThan(CYCLES);
  },
);

describe("the harness notices", { timeout: 60_000 }, () => {
  const brokenBy = async (point: Point): Promise<string[]> =>
    (await runCycles({ seed: SEED, cycles: 1, points: [point] })).broken;
  const LOAD = { webhooks: 10, connections: 2, only_new: true };

  test("a log that was deleted between two lives: answered webhooks are gone", async () => {
    const broken = await brokenBy({
      name: "and its log deleted",
      async live({ shop, driver, ...stage }) {
        await stage.open();
        await driver.load(LOAD);
        await shop.relay.stop("SIGKILL");
        rmSync(`${shop.env.RELAY_DATABASE!}-wal`);
        return true;
      },
    });
    expect(broken.filter((line) => line.includes("is not stored")).length).toBeGreaterThanOrEqual(10);
  });

  test("a ledger that forgot that it had sent: a second slip without its mark", async () => {
    const broken = await brokenBy({
      name: "and its memory of sending deleted",
      async live({ shop, driver, paper, ...stage }) {
        await stage.open();
        await driver.load(LOAD);
        await until(() => paper.slips.length === LOAD.webhooks && paper.quiet());
        await shop.relay.stop("SIGKILL");
        const ledger = new Database(shop.env.RELAY_DATABASE);
        ledger.exec("UPDATE deliveries SET state = 'pending', next_attempt_at = 0, may_be_repeat = 0");
        ledger.close();
        return true;
      },
    });
    expect(broken.filter((line) => line.includes("without MAY BE A REPEAT"))).toHaveLength(LOAD.webhooks);
  });
});
