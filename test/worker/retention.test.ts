import { expect, test } from "vitest";
import { PRUNE_WAIT_MS_MAX, type PrunedBatch, type PruneQuery } from "../../src/core/retention.ts";
import { DAY_MS, MINUTE_MS } from "../../src/core/time.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import { createRetention, FIRST_LOOK_MS } from "../../src/worker/retention.ts";
import { createManualClock } from "../fakes/manual-clock.ts";

const HOUR_MS = 60 * MINUTE_MS;
const NOTHING: PrunedBatch = {
  ...{ bodies: 0, attempts: 0, confirmations: 0, tickets: 0, alerts: 0 },
  ...{ done: false, waiting: false },
};
const FOUR = [
  { ...NOTHING, bodies: 100 },
  { ...NOTHING, attempts: 7, done: true },
];

/** A ledger whose batches are scripted, and the service's daily run on it. */
function open(batches: PrunedBatch[], prunedAt: number | null = null) {
  const clock = createManualClock();
  const events: RelayEvent[] = [];
  const queries: PruneQuery[] = [];
  const place = { leads: true };
  const ledger = {
    prunedAt: () => Promise.resolve(prunedAt),
    prune(query: PruneQuery) {
      queries.push(query);
      const batch = batches.shift() ?? { ...NOTHING, done: true };
      if (batch.done) prunedAt = query.run_at ?? null;
      return Promise.resolve(batch);
    },
  };
  const retention = createRetention({
    ...{ ledger, clock, emit: (event) => void events.push(event) },
    leadership: { leads: () => place.leads },
  });
  retention.start();
  return { clock, events, queries, retention, place };
}

test("prunes once a day, not at the start, with the days that are kept, and tells it in one event", async () => {
  const { clock, events, queries, retention } = open([...FOUR]);
  const startedAt = clock.now();
  await clock.advance(FIRST_LOOK_MS - 1);
  expect(queries).toEqual([]);
  await clock.advance(1 + HOUR_MS);
  const runAt = startedAt + FIRST_LOOK_MS;
  expect(queries).toHaveLength(2);
  expect(queries[0]).toMatchObject({
    ...{ bodies_before: runAt - 30 * DAY_MS, attempts_before: runAt - 90 * DAY_MS, run_at: runAt },
  });
  expect(events).toEqual([
    {
      ...{
        event: "ledger.pruned",
        finished: true,
        bodies: 100,
        attempts: 7,
        confirmations: 0,
        tickets: 0,
        alerts: 0,
      },
      ...{ batches: 2, waits: 0, duration_ms: 20 },
    },
  ]);
  await clock.advance(2 * DAY_MS);
  expect(events).toHaveLength(3);
  await retention.stop();
});

test("a restart does not run again what ran today; a clock that was set back does not stop it", async () => {
  const now = createManualClock().now();
  const today = open([], now - HOUR_MS);
  await today.clock.advance(22 * HOUR_MS);
  expect(today.queries).toEqual([]);
  await today.clock.advance(2 * HOUR_MS);
  expect(today.queries).toHaveLength(1);
  const ahead = open([], now + 365 * DAY_MS);
  await ahead.clock.advance(FIRST_LOOK_MS);
  expect(ahead.queries).toHaveLength(1);
});

test("bug: a clock that was years ahead for an hour had everything pruned", async () => {
  const now = createManualClock().now();
  const { clock, queries } = open([], now - HOUR_MS);
  await clock.advance(FIRST_LOOK_MS);
  clock.jump(10 * 365 * DAY_MS);
  await clock.advance(2 * HOUR_MS);
  clock.jump(-10 * 365 * DAY_MS);
  await clock.advance(20 * HOUR_MS);
  expect(queries).toEqual([]);
  await clock.advance(HOUR_MS);
  expect(queries.length).toBeGreaterThan(0);
  // One that was down for long is pruned some hours after its start.
  const back = open([], now - 60 * DAY_MS);
  await back.clock.advance(FIRST_LOOK_MS + 3 * HOUR_MS - MINUTE_MS);
  expect(back.queries).toEqual([]);
  await back.clock.advance(MINUTE_MS);
  expect(back.queries.length).toBeGreaterThan(0);
});

test("a reader that keeps the log large: told once, waited for, and goes on when it has gone", async () => {
  const waiting = { ...NOTHING, waiting: true };
  const { clock, events } = open([waiting, waiting, waiting, ...FOUR]);
  await clock.advance(FIRST_LOOK_MS + MINUTE_MS);
  expect(events.map(({ event }) => event)).toEqual(["ledger.pruning_waits", "ledger.pruned"]);
  expect(events[1]).toMatchObject({ finished: true, waits: 3, bodies: 100 });
});

test("a reader that stays ends the run, and the next look begins another", async () => {
  const waiting = Array.from({ length: PRUNE_WAIT_MS_MAX / 1000 }, () => ({ ...NOTHING, waiting: true }));
  const { clock, events } = open([...waiting, ...FOUR]);
  await clock.advance(FIRST_LOOK_MS + PRUNE_WAIT_MS_MAX);
  expect(events.at(-1)).toMatchObject({ event: "ledger.pruned", finished: false, bodies: 0 });
  await clock.advance(HOUR_MS + MINUTE_MS);
  expect(events.at(-1)).toMatchObject({ event: "ledger.pruned", finished: true, bodies: 100 });
});

test("stopping ends it between two batches", async () => {
  const { clock, queries, retention } = open(Array.from({ length: 50 }, () => NOTHING));
  await clock.advance(FIRST_LOOK_MS + 45);
  const begun = queries.length;
  const stopped = retention.stop();
  await clock.advance(DAY_MS);
  await stopped;
  expect([begun, queries.length]).toEqual([3, 3]);
});

test("one that does not lead prunes nothing; it begins with its first look as a leader, and ends when it leads no more", async () => {
  const { clock, events, queries, retention, place } = open(Array.from({ length: 50 }, () => NOTHING));
  place.leads = false;
  await clock.advance(DAY_MS);
  expect([queries, events]).toEqual([[], []]);
  place.leads = true;
  await clock.advance(HOUR_MS);
  expect(queries.length).toBeGreaterThan(0);
  await retention.stop();

  const losing = open(Array.from({ length: 50 }, () => NOTHING));
  await losing.clock.advance(FIRST_LOOK_MS + 45);
  losing.place.leads = false;
  await losing.clock.advance(HOUR_MS);
  expect(losing.queries).toHaveLength(3);
  expect(losing.events).toMatchObject([{ event: "ledger.pruned", finished: false }]);
});
