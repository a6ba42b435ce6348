import { monotonicFactory } from "ulid";
import { DELIVERY_STATES } from "../../src/core/delivery.ts";
import { composeOrder } from "../../src/goodcom/order.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import { createPlatforms } from "../../src/platforms/index.ts";
import { ALIVE_FOR_MS, BEAT_EVERY_MS, createLeadership } from "../../src/worker/leadership.ts";
import { createManualClock } from "../fakes/manual-clock.ts";
import { createProcess, type RelayProcess } from "../fakes/process.ts";
import { createSimulatedCloud, type SimulatedCloud } from "./cloud.ts";
import { createDice } from "./dice.ts";
import { createDisk, type Disk } from "./disk.ts";
import { restart, runFaults } from "./faults.ts";
import { createLife, type Life } from "./life.ts";
import type { Medium, OpenMedium } from "./medium.ts";
import { runOperators } from "./operators.ts";
import { callBackFor } from "./printers.ts";
import { createRows, type Rows } from "./rows.ts";
import { settingsOf } from "./settings.ts";
import { createStage, type Stage } from "./stage.ts";
import { createSimulatedStores, STORES, type SimulatedStores } from "./stores.ts";
import { createWatch, isOfLedger, type Watch } from "./watch.ts";

export interface WorldResult {
  seed: number;
  /** What the relay broke first; null: nothing. */
  broken: string | null;
  /** What happened, a line each: the same for the same seed, where the ledger's calls take no time of their own. */
  trace: string[];
}

/** Everything in one world. Actors act on it; the relay's process comes and goes. */
export interface World {
  stage: Stage;
  disk: Disk;
  rows: Rows;
  cloud: SimulatedCloud;
  stores: SimulatedStores;
  watch: Watch;
  /** The process at work; null while there is none. */
  running: { life: Life; process: RelayProcess; stop(): Promise<void> } | null;
  /** Whether a server has ever dropped its connections: calls may fail. */
  dropped: boolean;
  /** Processes begun so far, and when the last of them was, by the time that passes. */
  lives: number;
  startedAt: number;
  /** Since when nothing but the network has been wrong, by the time that passes. */
  soundSince: number;
  /** Something was done to disk, clock or process. */
  disturbed(): void;
}

const SECOND_MS = 1_000;
/** By then everything that waits has had its turn: the law's longest delay is 5 min and its jitter. */
const CALM_SECONDS_MAX = 900;

/** Runs the world of one seed to its end. */
export async function runWorld(seed: number, openMedium: OpenMedium): Promise<WorldResult> {
  const medium = await openMedium();
  const world = createWorld(seed, medium);
  const { stage } = world;
  try {
    void restart(world, () => start(world), 0);
    const busy = [sendCancellations(world), runFaults(world, () => start(world))];
    void runOperators(stage, () => listening(world), world.rows, world.watch);
    const faults = { over: false };
    void Promise.all(busy).then(() => (faults.over = true));
    while (!faults.over && stage.blamed() === null) await pass(world);
    await calmDown(world);
  } finally {
    world.running?.life.die();
    await medium.close();
  }
  return { seed, broken: stage.blamed(), trace: stage.trace };
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
  const parts = { cloud: () => world.cloud, stores: () => world.stores };
  const watch = createWatch(stage, rows, { ...parts, takeOverMs: medium.shared ? TAKE_OVER_MS_MAX : 0 });
  disk.onDone = watch.ledgerDone;
  disk.onDropped = () => {
    stage.tell("fault    the connections drop");
    world.dropped = true;
    world.disturbed();
    watch.ledgerCutOff();
  };
  const reach = (): RelayProcess["relay"] | null => listening(world);
  const world: World = {
    stage,
    disk,
    rows,
    watch,
    cloud: createSimulatedCloud(stage, { onPost: watch.posted, onPrinted: callBackFor(stage, reach) }),
    stores: createSimulatedStores(stage, reach),
    running: null,
    dropped: false,
    lives: 0,
    startedAt: 0,
    soundSince: 0,
    disturbed() {
      world.soundSince = stage.clock.elapsed();
    },
  };
  return world;
}

function listening({ running }: World): RelayProcess["relay"] | null {
  return running?.process.relay ?? null;
}

