import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apartText, createLedgerClock, TOLERANCE_MS, type LedgerClock } from "../../src/core/ledger-clock.ts";
import { createManualClock, type ManualClock } from "../fakes/manual-clock.ts";

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 10, 24, 12);

interface Stage {
  machine: ManualClock;
  /** How late it is by the ledger: it runs with the time that passes, and may be set. */
  ledger: { now(): number; aheadMs: number };
  clock: LedgerClock;
  /** Asks; the question takes so long on its way there, and the answer on its way back. */
  follow(thereMs?: number, backMs?: number): Promise<void>;
  /** What the ledger answers from now on, if not its time. */
  answer: { instead: "null" | "away" | null };
  told: number[];
  said: string[];
  /** How often the ledger was asked. */
  asked: () => number;
}

/** @param aheadMs the ledger's clock before the machine's, at the beginning */
function open(aheadMs: number): Stage {
  const machine = createManualClock(NOON, () => false);
  const ledger = { aheadMs, now: () => NOON + machine.elapsed() + ledger.aheadMs };
  const told: number[] = [];
  const said: string[] = [];
  const answer: Stage["answer"] = { instead: null };
  let [there, back] = [0, 0];
  let asked = 0;
  const wait = (ms: number): Promise<void> => new Promise((resolve) => machine.after(ms, resolve));
  const clock = createLedgerClock({
    machine,
    async askTime() {
      asked++;
      const mine = back;
      await wait(there);
      if (answer.instead === "away") throw new Error("away");
      const time = answer.instead === "null" ? null : ledger.now();
      await wait(mine);
      return time;
    },
    onApart(offsetMs, detail) {
      told.push(offsetMs);
      said.push(detail);
    },
  });
  return {
    ...{ machine, ledger, clock, answer, told, said, asked: () => asked },
    async follow(thereMs = 0, backMs = 0) {
      [there, back] = [thereMs, backMs];
      const followed = clock.follow();
      await machine.advance(thereMs + backMs);
      await followed;
    },
  };
}

const errorOf = ({ clock, ledger }: Stage): number => clock.now() - ledger.now();

describe("goes by the ledger's time", () => {
  test.each([5 * MINUTE, -5 * MINUTE, 51, -51])("which is %i ms before the machine's", async (aheadMs) => {
    const stage = open(aheadMs);
    expect(errorOf(stage)).toBe(-aheadMs);
    await stage.follow();
    expect(errorOf(stage)).toBe(0);
    await stage.machine.advance(MINUTE);
    expect(errorOf(stage)).toBe(0);
    expect(stage.clock.machineOffsetMs()).toBe(-aheadMs);
  });

  test.each([50, -50])("unless it is only %i ms before the machine's", async (aheadMs) => {
    const stage = open(aheadMs);
    await stage.follow();
    expect(errorOf(stage)).toBe(-aheadMs);
  });

  test("when that is set, too", async () => {
    const stage = open(0);
    await stage.follow();
    stage.ledger.aheadMs = -5 * MINUTE;
    await stage.follow();
    expect(errorOf(stage)).toBe(0);
  });

  test("while it is away, or has none, by what was known", async () => {
    const stage = open(5 * MINUTE);
    await stage.follow();
    stage.ledger.aheadMs += MINUTE;
    for (const instead of ["away", "null"] as const) {
      stage.answer.instead = instead;
      await stage.follow();
      expect([errorOf(stage), stage.clock.isSure()]).toEqual([-MINUTE, true]);
    }
    stage.answer.instead = null;
    await stage.follow();
    expect(errorOf(stage)).toBe(0);
  });
});

describe("an answer that takes long", () => {
  test("changes nothing that it does not disprove", async () => {
    const stage = open(0);
    await stage.follow(4_000, 0);
    await stage.follow(0, 4_000);
    expect(errorOf(stage)).toBe(0);
  });

  test("corrects no further than it proves", async () => {
    // Asked at 12:00:00 by the machine, told 12:05:03 by the ledger, answered at 12:00:04: it is 12:05:03 or later.
    const behind = open(5 * MINUTE);
    await behind.follow(3_000, 1_000);
    expect(behind.clock.now()).toBe(NOON + 5 * MINUTE + 3_000);
    // Asked at 12:00:00, told 11:55:03: it was so late at 12:00:00 or after, so that it is no more than 11:55:07.
    const ahead = open(-5 * MINUTE);
    await ahead.follow(3_000, 1_000);
    expect(ahead.clock.now()).toBe(NOON - 5 * MINUTE + 7_000);
  });

  test("makes the clock no worse, and a quick one makes it right", async () => {
    const lag = fc.integer({ min: 0, max: 20_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -10 * MINUTE, max: 10 * MINUTE }),
        fc.array(fc.tuple(lag, lag), { minLength: 1, maxLength: 6 }),
        async (aheadMs, lags) => {
          const stage = open(aheadMs);
          for (const [there, back] of lags) {
            const before = Math.abs(errorOf(stage));
            await stage.follow(there, back);
            expect(Math.abs(errorOf(stage))).toBeLessThanOrEqual(before);
            expect(Math.abs(errorOf(stage))).toBeLessThanOrEqual(there + back + TOLERANCE_MS);
          }
        },
      ),
    );
  });

  test("is waited for: nothing is asked meanwhile", async () => {
    const stage = open(5 * MINUTE);
    const first = stage.follow(0, 2_000);
    void stage.clock.follow();
    await first;
    expect([stage.asked(), errorOf(stage)]).toEqual([1, -2_000]);
    await stage.follow();
    expect([stage.asked(), errorOf(stage)]).toEqual([2, 0]);
  });
});

