import { expect, test } from "vitest";
import type { Beat, LivingService } from "../../src/ledger/service-ledger.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import { createLeadership } from "../../src/worker/leadership.ts";
import { createLedgerClock } from "../../src/core/ledger-clock.ts";
import { createManualClock, type ManualClock } from "../fakes/manual-clock.ts";

const SERVICE = { id: "A", version: "1.2.3", started_at: 5, process: null };
const LEADS: Beat = { leads: true, others: 0 };
const FOLLOWS: Beat = { leads: false, others: 1 };

/** One service on a ledger that answers its beats by script; the last answer stays. */
function open(...answers: (Beat | Error | "hang")[]) {
  const clock: ManualClock = createManualClock();
  const startedAt = clock.now();
  const beats: number[] = [];
  const left: string[] = [];
  const before: LivingService[] = [];
  const events: RelayEvent[] = [];
  let begun = 0;
  const database = { aheadMs: 0, isSilent: false };
  const ledger = {
    beat(service: unknown, now: number, forMs: number) {
      expect([service, forMs]).toEqual([SERVICE, 10_000]);
      beats.push(now - startedAt);
      const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? LEADS;
      if (answer === "hang") return new Promise<Beat>(() => undefined);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    services: () => Promise.resolve(before),
    leaveService(id: string) {
      left.push(id);
      return Promise.resolve();
    },
  };
  /** The ledger's clock runs with the time that passes, whatever this machine's is set to. */
  const askTime = (): Promise<number> =>
    database.isSilent
      ? new Promise(() => undefined)
      : Promise.resolve(startedAt + clock.elapsed() + database.aheadMs);
  const leadership = createLeadership({
    ...{ ledger, service: SERVICE, hasEnded: (name) => name === "ended" },
    clock: createLedgerClock({ machine: clock, askTime, onApart: () => undefined }),
    emit: (event) => void events.push(event),
  });
  leadership.onLead(() => {
    begun++;
  });
  return { clock, database, beats, left, before, events, leadership, begun: () => begun };
}

test("beats at the start and every 3 s, and leads while its last beat says so", async () => {
  const { clock, beats, leadership, begun } = open(FOLLOWS, FOLLOWS, LEADS, LEADS, FOLLOWS);
  expect([leadership.isAlive(), leadership.leads()]).toEqual([false, false]);
  await leadership.start();
  expect([leadership.isAlive(), leadership.leads(), begun()]).toEqual([true, false, 0]);
  await clock.advance(6_000);
  expect([leadership.leads(), begun()]).toEqual([true, 1]);
  await clock.advance(6_000);
  expect(beats).toEqual([0, 3_000, 6_000, 9_000, 12_000]);
  expect([leadership.isAlive(), leadership.leads(), begun()]).toEqual([true, false, 1]);
});

test("what a crash has left on this machine makes room before the first beat; what cannot be seen from here is missed in time", async () => {
  const { before, left, beats, leadership } = open();
  for (const [id, process] of [
    ["GONE", "ended"],
    ["THERE", "alive"],
    ["FAR", null],
  ] as const) {
    before.push({ ...SERVICE, id, process, seen_until: 9, leads: false });
  }
  await leadership.start();
  expect([left, beats]).toEqual([["GONE"], [0]]);
});

test("a ledger that fails is told, asked again, and forgiven until the last beat has ended", async () => {
  const away = new Error("away");
  const { clock, beats, events, leadership, begun } = open(LEADS, away, away, away, away, LEADS);
  await leadership.start();
  await clock.advance(9_999);
  expect([leadership.isAlive(), leadership.leads()]).toEqual([true, true]);
  await clock.advance(1);
  expect([leadership.isAlive(), leadership.leads()]).toEqual([false, false]);
  expect(events).toEqual(Array.from({ length: 3 }, () => ({ event: "ledger.failed", detail: "away" })));
  await clock.advance(5_000);
  expect(beats).toEqual([0, 3_000, 6_000, 9_000, 12_000, 15_000]);
  expect([leadership.leads(), begun()]).toEqual([true, 2]);
});

test("a process that was paused neither leads nor lives until it has beaten again", async () => {
  const { clock, leadership } = open(LEADS, FOLLOWS);
  await leadership.start();
  // Its time passed, and none of its timers has run yet.
  clock.jump(10_000);
  expect([leadership.isAlive(), leadership.leads()]).toEqual([false, false]);
  await clock.advance(3_000);
  expect([leadership.isAlive(), leadership.leads()]).toEqual([true, false]);
});

test("one that slept, and knows it, beats by the ledger's time as soon as it runs again", async () => {
  const { clock, database, beats, leadership } = open(LEADS, FOLLOWS);
  await leadership.start();
  clock.jump(60_000);
  database.aheadMs = 60_000;
  expect([leadership.isAlive(), leadership.leads()]).toEqual([false, false]);
  await clock.advance(3_000);
  expect(beats).toEqual([0, 63_000]);
  expect([leadership.isAlive(), leadership.leads()]).toEqual([true, false]);
});

test("one whose machine was paused without a trace finds out with its next beat, and lives by the one after", async () => {
  const { clock, database, beats, leadership } = open(LEADS);
  await leadership.start();
  database.aheadMs = 60_000;
  await clock.advance(3_000);
  expect([leadership.isAlive(), leadership.leads()]).toEqual([false, false]);
  await clock.advance(3_000);
  expect(beats).toEqual([0, 3_000, 66_000]);
  expect(leadership.leads()).toBe(true);
});

test("beats by the ledger's clock, whatever the machine's says", async () => {
  const { clock, database, beats, leadership } = open(LEADS);
  database.aheadMs = -300_000;
  await leadership.start();
  await clock.advance(3_000);
  clock.jump(300_000);
  await clock.advance(6_000);
  expect(beats).toEqual([0, -297_000, -294_000, -291_000]);
  expect(leadership.leads()).toBe(true);
});

test("a question for the time that stays open holds up no beat", async () => {
  const { clock, database, beats, leadership } = open(LEADS);
  await leadership.start();
  database.isSilent = true;
  await clock.advance(12_000);
  expect(beats).toEqual([0, 3_000, 6_000, 9_000, 12_000]);
  expect(leadership.leads()).toBe(true);
});

test("a clock that is set back far says nothing of what the others see", async () => {
  const { clock, leadership } = open(LEADS);
  await leadership.start();
  clock.jump(-3_600_000);
  expect(leadership.leads()).toBe(false);
  await clock.advance(3_000);
  expect(leadership.leads()).toBe(true);
});

test("an answer that comes late counts from when it was asked for", async () => {
  const { clock, leadership } = open(LEADS, "hang");
  await leadership.start();
  await clock.advance(9_999);
  expect(leadership.leads()).toBe(true);
  await clock.advance(1);
  expect(leadership.leads()).toBe(false);
});

test("a stop says goodbye, and no beat follows", async () => {
  const { clock, beats, left, leadership } = open(LEADS);
  await leadership.start();
  await leadership.stop();
  expect([left, leadership.leads(), leadership.isAlive()]).toEqual([["A"], false, false]);
  await clock.advance(60_000);
  expect(beats).toEqual([0]);
});
