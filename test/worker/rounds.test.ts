import { beforeEach, describe, expect, test } from "vitest";
import { ALONE } from "../../src/core/leadership.ts";
import { RelayError } from "../../src/core/errors.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import type { ReconcileOptions, ReconcileResult } from "../../src/stores/store-acts.ts";
import { createRounds, type Rounds } from "../../src/worker/rounds.ts";
import { createManualClock, type ManualClock } from "../fakes/manual-clock.ts";

const NOTHING: ReconcileResult = {
  ...{ store: "a", since: 0, listed: 0, known: 0, found: 0, before: 0, ignored: 0, quarantined: 0 },
  deliveries: [],
};

type Turn = NonNullable<ReconcileOptions["turn"]>;

let clock: ManualClock;
let asked: string[];
let events: RelayEvent[];
let names: string[];
let leads: boolean;
let begin: () => void;
let onWatch: (store: string) => Promise<boolean>;
let onReconcile: (store: string, turn: Turn) => Promise<ReconcileResult>;

beforeEach(() => {
  clock = createManualClock();
  asked = [];
  events = [];
  names = ["a", "b"];
  leads = true;
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
      async reconcile(store, _by, { turn = () => Promise.resolve(true) } = {}) {
        if (!(await turn())) throw new RelayError("store_unavailable", "the relay is stopping");
        asked.push(`reconcile ${store}`);
        return onReconcile(store, turn);
      },
    },
    stores: () => [...names],
    clock,
    emit: (event) => events.push(event),
    leadership: {
      leads: () => leads,
      onLead(listener) {
        begin = listener;
        return () => (begin = () => undefined);
      },
    },
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

  test("stores whose lists do not end take a page each, and the others their turns in between", async () => {
    const endless = ["x1", "x2", "x3", "x4"];
    const pages = new Map(endless.map((name) => [name, 0]));
    names = [...endless, ...Array.from({ length: 20 }, (_, index) => `good${index}`)];
    onReconcile = async (store, turn) => {
      while (pages.has(store)) {
        pages.set(store, (pages.get(store) ?? 0) + 1);
        await new Promise<void>((resolve) => void clock.after(8_000, resolve));
        if (!(await turn())) throw new RelayError("store_unavailable", "the relay is stopping");
      }
      return NOTHING;
    };
    const rounds = roundsOf(0, 60);
    rounds.start();
    await clock.advance(8_000);
    expect(asked.filter((what) => what.startsWith("reconcile good"))).toHaveLength(20);
    expect([...pages.values()]).toEqual([2, 2, 2, 2]);
    await clock.advance(60_000);
    expect(asked.filter((what) => what === "reconcile good7")).toHaveLength(2);
    expect(asked.filter((what) => what === "reconcile x1")).toHaveLength(1);
    const stopped = rounds.stop(9_000);
    await clock.advance(8_000);
    expect(await stopped).toBe(true);
  });

  test("a look that waits for a run which another began holds up no other look", async () => {
    names = ["a", "b", "c", "d", "e"];
    onWatch = (store) => Promise.resolve(store !== "e");
    onReconcile = () => new Promise(() => undefined);
    const rounds = createRounds({
      relay: {
        watch(store) {
          asked.push(`watch ${store}`);
          return onWatch(store);
        },
        // It shares the run under way, and never asks for its own turn.
        reconcile: (store) => onReconcile(store, () => Promise.resolve(true)),
      },
      ...{ stores: () => [...names], clock, emit: (event) => events.push(event), leadership: ALONE },
      ...{ watchEveryMs: 900_000, reconcileEveryMs: 0 },
    });
    rounds.start();
    await clock.settle();
    expect(asked).toContain("watch e");
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

  test("one that does not lead asks nobody; a new leader asks at once, and then at its times", async () => {
    leads = false;
    const rounds = roundsOf(0, 60);
    rounds.start();
    await clock.advance(150_000);
    expect(asked).toEqual([]);
    leads = true;
    begin();
    await clock.settle();
    expect(asked).toEqual(["reconcile a", "reconcile b"]);
    await clock.advance(59_000);
    expect(asked).toHaveLength(2);
    await clock.advance(1_000);
    expect(asked).toHaveLength(4);
    leads = false;
    await clock.advance(120_000);
    expect(asked).toHaveLength(4);
    await rounds.stop(0);
    leads = true;
    begin();
    await clock.settle();
    expect(asked).toHaveLength(4);
  });
});
