import { describe, expect, test } from "vitest";
import type { PastQuery, PastSteps } from "../../src/ledger/ledger.ts";
import { createDay, type DayBucket } from "../../src/observe/day.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { CONFIRMED, DEAD, NOW, RECEIVED, watched } from "./watched.ts";

const MINUTE = 60_000;
const EMPTY = { received: 0, printed: 0, failed: 0, paper_p50_ms: null, paper_p95_ms: null };

const filled = (buckets: readonly DayBucket[]): DayBucket[] =>
  buckets.filter(({ received, printed, failed }) => received + printed + failed > 0);

describe("the last day", () => {
  test("is 48 half hours, oldest first, the last of them now", () => {
    const { observer } = watched();
    const { since, bucket_ms, buckets, total, complete } = observer.lastDay();
    // 1,800,000,000 s is 08:00:00 UTC: a half hour has just begun.
    expect(bucket_ms).toBe(30 * MINUTE);
    expect(buckets).toHaveLength(48);
    expect(since).toBe(NOW - 47 * 30 * MINUTE);
    expect(buckets.map(({ at }) => at)).toEqual(
      Array.from({ length: 48 }, (_, index) => since + index * 30 * MINUTE),
    );
    expect(total).toEqual(EMPTY);
    expect(complete).toBe(false);
  });

  test("counts what happens into the half hour of its moment", () => {
    const { observer, clock } = watched();
    observer.emit(RECEIVED);
    observer.emit({ ...RECEIVED, status: "duplicate" });
    observer.emit({ event: "printer.tested", delivery: "01JT", printer: "kitchen", by: "operator" });
    clock.jump(30 * MINUTE - 1);
    observer.emit(CONFIRMED);
    observer.emit({ ...CONFIRMED, moved: false, since_received_ms: null });
    clock.jump(1);
    observer.emit(DEAD);
    observer.emit({ ...CONFIRMED, verdict: "rejected", state: "rejected", since_received_ms: null });
    const [first, second, ...more] = filled(observer.lastDay().buckets);
    expect(first).toMatchObject({ at: NOW, received: 2, printed: 1, failed: 0 });
    expect(second).toMatchObject({ ...EMPTY, at: NOW + 30 * MINUTE, failed: 2 });
    expect(more).toEqual([]);
    expect(observer.lastDay().total).toMatchObject({ received: 2, printed: 1, failed: 2 });
  });

  test("forgets what is older, and keeps no more than a day however the clock is set", () => {
    const clock = createManualClock(NOW);
    const day = createDay(clock);
    for (let hours = 0; hours < 500; hours++) {
      day.count(RECEIVED);
      clock.jump(hours % 7 === 0 ? -30 * 3_600_000 : 3_600_000);
    }
    expect(filled(day.figures().buckets).length).toBeLessThanOrEqual(24);
    clock.jump(48 * 3_600_000);
    expect(day.figures().total).toEqual(EMPTY);
    day.add({ step: "received", at: clock.now() + 24 * 3_600_000 });
    day.add({ step: "received", at: 0 });
    expect(day.figures().total).toEqual(EMPTY);
  });

  test("time to paper: the middle and the slow end, within 5 %, of each half hour and of the day", () => {
    const { observer, clock } = watched();
    const printed = (ms: number): void => observer.emit({ ...CONFIRMED, since_received_ms: ms });
    for (let n = 1; n <= 100; n++) printed(n * 1000);
    clock.jump(30 * MINUTE);
    for (let n = 0; n < 100; n++) printed(3_600_000);
    const [first, second] = filled(observer.lastDay().buckets);
    const near = (found: number | null | undefined, ms: number): void => {
      expect(Math.abs((found ?? 0) - ms) / ms).toBeLessThan(0.05);
    };
    near(first?.paper_p50_ms, 50_000);
    near(first?.paper_p95_ms, 95_000);
    near(second?.paper_p50_ms, 3_600_000);
    near(observer.lastDay().total.paper_p50_ms, 100_000);
    near(observer.lastDay().total.paper_p95_ms, 3_600_000);
  });

  test("durations at the ends are counted, not lost", () => {
    const { observer } = watched();
    observer.emit({ ...CONFIRMED, since_received_ms: 0 });
    observer.emit({ ...CONFIRMED, since_received_ms: -5 });
    observer.emit({ ...CONFIRMED, since_received_ms: 1e12 });
    const { printed, paper_p50_ms, paper_p95_ms } = observer.lastDay().total;
    expect(printed).toBe(3);
    expect(paper_p50_ms).toBeLessThanOrEqual(2);
    expect(paper_p95_ms).toBeGreaterThan(21 * 24 * 3_600_000);
  });
});

describe("what was before the start", () => {
  test("is read from the ledger page by page, with pauses, and added to what happens meanwhile", async () => {
    const { observer, ledger, clock } = watched();
    const asked: PastQuery[] = [];
    const pages: PastSteps[] = [
      { steps: [{ step: "printed", at: NOW - MINUTE, since_received_ms: 4000 }], next_place: 900 },
      { steps: [{ step: "received", at: NOW - 2 * MINUTE }], next_place: 400 },
      { steps: [{ step: "failed", at: NOW - 23 * 60 * MINUTE }], next_place: null },
    ];
    ledger.pastSteps = (query) => {
      asked.push(query);
      return Promise.resolve(pages[asked.length - 1] ?? { steps: [], next_place: null });
    };
    observer.watch();
    expect(asked).toHaveLength(1);
    observer.emit(RECEIVED);
    await clock.advance(0);
    expect(asked).toHaveLength(1);
    await clock.advance(1000);
    expect(asked.map(({ place }) => place)).toEqual([null, 900, 400]);
    expect(asked.every(({ limit, since }) => limit <= 1000 && since === NOW - 47 * 30 * MINUTE)).toBe(true);
    expect(observer.lastDay()).toMatchObject({
      complete: true,
      total: { received: 2, printed: 1, failed: 1 },
    });
    await observer.close();
  });

  test("a ledger that cannot be read is asked again, and nobody is told by it", async () => {
    const { observer, ledger, clock, lines } = watched();
    let tries = 0;
    ledger.pastSteps = () => {
      if (++tries < 3) return Promise.reject(new Error("busy"));
      return Promise.resolve({ steps: [{ step: "received", at: NOW }], next_place: null });
    };
    observer.watch();
    await clock.advance(9000);
    expect(observer.lastDay().complete).toBe(false);
    await clock.advance(2000);
    expect(observer.lastDay()).toMatchObject({ complete: true, total: { received: 1 } });
    expect(lines).toEqual([]);
    await observer.close();
  });

  test("a day too busy to be read whole stays marked as incomplete", async () => {
    const { observer, ledger, clock } = watched();
    let reads = 0;
    ledger.pastSteps = () => Promise.resolve({ steps: [], next_place: 10_000_000 - ++reads });
    observer.watch();
    for (let turn = 0; turn < 4100; turn++) await clock.advance(20);
    expect(reads).toBe(4000);
    expect(observer.lastDay().complete).toBe(false);
    await observer.close();
  }, 30_000);
});