/** A new process on the same ledger; again until the ledger lets it begin, as a supervisor would. */
async function start(world: World): Promise<void> {
  const { stage, disk, cloud, stores, watch } = world;
  const dice = stage.dice.fork(`life ${stage.clock.elapsed()}`);
  const life = createLife(world.lives++, () => {
    stage.tell("process  dies");
    world.running = null;
    world.disturbed();
    disk.cutOff(life);
    watch.ledgerCutOff();
  });
  const ledger = await disk.open(life);
  const clock = {
    now: () => stage.clock.now(),
    after: (ms: number, task: () => void) =>
      stage.clock.after(ms, () => {
        if (life.alive()) task();
      }),
  };
  const { platforms } = createPlatforms({ clock });
  const nextId = monotonicFactory(dice.next);
  const emit = (event: RelayEvent): void => {
    if (!life.alive()) return;
    if (event.event === "cloud.returned") watch.cloudReturned(event.scope, upForMs(world));
    tellEvent(world, event);
  };
  const service = { id: nextId(clock.now()), version: "1.2.3", started_at: clock.now() };
  // All relays have the world's clock, as those have the database's (core/ledger-clock.ts).
  const shared = { ...clock, follow: () => Promise.resolve(), isSure: () => true };
  const leadership = disk.shared ? createLeadership({ ledger, clock: shared, emit, service }) : null;
  const process = createProcess({
    ledger,
    ...(leadership !== null && { leadership }),
    cloud: cloud.ofLife(life),
    clock,
    settings: settingsOf(USEFUL_FOR_S[stage.dice.fork("useful").int(0, USEFUL_FOR_S.length - 1)] ?? 60),
    platforms: {
      ...platforms,
      fastpod: {
        ...platforms.fastpod,
        api: { ...platforms.fastpod.api, getOrder: (_store, order) => stores.fetchOrder(life, order) },
      },
    },
    compose: composeOrder,
    chance: dice.next,
    makeId: () => nextId(clock.now()),
    emit,
  });
  stage.tell("process  starts");
  // It listens before it has taken up what was left, as app.ts does.
  world.running = {
    ...{ life, process },
    async stop() {
      await process.worker.stop(STOP_MS_MAX);
      await leadership?.stop();
    },
  };
  world.startedAt = stage.clock.elapsed();
  world.disturbed();
  const begin = async (): Promise<void> => {
    await leadership?.start();
    await process.worker.start();
  };
  try {
    await Promise.race([begin(), whenDead(stage, life)]);
  } catch (error) {
    if (!isOfLedger(error)) stage.blame(`the start fails: ${String(error)}`);
    life.die();
  }
}

const STOP_MS_MAX = 5_000;
/** Until a service of several is taken for dead, and another has begun to do what it led. */
const TAKE_OVER_MS_MAX = ALIVE_FOR_MS + 2 * BEAT_EVERY_MS;

const USEFUL_FOR_S = [60, 300, 86_400];

async function whenDead(stage: Stage, life: Life): Promise<void> {
  while (life.alive()) await stage.sleep(SECOND_MS);
}

function tellEvent({ stage, dropped }: World, event: RelayEvent): void {
  if (event.event === "webhook.received" || event.event === "delivery.attempted") return;
  const state = "state" in event ? ` ${event.state}` : "";
  const id = "delivery" in event ? ` ${event.delivery}` : "";
  const detail = "detail" in event ? ` ${event.detail}` : "";
  if (event.event === "ledger.failed" && !dropped && !event.detail.startsWith("the simulated disk")) {
    stage.blame(`the worker fails: ${event.detail}`);
  }
  stage.tell(`relay    ${event.event}${id}${state}${detail}`);
}

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
  watch.second(upForMs(world), world.startedAt);
}

function upForMs({ running, stage, soundSince }: World): number {
  return running === null ? 0 : stage.clock.elapsed() - soundSince;
}

/** No faults any more: everything must come right, and be told truly. */
async function calmDown(world: World): Promise<void> {
  const { stage, stores, watch, rows } = world;
  stage.calm = true;
  stage.tell("all is calm");
  if (world.running === null) void start(world);
  // The cloud accepts these, so what was held gets its one more try.
  void stores.cancel("noodle-bar", "last");
  void stores.cancel("cocktails", "last");
  await pass(world);
  for (let second = 0; second < CALM_SECONDS_MAX && stage.blamed() === null; second++) {
    if (watch.unsettled().length === 0 && second > 2) break;
    if (world.running === null) void start(world);
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
