import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { POSTGRES, startPostgres, type PostgresServer } from "../fakes/postgres.ts";
import type { OpenMedium } from "./medium.ts";
import { postgresMedia } from "./postgres-medium.ts";
import { runWorld } from "./world.ts";

const BATCH = 8;
const BATCHES = 2;

// What the server takes for an answer decides what comes first: a seed's world is much the same each time, not exactly.
// Half of the worlds have two relays.
describe.skipIf(POSTGRES === null)("relays in simulated worlds on PostgreSQL keep their promises", () => {
  let server: PostgresServer;
  let openMedium: OpenMedium;
  beforeAll(async () => {
    server = await startPostgres();
    openMedium = await postgresMedia(server);
  });
  afterAll(() => server.remove());

  const firsts = Array.from({ length: BATCHES }, (_, batch) => 1 + batch * BATCH);
  test.each(firsts)("from seed %i on", { timeout: 120_000 }, async (first) => {
    const counts = new Set<number>();
    for (let seed = first; seed < first + BATCH; seed++) {
      const { broken, trace, relays } = await runWorld(seed, openMedium);
      expect(broken, `npm run simulate -- --postgres --seed ${String(seed)}\n${trace.join("\n")}`).toBeNull();
      counts.add(relays);
    }
    expect(counts).toEqual(new Set([1, 2]));
  });
});
