import { describe, expect, test } from "vitest";
import { openSqliteMedium } from "./sqlite-medium.ts";
import { runWorld } from "./world.ts";

const BATCH = 50;
const BATCHES = 4;

// The same worlds every time; `npm run simulate` runs as many others as one likes.
describe("the relay in simulated worlds keeps its promises", () => {
  const firsts = Array.from({ length: BATCHES }, (_, batch) => 1 + batch * BATCH);
  test.each(firsts)("from seed %i on", { timeout: 120_000 }, async (first) => {
    for (let seed = first; seed < first + BATCH; seed++) {
      const { broken } = await runWorld(seed, openSqliteMedium);
      expect(broken, `npm run simulate -- --seed ${String(seed)}`).toBeNull();
    }
  });

  test("the same seed is the same world, event by event", async () => {
    const [first, second] = [await runWorld(9, openSqliteMedium), await runWorld(9, openSqliteMedium)];
    expect(first.trace.length).toBeGreaterThan(50);
    expect(second.trace).toEqual(first.trace);
  });
});
