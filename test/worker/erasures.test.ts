import { expect, test } from "vitest";
import type { ErasedBatch, Erasure, ErasureQuery } from "../../src/core/erasure.ts";
import { MINUTE_MS } from "../../src/core/time.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import { createErasures, READER_WAIT_MS_MAX } from "../../src/worker/erasures.ts";
import { createManualClock } from "../fakes/manual-clock.ts";

const NOTHING: ErasedBatch = { deliveries: 0, webhooks: 0, done: false, waiting: false, log_left: false };
const DONE = { ...NOTHING, done: true };
const WAITING = { ...NOTHING, waiting: true };
const PHONE = "0987600123";

function anErasure(id: string, more: Partial<Erasure> = {}): Erasure {
  const subject = {
    ...{ store: null, everything: false, orders: [], phone: PHONE, email: null, customer_id: null },
  };
  return {
    ...{ id, subject, store: null, asked_at: 1, by: "cli ana", done_at: null },
    ...{ deliveries: 0, webhooks: 0, ...more },
  };
}

/** A ledger with these erasures whose batches are scripted, and the service's loop on it. */
function open(erasures: Erasure[], batches: (ErasedBatch | Error)[] = []) {
  const clock = createManualClock();
  const events: RelayEvent[] = [];
  const queries: ErasureQuery[] = [];
  const place = { leads: true, away: false };
  let looks = 0;
  const ledger = {
    nextErasure() {
      looks++;
      if (place.away) return Promise.reject(new Error("away"));
      return Promise.resolve(erasures[0] ?? null);
    },
    eraseBatch(query: ErasureQuery) {
      queries.push(query);
      const batch = batches.shift() ?? DONE;
      if (batch instanceof Error) return Promise.reject(batch);
      if (batch.done) erasures.splice(0, erasures[0]?.id === query.erasure.id ? 1 : 0);
      return Promise.resolve(batch);
    },
  };
  const loop = createErasures({
    ...{ ledger, clock, emit: (event) => void events.push(event) },
    leadership: { leads: () => place.leads },
  });
  return { clock, events, queries, loop, looks: () => looks, place };
}

test("ends at the start what was begun before, and tells of it in counts alone", async () => {
  const begun = anErasure("E1", { deliveries: 2, webhooks: 1 });
  const { clock, events, queries, loop } = open(
    [begun],
    [{ ...NOTHING, deliveries: 3 }, NOTHING, { ...DONE, webhooks: 1 }],
  );
  loop.start();
  await clock.advance(50);
  const { id, subject, asked_at, by } = begun;
  expect(queries.map(({ erasure, dry_run }) => [erasure, dry_run])).toEqual(
    Array.from({ length: 3 }, () => [{ id, subject, asked_at, by }, false]),
  );
  // With what was found before it was cut off.
  expect(events).toEqual([
    { event: "buyer.forgotten", erasure: "E1", store: null, deliveries: 5, webhooks: 2, by: "cli ana" },
  ]);
  expect(JSON.stringify(events)).not.toContain(PHONE);
});

test("between two batches webhooks have the ledger to themselves", async () => {
  const { clock, queries, loop } = open([anErasure("E1")], [NOTHING, NOTHING, NOTHING]);
  loop.start();
  await clock.advance(19);
  expect(queries).toHaveLength(1);
  await clock.advance(1);
  expect(queries).toHaveLength(2);
});

test("one after the other, and then a look a minute", async () => {
  const erasures = [anErasure("E1"), anErasure("E2", { store: "noodle-bar", by: "store" })];
  const { clock, events, loop, looks } = open(erasures);
  loop.start();
  await clock.advance(0);
  expect(events.map((event) => "erasure" in event && event.erasure)).toEqual(["E1", "E2"]);
  const before = looks();
  await clock.advance(MINUTE_MS - 1);
  expect(looks()).toBe(before);
  erasures.push(anErasure("E3"));
  await clock.advance(1);
  expect(events.at(-1)).toMatchObject({ event: "buyer.forgotten", erasure: "E3" });
});

test("a webhook that asks for it wakes it at once, also while another is being erased", async () => {
  const erasures: Erasure[] = [];
  const { clock, events, loop } = open(erasures, [NOTHING, NOTHING]);
  loop.wake();
  await clock.advance(0);
  loop.start();
  await clock.advance(5);
  erasures.push(anErasure("E1"));
  loop.wake();
  await clock.advance(1);
  erasures.push(anErasure("E2"));
  loop.wake();
  await clock.advance(100);
  expect(events.map((event) => "erasure" in event && event.erasure)).toEqual(["E1", "E2"]);
  await loop.stop();
  erasures.push(anErasure("E3"));
  loop.wake();
  await clock.advance(MINUTE_MS);
  expect(events).toHaveLength(2);
});

