import { DELIVERY_STATES } from "../../src/core/delivery.ts";
import type { Clock } from "../../src/core/time.ts";
import type { Relay } from "../../src/relay.ts";
import { ALIVE_FOR_MS, BEAT_EVERY_MS } from "../../src/worker/leadership.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { createSimulatedCloud, type SimulatedCloud } from "./cloud.ts";
import { createDice } from "./dice.ts";
import { createDisk, type Disk } from "./disk.ts";
import { restart, runFaults } from "./faults.ts";
import type { Life } from "./life.ts";
import type { Medium, OpenMedium } from "./medium.ts";
import { createMoments } from "./moments.ts";
import { runOperators } from "./operators.ts";
import { callBackFor } from "./printers.ts";
import { createSeat, isLeft, runningOf, start, upForMs, watchLeaders, type Seat } from "./relays.ts";
import { createRows, type Rows } from "./rows.ts";
import { createStage, type Stage } from "./stage.ts";
import { createSimulatedStores, STORES, type SimulatedStores } from "./stores.ts";
import { createWatch, type Watch } from "./watch.ts";

export interface WorldResult {
  seed: number;
  /** How many were on its ledger. */
  relays: number;
  /** What the relay broke first; null: nothing. */
  broken: string | null;
  /** What happened, a line each: the same for the same seed, where the ledger's calls take no time of their own. */
  trace: string[];
}

/** Everything in one world. Actors act on it; the relays' processes come and go. */
export interface World {
  stage: Stage;
  disk: Disk;
  rows: Rows;
  cloud: SimulatedCloud;
  stores: SimulatedStores;
  watch: Watch;
  /** The timers of all processes. */
  after: Clock["after"];
  /** One for each relay on the ledger. */
  seats: Seat[];
  /** Whose each service is that has ever been on the ledger, by its id. */
  services: Map<string, Life>;
  /** A relay that is there, through their balancer; null: none is. */
  reach: () => Relay | null;
  /** Whether a server has ever dropped its connections: calls may fail. */
  dropped: boolean;
  /** Processes begun so far. */
  lives: number;
  /** Since when nothing but the network has been wrong, by the time that passes. */
  soundSince: number;
  /** Something was done to disk, clock or process. */
  disturbed(): void;
}

const SECOND_MS = 1_000;
/** Until the second of two relays is started. */
const START_APART_MS_MAX = 5_000;
/** By then everything that waits has had its turn: the law's longest delay is 5 min and its jitter. */
const CALM_SECONDS_MAX = 900;

/** Runs the world of one seed to its end. */
export async function runWorld(seed: number, openMedium: OpenMedium): Promise<WorldResult> {
  const medium = await openMedium();
  const world = createWorld(seed, medium);
  const { stage } = world;
  try {
    const later = stage.dice.fork("starts");
    for (const seat of world.seats)
      void restart(world, seat, seat.number === 0 ? 0 : later.int(0, START_APART_MS_MAX));
    const busy = [sendCancellations(world), ...world.seats.map((seat) => runFaults(world, seat))];
    void runOperators(stage, world.reach, world.rows, world.watch);
    const faults = { over: false };
    void Promise.all(busy).then(() => (faults.over = true));
    while (!faults.over && stage.blamed() === null) await pass(world);
    await calmDown(world);
  } finally {
    for (const { life } of runningOf(world)) life.die();
    await medium.close();
  }
  return { seed, relays: world.seats.length, broken: stage.blamed(), trace: stage.trace };
}