describe("the machine's own clock", () => {
  test.each([-5 * MINUTE, 5 * MINUTE])(
    "set by %i ms: this one runs on, and is unsure until it has asked",
    async (ms) => {
      const stage = open(MINUTE);
      await stage.follow();
      stage.machine.jump(ms);
      expect([errorOf(stage), stage.clock.isSure()]).toEqual([0, false]);
      stage.answer.instead = "away";
      await stage.follow();
      expect(stage.clock.isSure()).toBe(false);
      stage.answer.instead = null;
      await stage.follow();
      expect([errorOf(stage), stage.clock.isSure()]).toEqual([0, true]);
    },
  );

  test("set by less than a second: nobody need know", () => {
    const stage = open(0);
    stage.machine.jump(999);
    expect([errorOf(stage), stage.clock.isSure()]).toEqual([0, true]);
    stage.machine.jump(1);
    expect(stage.clock.isSure()).toBe(false);
  });

  test("set while the answer is on its way: unsure, whatever it says", async () => {
    const stage = open(0);
    const followed = stage.follow(1_000, 1_000);
    stage.machine.jump(MINUTE);
    await followed;
    expect(stage.clock.isSure()).toBe(false);
    await stage.follow();
    expect(stage.clock.isSure()).toBe(true);
  });

  test("that has slept is behind until it has asked", async () => {
    const stage = open(0);
    // The time of day went on, and the ledger's; what counts how long the machine has run did not.
    stage.machine.jump(MINUTE);
    stage.ledger.aheadMs = MINUTE;
    expect(stage.clock.isSure()).toBe(false);
    await stage.follow();
    expect([errorOf(stage), stage.clock.isSure()]).toEqual([0, true]);
  });

  test("more than 5 s from the ledger's: told once, and again when it had come closer", async () => {
    const stage = open(-5_000);
    await stage.follow();
    expect(stage.told).toEqual([]);
    const set = async (ms: number): Promise<void> => {
      stage.machine.jump(ms);
      await stage.follow();
    };
    await set(1);
    await set(MINUTE);
    await set(-MINUTE - 1);
    await set(2);
    expect(stage.told).toEqual([5_001]);
    await set(-5_002);
    await set(-5_001);
    expect(stage.told).toEqual([5_001, -5_001]);
  });
});

test("which of two clocks is late is told of the machine's", () => {
  expect(apartText(600_400)).toContain("this machine's clock is 600 s ahead of the database's");
  expect(apartText(-600_400)).toContain("this machine's clock is 600 s behind the database's");
});

describe("bug: while the database's clock was in 1970 the cloud refused every slip, and alerts were out of time once it was set", () => {
  const UNSET = Date.UTC(1970, 0, 5) - NOON;

  test("one that begins so goes by its machine's clock, says so once, and follows when it is set", async () => {
    const stage = open(UNSET);
    await stage.follow();
    await stage.follow();
    expect(stage.clock.now()).toBe(stage.machine.now());
    expect([stage.told, stage.clock.isSure()]).toEqual([[-UNSET], true]);
    expect(stage.said.join()).toMatch(/^the database's clock says 1970-01-05T00:00:00\S+: set it by NTP; /);
    stage.ledger.aheadMs = MINUTE;
    await stage.follow();
    expect([errorOf(stage), stage.told.length]).toEqual([0, 1]);
  });

  test("one that knew the right time goes on by it, wherever its machine's clock is", async () => {
    const stage = open(MINUTE);
    await stage.follow();
    stage.ledger.aheadMs = UNSET;
    await stage.follow();
    expect(stage.clock.now()).toBe(stage.machine.now() + MINUTE);
  });

  test("one whose machine's clock is not set either takes the database's for it", async () => {
    const stage = open(UNSET - MINUTE);
    stage.machine.jump(UNSET);
    const unset = createLedgerClock({
      machine: stage.machine,
      askTime: () => Promise.resolve(stage.ledger.now()),
      onApart: () => undefined,
    });
    await unset.follow();
    expect(unset.now()).toBe(stage.ledger.now());
  });
});
