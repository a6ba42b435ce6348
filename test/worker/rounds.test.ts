import { beforeEach, describe, expect, test } from "vitest";
import { RelayError } from "../../src/core/errors.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import type { ReconcileResult } from "../../src/stores/store-acts.ts";
import { createRounds, type Rounds } from "../../src/worker/rounds.ts";
import { createManualClock, type ManualClock } from "../fakes/manual-clock.ts";

const NOTHING: ReconcileResult = {
  ...{ store: "a", since: 0, listed: 0, known: 0, found: 0, before: 0, ignored: 0, quarantined: 0 },
  deliveries: [],
};

let clock: ManualClock;
let asked: string[];
let events: RelayEvent[];
let names: string[];
let onWatch: (store: string) => Promise<boolean>;
let onReconcile: (store: string) => Promise<ReconcileResult>;

beforeEach(() => {
  clock = createManualClock();
  asked = [];
  events = [];
  names = ["a", "b"];
  onWatch = () => Promise.resolve(false);
  onReconcile = () => Promise.resolve(NOTHING);
});

function roundsOf(watchEveryS: number, reconcileEveryS: number): Rounds {
  return createRounds({
    relay: {
      watch(store) {
        asked.push(`watch ${store}`);
        return onWatch(store);
      },
      reconcile(store) {
        asked.push(`reconcile ${store}`);
        return onReconcile(store);
      },
    },
    stores: () => [...names],
    clock,
    emit: (event) => events.push(event),
    watchEveryMs: watchEveryS * 1000,
    reconcileEveryMs: reconcileEveryS * 1000,
  });
}

describe("rounds", () => {
  test("begin at once, and again when their time has passed since the last one ended", async () => {
    const rounds = roundsOf(900, 600);
    rounds.start();
    await clock.settle();
    expect(asked.sort()).toEqual(["reconcile a", "reconcile b", "watch a", "watch b"]);
    asked = [];
    await clock.advance(599_000);
    expect(asked).toEqual([]);
    await clock.advance(1_000);
    expect(asked).toEqual(["reconcile a", "reconcile b"]);
    await clock.advance(300_000);
    expect(asked).toEqual(["reconcile a", "reconcile b", "watch a", "watch b"]);
    await rounds.stop(0);
  });

  test("a time of 0 means never", async () => {
    const rounds = roundsOf(0, 60);
    rounds.start();
    await clock.advance(120_000);
    expect(asked.filter((what) => what.startsWith("watch"))).toEqual([]);
    expect(asked.filter((what) => what === "reconcile a")).toHaveLength(3);
    await rounds.stop(0);
  });

  test("a store whose subscription had been gone is reconciled right away", async () => {
    onWatch = (store) => Promise.resolve(store === "b");
    const rounds = roundsOf(900, 0);
    rounds.start();
    await clock.settle();
    expect(asked).toEqual(["watch a", "watch b", "reconcile b"]);
    await rounds.stop(0);
  });

  test("a store that refuses keeps no other from being asked; a ledger that fails is told", async () => {
    onReconcile = (store) =>
      Promise.reject(
        store === "a"
          ? new RelayError("store_refused", "its token is wrong")
          : new RelayError("ledger_unavailable", "disk full"),
      );
    const rounds = roundsOf(0, 60);
    rounds.start();
    await clock.settle();
    expect(asked).toEqual(["reconcile a", "reconcile b"]);
    expect(events).toEqual([{ event: "ledger.failed", detail: "disk full" }]);
    await clock.advance(60_000);
    expect(asked).toHaveLength(4);
    await rounds.stop(0);
  });

  test("many stores are asked a few at a time, and a store added meanwhile with the next round", async () => {
    names = Array.from({ length: 10 }, (_, index) => `s${index}`);
    const open: (() => void)[] = [];
    onReconcile = () => new Promise((resolve) => open.push(() => resolve(NOTHING)));
    const rounds = roundsOf(0, 60);
    rounds.start();
    await clock.settle();
    expect(asked).toHaveLength(4);
    names.push("new");
    while (open.length > 0) {
      open.shift()?.();
      await clock.settle();
    }
    expect(asked).toHaveLength(10);
    await clock.advance(60_000);
    while (open.length > 0) {
      open.shift()?.();
      await clock.settle();
    }
    expect(asked).toContain("reconcile new");
    await rounds.stop(0);
  });

  test("a stop begins nothing more and says whether what ran was done in time", async () => {
    let finish = (): void => undefined;
    onReconcile = () => new Promise((resolve) => (finish = () => resolve(NOTHING)));
    names = ["a"];
    const hanging = roundsOf(0, 60);
    hanging.start();
    await clock.settle();
    const late = hanging.stop(5_000);
    await clock.advance(5_000);
    expect(await late).toBe(false);

    const ending = roundsOf(0, 60);
    ending.start();
    await clock.settle();
    const stopped = ending.stop(5_000);
    finish();
    expect(await stopped).toBe(true);
    asked = [];
    await clock.advance(600_000);
    expect(asked).toEqual([]);
  });
});