function createWorld(seed: number, medium: Medium): World {
  const dice = createDice(seed);
  const clock = createManualClock(undefined, () => disk.busy());
  const stage = createStage(clock, dice);
  const disk: Disk = createDisk({
    medium,
    after: (ms, task) => clock.after(ms, task),
    chance: dice.fork("disk").next,
  });
  disk.delayMs = dice.pick([0, 0, 2, 20, 150]);
  const rows = createRows(medium.eyes);
  const watch = createWatch(stage, rows, {
    ...{ cloud: () => world.cloud, stores: () => world.stores },
    isLeft: (row, claimedAt) => isLeft(world, row, claimedAt),
    takeOverMs: medium.shared ? TAKE_OVER_MS_MAX : 0,
  });
  disk.onDone = watch.ledgerDone;
  disk.onDropped = () => {
    stage.tell("fault    the connections drop");
    world.dropped = true;
    world.disturbed();
    watch.ledgerCutOff();
  };
  const isOfTwo = medium.shared && dice.fork("relays").happens(0.5);
  const balancer = dice.fork("balancer");
  const reach = (): Relay | null => {
    const running = runningOf(world);
    return running.length === 0 ? null : balancer.pick(running).relay;
  };
  const world: World = {
    stage,
    disk,
    rows,
    watch,
    cloud: createSimulatedCloud(stage, { onPost: watch.posted, onPrinted: callBackFor(stage, reach) }),
    stores: createSimulatedStores(stage, reach),
    reach,
    after: isOfTwo ? createMoments(clock) : (delayMs, task) => clock.after(delayMs, task),
    seats: (isOfTwo ? [0, 1] : [0]).map(createSeat),
    services: new Map(),
    dropped: false,
    lives: 0,
    soundSince: 0,
    disturbed() {
      world.soundSince = stage.clock.elapsed();
    },
  };
  return world;
}

/** Until a service of several is taken for dead, and another has begun to do what it led. */
const TAKE_OVER_MS_MAX = ALIVE_FOR_MS + 2 * BEAT_EVERY_MS;

/** All cancellations of the world; done when each has been answered 200. */
async function sendCancellations({ stage, stores }: World): Promise<void> {
  const dice = stage.dice.fork("orders");
  const sent: Promise<void>[] = [];
  const orders = dice.int(3, 14);
  for (let order = 0; order < orders; order++) {
    // In bursts: half of them come with the one before.
    if (dice.happens(0.5)) await stage.sleep(dice.int(0, 8_000));
    // The same number may be another store's order.
    const number = `${dice.int(1, 12)}`;
    sent.push(stores.cancel(dice.pick(STORES), number));
  }
  await Promise.all(sent);
}

/** One second of the world. */
async function pass(world: World): Promise<void> {
  const { stage, disk, watch } = world;
  if (disk.state !== "well") world.disturbed();
  await stage.clock.advance(SECOND_MS);
  watch.second(upForMs(world));
  if (disk.shared) watchLeaders(world, TAKE_OVER_MS_MAX);
}

/** No faults any more: everything must come right, and be told truly. */
async function calmDown(world: World): Promise<void> {
  const { stage, stores, watch, rows } = world;
  stage.calm = true;
  stage.tell("all is calm");
  startMissing(world);
  // The cloud accepts these, so what was held gets its one more try.
  void stores.cancel("noodle-bar", "last");
  void stores.cancel("cocktails", "last");
  await pass(world);
  for (let second = 0; second < CALM_SECONDS_MAX && stage.blamed() === null; second++) {
    if (watch.unsettled().length === 0 && second > 2) break;
    startMissing(world);
    await pass(world);
  }
  const left = watch.unsettled()[0];
  if (left !== undefined) stage.blame(`${left.id} is still ${left.state}`);
  for (const { store, order, delivery } of stores.promised) {
    const row = rows.find(delivery);
    if (row?.store !== store || row.order_id !== order) stage.blame(`${store}'s ${order} is forgotten`);
    else if (row.state === "void" && (stores.said.get(order)?.denied ?? 0) < 2) {
      stage.blame(`${store}'s ${order} is void, though its store never denied it twice`);
    } else if (row.state === "dead" && row.last_error === null)
      stage.blame(`${delivery} is dead without a reason`);
  }
  await checkBooks(world);
}

function startMissing(world: World): void {
  for (const seat of world.seats) if (seat.running === null) void start(world, seat);
}

async function checkBooks({ stage, disk, rows }: World): Promise<void> {
  const { by_state } = await disk.ledger.counts(stage.clock.now());
  const all = rows.all();
  for (const state of DELIVERY_STATES) {
    const count = all.filter((row) => row.state === state).length;
    if (by_state[state] !== count) stage.blame(`counts say ${by_state[state]} ${state}; there are ${count}`);
  }
  if (rows.integrity() !== "ok") stage.blame(`integrity_check: ${rows.integrity()}`);
  if (rows.strays() > 0) stage.blame("foreign_key_check finds rows");
}
