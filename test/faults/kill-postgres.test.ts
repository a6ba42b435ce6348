import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { POSTGRES, startPostgres, type PostgresServer } from "../fakes/postgres.ts";
import { onDatabase } from "../postgres/service.ts";
import { runCycles } from "./kill/cycles.ts";
import { SEED_MAX } from "./kill/draw.ts";
import { RANDOM_POINTS } from "./kill/points.ts";
import { writeResult } from "./kill/result.ts";
import { WIRE_POINTS } from "./kill/wire-points.ts";

/** As in kill.test.ts, whose promises, stores and cloud these are. */
const ON_DEMAND = process.env.FAULTS_CYCLES;
const CYCLES = Number(ON_DEMAND ?? 6);
const SEED = Number(process.env.FAULTS_SEED ?? randomInt(SEED_MAX));
const CYCLE_MS_MAX = 12_000;
const SETTLE_MS_MAX = 120_000;
const POINTS = [...RANDOM_POINTS, ...WIRE_POINTS];

describe.skipIf(POSTGRES === null)("a relay on PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());

  test(
    `killed (-9) ${CYCLES} times: every promise is kept (FAULTS_SEED=${SEED})`,
    { timeout: CYCLES * CYCLE_MS_MAX + SETTLE_MS_MAX },
    async () => {
      process.stdout.write(`kill harness, PostgreSQL: FAULTS_CYCLES=${CYCLES} FAULTS_SEED=${SEED}\n`);
      const startedAt = Date.now();
      const outcome = await runCycles({ seed: SEED, cycles: CYCLES, points: POINTS, server });
      if (ON_DEMAND !== undefined) {
        const [told] = await server.command("SHOW server_version");
        const database = `PostgreSQL ${String(told?.server_version)}`;
        writeResult(outcome, Date.now() - startedAt, { file: "kill-postgres.txt", database });
      }
      expect(outcome.broken, `FAULTS_SEED=${SEED}`).toEqual([]);
      expect(outcome.cycles).toBe(CYCLES);
      const tallies = [...outcome.points.values()];
      if (CYCLES >= POINTS.length * 3) for (const { kills } of tallies) expect(kills).toBeGreaterThan(0);
      expect(tallies.reduce((sum, { answered }) => sum + answered, 0)).toBeGreaterThan(CYCLES);
    },
  );

  test("the harness notices answered webhooks that are gone", { timeout: 60_000 }, async () => {
    const lose = {
      name: "and what was answered deleted",
      async live({ shop, driver, ...stage }: Parameters<(typeof POINTS)[number]["live"]>[0]) {
        await stage.open();
        await driver.load({ webhooks: 10, connections: 2, only_new: true });
        await shop.relay.stop("SIGKILL");
        await onDatabase(shop.env.RELAY_DATABASE!, "DELETE FROM webhooks");
        return true;
      },
    };
    const { broken } = await runCycles({ seed: SEED, cycles: 1, points: [lose], server });
    expect(broken.filter((line) => line.includes("is not stored")).length).toBeGreaterThanOrEqual(10);
  });
});
