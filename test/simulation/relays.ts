import { monotonicFactory } from "ulid";
import { composeOrder } from "../../src/goodcom/order.ts";
import type { RelayEvent } from "../../src/observe/events.ts";
import { createPlatforms } from "../../src/platforms/index.ts";
import type { Clock } from "../../src/core/time.ts";
import type { Relay } from "../../src/relay.ts";
import { createLeadership, type SharedLeadership } from "../../src/worker/leadership.ts";
import { createProcess, type RelayProcess } from "../fakes/process.ts";
import type { Dice } from "./dice.ts";
import { createLife, type Life } from "./life.ts";
import type { Row } from "./rows.ts";
import { settingsOf } from "./settings.ts";
import type { Stage } from "./stage.ts";
import { isOfLedger } from "./watch.ts";
import type { World } from "./world.ts";

/** The place of one relay: its processes come and go. */
export interface Seat {
  readonly number: number;
  /** The process at work; null while there is none. */
  running: Running | null;
  /** When it was started, by the time that passes. */
  startedAt: number;
}

export interface Running {
  life: Life;
  /** As it is reached from outside: nobody answers while it is paused. */
  relay: Relay;
  leads(): boolean;
  stop(): Promise<void>;
}

const SECOND_MS = 1_000;
const STOP_MS_MAX = 5_000;
const USEFUL_FOR_S = [60, 300, 86_400];

export function createSeat(number: number): Seat {
  return { number, running: null, startedAt: 0 };
}

/** One line of what a seat's process did; where there are several, with the seat's number. */
function tellOf({ stage, seats }: World, { number }: Seat, who: string, what: string): void {
  stage.tell(`${(seats.length > 1 ? `${who}${number}` : who).padEnd(8)} ${what}`);
}

/** A new process on the same ledger; it is over when the ledger does not let it begin. */
export async function start(world: World, seat: Seat): Promise<void> {
  const { stage, disk } = world;
  const another = seat.number > 0 ? ` of ${seat.number}` : "";
  const dice = stage.dice.fork(`life ${stage.clock.elapsed()}${another}`);
  const life = bear(world, seat);
  const ledger = await disk.open(life);
  const clock = clockOf(world, life);
  const nextId = monotonicFactory(dice.next);
  const emit = (event: RelayEvent): void => {
    if (!life.alive()) return;
    if (event.event === "cloud.returned") world.watch.cloudReturned(event.scope, upForMs(world));
    tellEvent(world, seat, event);
  };
  const service = { id: nextId(clock.now()), version: "1.2.3", started_at: clock.now(), process: null };
  world.services.set(service.id, life);
  // All relays have the world's clock, as those have the database's (core/ledger-clock.ts).
  const shared = { ...clock, follow: () => Promise.resolve(), isSure: () => true };
  const leadership = disk.shared
    ? createLeadership({ ledger, clock: shared, emit, service, hasEnded: () => false })
    : null;
  const makeId = (): string => nextId(clock.now());
  const process = processOf(world, life, { ledger, clock, emit, leadership, dice, makeId });
  tellOf(world, seat, "process", "starts");
  // It listens before it has taken up what was left, as app.ts does.
  seat.running = {
    life,
    relay: atDoorOf(life, process.relay),
    leads: () => leadership?.leads() ?? true,
    async stop() {
      await process.worker.stop(STOP_MS_MAX);
      await leadership?.stop();
    },
  };
  seat.startedAt = stage.clock.elapsed();
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

function bear(world: World, seat: Seat): Life {
  const tell = (what: string): void => {
    tellOf(world, seat, "process", what);
    world.disturbed();
  };
  const life = createLife(world.lives++, {
    onDeath() {
      tell("dies");
      seat.running = null;
      world.disk.cutOff(life);
      world.watch.ledgerCutOff();
    },
    onPause: () => tell("is paused"),
    onGoOn: () => tell("goes on"),
  });
  return life;
}

/** Its timers stand still while it is paused, and those that fell due meanwhile run when it goes on. */
function clockOf({ stage: { clock }, after }: World, life: Life): Clock {
  return {
    now: () => clock.now(),
    after(ms, task) {
      let wanted = true;
      const run = (): void => {
        if (wanted) task();
      };
      const cancel = after(ms, () => life.whenAwake(run));
      return () => {
        wanted = false;
        cancel();
      };
    },
  };
}

interface Parts extends Pick<Parameters<typeof createProcess>[0], "ledger" | "clock" | "emit" | "makeId"> {
  leadership: SharedLeadership | null;
  dice: Dice;
}

function processOf(world: World, life: Life, { leadership, dice, ...parts }: Parts): RelayProcess {
  const { stage, cloud, stores } = world;
  const { platforms } = createPlatforms({ clock: parts.clock });
  const { fastpod } = platforms;
  return createProcess({
    ...parts,
    ...(leadership !== null && { leadership }),
    cloud: cloud.ofLife(life),
    settings: settingsOf(USEFUL_FOR_S[stage.dice.fork("useful").int(0, USEFUL_FOR_S.length - 1)] ?? 60),
    platforms: {
      ...platforms,
      fastpod: {
        ...fastpod,
        api: { ...fastpod.api, getOrder: (_store, order) => stores.fetchOrder(life, order) },
      },
    },
    compose: composeOrder,
    chance: dice.next,
  });
}

/** What comes while it is paused waits, as in a socket's queue. */
function atDoorOf(life: Life, relay: Relay): Relay {
  return new Proxy(relay, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...values: unknown[]) => {
        const enter = (): unknown => (method as (...values: unknown[]) => unknown)(...values);
        if (!life.paused()) return enter();
        return new Promise((resolve) => life.whenAwake(() => resolve(enter())));
      };
    },
  });
}

