import { afterEach, beforeEach, expect, test } from "vitest";
import type { AttemptOutcome } from "../../src/core/delivery.ts";
import { ALONE } from "../../src/core/leadership.ts";
import type { ClaimQuery } from "../../src/ledger/ledger.ts";
import { SENDS_MAX } from "../../src/worker/sends.ts";
import { createWorker, type Worker, type WorkerDeps } from "../../src/worker/worker.ts";
import { everyCall } from "../fakes/busy-ledger.ts";
import { createHouse, type House } from "../fakes/house.ts";

const ORDERS = 80;
const ACCEPTED = {
  ...{ kind: "accepted", detail: "", http_status: 200, response: null, order_unknown: false },
  ...{ retry_after_ms: null, clock_skew_ms: null },
} satisfies AttemptOutcome;
let house: House;
/** How many each claim asked for. */
let asked: number[];
/** Begins each claim of those that are to be verified. */
let verifying: () => Promise<void>;
/** Of every delivery that is under way: has the cloud answer it. */
let answers: (() => void)[];
let worker: Worker;

beforeEach(async () => {
  house = await createHouse();
  await house.worker.stop(0);
  [asked, answers] = [[], []];
  verifying = () => Promise.resolve();
  for (let n = 0; n < ORDERS; n++) await house.cancel(`order-${n}`);
});
afterEach(async () => {
  const stopped = worker.stop(0);
  await house.clock.advance(0);
  await stopped;
  await house.close();
});

function start(nextTurn: WorkerDeps["nextTurn"]): void {
  const { clock, relay } = house;
  const ledger = everyCall(house.ledger, async (name, call, [query]) => {
    const { state, limit } = (query ?? {}) as Partial<ClaimQuery>;
    if (name === "claim" && state === "pending" && limit !== undefined) asked.push(limit);
    if (name === "claim" && state === "verifying") await verifying();
    return call();
  });
  worker = createWorker({
    ...{ ledger, clock, leadership: ALONE, nextTurn },
    relay: {
      ...relay,
      deliver: (_claimed, answered) =>
        new Promise((resolve) =>
          answers.push(() => {
            answered?.(ACCEPTED);
            resolve(null);
          }),
        ),
    },
    chance: () => 0,
    emit: () => undefined,
    reachable: () => Promise.resolve(true),
  });
  void worker.start();
}

/** @returns what lets one turn of the event loop go by, and says whether another is waited for */
async function startByTurns(): Promise<() => Promise<boolean>> {
  const turns: (() => void)[] = [];
  start(() => new Promise((resolve) => turns.push(resolve)));
  await house.clock.settle();
  return async () => {
    turns.shift()?.();
    await house.clock.settle();
    return turns.length > 0;
  };
}

test("a crowd of answers is followed by one claim for all their places", async () => {
  start(() => Promise.resolve());
  await house.clock.settle();
  expect([asked, answers.length]).toEqual([[SENDS_MAX], SENDS_MAX]);
  for (const answer of answers.splice(0, 10)) answer();
  await house.clock.settle();
  expect(asked).toEqual([SENDS_MAX, 10]);
});

test("slips are begun a few in a turn, so that the first go out while the others are set", async () => {
  const go = await startByTurns();
  expect(asked).toEqual([]);
  await go();
  expect([asked, answers.length]).toEqual([[SENDS_MAX], 8]);
  await go();
  expect(answers).toHaveLength(16);
  while (answers.length < SENDS_MAX && (await go()));
  expect(answers).toHaveLength(SENDS_MAX);
});

test("the next are claimed while those before are still being set, once there is room for more than a few", async () => {
  const go = await startByTurns();
  await go();
  for (const answer of answers.splice(0, 8)) answer();
  await go();
  await go();
  expect(asked).toEqual([SENDS_MAX]);
  for (const answer of answers.splice(0, 8)) answer();
  await go();
  await go();
  expect(asked).toEqual([SENDS_MAX, 16]);
  expect(answers.length).toBeLessThan(SENDS_MAX - 16);
});

test("slips are claimed while a claim of those to verify is slow, and what came meanwhile is claimed after it", async () => {
  let [claims, goOn] = [0, (): void => undefined];
  verifying = () => {
    claims++;
    return new Promise((resolve) => (goOn = resolve));
  };
  start(() => Promise.resolve());
  await house.clock.settle();
  expect([claims, asked]).toEqual([1, [SENDS_MAX]]);
  worker.wake();
  await house.clock.settle();
  expect(claims).toBe(1);
  goOn();
  await house.clock.settle();
  expect(claims).toBe(2);
  goOn();
});