test("a ledger that fails is told, and tried again a minute later", async () => {
  const { clock, events, loop } = open([anErasure("E1")], [new Error("disk is full"), DONE]);
  loop.start();
  await clock.advance(0);
  expect(events).toEqual([
    { event: "buyer.forgetting_failed", erasure: null, store: null, erased: false, detail: "disk is full" },
  ]);
  await clock.advance(MINUTE_MS);
  expect(events.at(-1)).toMatchObject({ event: "buyer.forgotten", erasure: "E1" });
});

test("bug: a database that was away for a second was told as a buyer who could not be erased, though nobody was to be", async () => {
  const { clock, events, loop, place } = open([]);
  place.away = true;
  loop.start();
  await clock.advance(0);
  place.away = false;
  await clock.advance(MINUTE_MS);
  expect(events).toEqual([{ event: "ledger.failed", detail: "away" }]);
});

test("a reader that comes and goes is waited for; one that stays is told of, and nothing is lost", async () => {
  const short = open([anErasure("E1")], [WAITING, WAITING, DONE]);
  short.loop.start();
  await short.clock.advance(2_000);
  expect(short.events.map(({ event }) => event)).toEqual(["buyer.forgotten"]);

  const looks = READER_WAIT_MS_MAX / 1_000 + 1;
  const long = open(
    [anErasure("E1", { store: "noodle-bar" })],
    Array.from({ length: looks }, () => WAITING),
  );
  long.loop.start();
  await long.clock.advance(READER_WAIT_MS_MAX + 1_000);
  expect(long.events).toMatchObject([
    { event: "buyer.forgetting_failed", erasure: "E1", store: "noodle-bar", erased: false },
  ]);
  await long.clock.advance(MINUTE_MS);
  expect(long.events.at(-1)).toMatchObject({ event: "buyer.forgotten", erasure: "E1" });
});

test("erased, with old pages that a reader keeps: cut later, or told of", async () => {
  const left = { ...DONE, log_left: true };
  const later = open([anErasure("E1")], [{ ...left, deliveries: 1 }, left, DONE]);
  later.loop.start();
  await later.clock.advance(2_000);
  expect(later.events).toMatchObject([{ event: "buyer.forgotten", deliveries: 1 }]);
  expect(later.queries).toHaveLength(3);

  const never = open(
    [anErasure("E1")],
    Array.from({ length: READER_WAIT_MS_MAX / 1_000 + 1 }, () => left),
  );
  never.loop.start();
  await never.clock.advance(READER_WAIT_MS_MAX + 1_000);
  expect(never.events).toMatchObject([
    { event: "buyer.forgotten" },
    { event: "buyer.forgetting_failed", erased: true },
  ]);
});

test("stopping waits for the batch that runs, and begins none", async () => {
  const { clock, events, queries, loop } = open(
    [anErasure("E1")],
    Array.from({ length: 50 }, () => NOTHING),
  );
  loop.start();
  await clock.advance(45);
  const begun = queries.length;
  const stopped = loop.stop();
  await clock.advance(MINUTE_MS);
  await stopped;
  expect([begun, queries.length, events]).toEqual([3, 3, []]);
});

test("one that does not lead erases nothing, also when it is woken; a new leader does when it is woken", async () => {
  const { clock, events, loop, looks, place } = open([anErasure("E1")], [NOTHING, DONE]);
  place.leads = false;
  loop.start();
  loop.wake();
  await clock.advance(10 * MINUTE_MS);
  expect([looks(), events]).toEqual([0, []]);
  place.leads = true;
  loop.wake();
  await clock.advance(100);
  expect(events).toMatchObject([{ event: "buyer.forgotten", erasure: "E1" }]);
});

test("a new leader that nobody wakes looks within a minute", async () => {
  const { clock, events, loop, place } = open([anErasure("E1")]);
  place.leads = false;
  loop.start();
  await clock.advance(MINUTE_MS / 2);
  place.leads = true;
  await clock.advance(MINUTE_MS / 2);
  expect(events).toMatchObject([{ event: "buyer.forgotten", erasure: "E1" }]);
});

test("one that leads no more ends between two batches, and tells of no failure", async () => {
  const { clock, events, queries, loop, place } = open(
    [anErasure("E1")],
    Array.from({ length: 50 }, () => NOTHING),
  );
  loop.start();
  await clock.advance(45);
  place.leads = false;
  await clock.advance(10 * MINUTE_MS);
  expect([queries.length, events]).toEqual([3, []]);
});