async function whenDead(stage: Stage, life: Life): Promise<void> {
  while (life.alive()) await stage.sleep(SECOND_MS);
}

function tellEvent(world: World, seat: Seat, event: RelayEvent): void {
  if (event.event === "webhook.received" || event.event === "delivery.attempted") return;
  const state = "state" in event ? ` ${event.state}` : "";
  const id = "delivery" in event ? ` ${event.delivery}` : "";
  const detail = "detail" in event ? ` ${event.detail}` : "";
  if (event.event === "ledger.failed" && !world.dropped && !event.detail.startsWith("the simulated disk")) {
    world.stage.blame(`the worker fails: ${event.detail}`);
  }
  tellOf(world, seat, "relay", `${event.event}${id}${state}${detail}`);
}

/** Those that run, also those that are paused: a balancer finds out about them late. */
export function runningOf({ seats }: World): Running[] {
  return seats.flatMap(({ running }) => running ?? []);
}

/** How long somebody has been at work, with no change to who is, on a sound disk and a steady clock. */
export function upForMs(world: World): number {
  const isUp = runningOf(world).some(({ life }) => !life.paused());
  return isUp ? world.stage.clock.elapsed() - world.soundSince : 0;
}

/** Whether nobody works on what was claimed. @param claimedAt by the time that passes */
export function isLeft({ services, seats }: World, { claimed_by }: Row, claimedAt: number): boolean {
  if (claimed_by === null) return seats.every(({ startedAt }) => claimedAt < startedAt);
  const life = services.get(claimed_by);
  return life === undefined || !life.alive() || life.paused();
}

/** Once all know of each other, one of several leads: neither nobody nor two. */
export function watchLeaders(world: World, takeOverMs: number): void {
  const leaders = runningOf(world).filter((one) => one.leads()).length;
  if (leaders > 1) world.stage.blame(`${leaders} relays lead at once`);
  if (leaders === 0 && upForMs(world) > takeOverMs) world.stage.blame("no relay leads");
}
