import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { giveBackWhenIdle, type Heap } from "../src/heap.ts";

const MB = 1024 * 1024;

/** A thread whose heap and work a test says. */
function watched() {
  const state = { taken: 50 * MB, kept: 12 * MB, worked: 0, given: 0 };
  const heap: Heap = {
    taken: () => state.taken,
    worked: () => state.worked,
    giveBack() {
      state.given++;
      state.taken = state.kept;
    },
  };
  let look: () => void = () => undefined;
  giveBackWhenIdle(heap, (_everyMs, task) => (look = task));
  return { state, look: () => look() };
}

describe("an idle thread", () => {
  test("gives back what its start took, once", () => {
    const { state, look } = watched();
    look();
    look();
    expect(state).toMatchObject({ given: 1, taken: 12 * MB });
  });

  test("gives back what a burst took, and nothing of what it keeps for a little work", () => {
    const { state, look } = watched();
    look();
    state.taken = 19 * MB;
    look();
    expect(state.given).toBe(1);
    state.taken = 90 * MB;
    look();
    expect(state.given).toBe(2);
  });

  test("that keeps much does not stand still for little", () => {
    const { state, look } = watched();
    state.kept = 100 * MB;
    look();
    state.taken = 149 * MB;
    look();
    expect(state.given).toBe(1);
    state.taken = 151 * MB;
    look();
    expect(state.given).toBe(2);
  });

  test("is not one that works", () => {
    const { state, look } = watched();
    state.worked = 0.05;
    look();
    expect(state.given).toBe(0);
    state.worked = 0.001;
    look();
    expect(state.given).toBe(1);
  });
});

test("V8 returns the young generation and the garbage to the system, and hands nobody its collector", () => {
  const script = `const { createHeap } = await import(${JSON.stringify(new URL("../src/heap.ts", import.meta.url).href)});
    let kept = [];
    for (let n = 0; n < 2e6; n++) kept.push({ n });
    const heap = createHeap();
    const before = heap.taken();
    kept = null;
    heap.giveBack();
    const { runInNewContext } = await import("node:vm");
    const others = [typeof globalThis.gc, runInNewContext("typeof gc")];
    process.stdout.write(JSON.stringify({ before, after: heap.taken(), others, worked: heap.worked() }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const { before, after, others, worked } = JSON.parse(stdout) as Record<string, number> & {
    others: string[];
  };
  expect(before).toBeGreaterThan(60 * MB);
  expect(after).toBeLessThan(12 * MB);
  expect(others).toEqual(["undefined", "undefined"]);
  expect(worked).toBeGreaterThanOrEqual(0);
});
