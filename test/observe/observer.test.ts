import { expect, test } from "vitest";
import { ATTEMPTED, watched } from "./watched.ts";

test("one act is one wide JSON line", () => {
  const { observer, lines } = watched();
  observer.emit(ATTEMPTED);
  observer.emit({ ...ATTEMPTED, outcome: "unknown" });
  expect(lines).toHaveLength(2);
  const line = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
  expect(line).toMatchObject({ level: 30, msg: "delivery.attempted", order: "1001", duration_ms: 40 });
  expect(JSON.parse(lines[1] ?? "")).toMatchObject({ level: 40 });
});

test("closing an observer that has watched leaves nothing running", async () => {
  const { observer, clock, ledger } = watched();
  let reads = 0;
  ledger.pastSteps = () => {
    reads++;
    return Promise.resolve({ steps: [], next_place: 1 });
  };
  observer.watch();
  await clock.advance(100);
  const before = reads;
  await observer.close();
  await clock.advance(60_000);
  expect(before).toBeGreaterThan(1);
  expect(reads).toBe(before);
});
