import type { CloudWeather } from "./cloud.ts";
import type { Dice } from "./dice.ts";
import type { DiskState } from "./disk.ts";
import { start, type Seat } from "./relays.ts";
import type { ApiWeather } from "./stores.ts";
import type { World } from "./world.ts";

const MINUTE_MS = 60_000;
const JUMPS_MS = [
  -60 * MINUTE_MS,
  -5 * MINUTE_MS,
  -90_000,
  -3_000,
  -40,
  30,
  2_000,
  90_000,
  60 * MINUTE_MS,
  24 * 60 * MINUTE_MS,
];

/** Several relays bear clocks that are so far apart (docs/scaling.md); one has no other's to bear. */
const APART_MS_MAX = 3_000;

/**
 * What goes wrong in one world, one thing after another, some at the same time. Ends when it is calm again.
 * @param seat whose process has its troubles here; the first one's come in turn with those that all have together
 */
export async function runFaults(world: World, seat: Seat): Promise<void> {
  const { stage, disk, seats } = world;
  const dice = stage.dice.fork(`faults${nameOf(seat)}`);
  const rounds = dice.int(1, 8);
  const likely = {
    ...{ cloud: dice.int(0, 6), api: dice.int(0, 2), disk: dice.int(0, 3), clock: dice.int(0, 3) },
    ...{
      crash: dice.int(0, 4),
      doom: dice.int(0, 6),
      stop: dice.int(0, 1),
      silence: dice.int(0, 1),
      drop: disk.shared ? dice.int(0, 6) : 0,
      pause: seats.length > 1 ? dice.int(0, 6) : 0,
      nothing: 2,
    },
    ...(seat.number > 0 && { cloud: 0, api: 0, disk: 0, clock: 0, silence: 0, drop: 0 }),
  };
  for (let round = 0; round < rounds; round++) {
    await stage.sleep(dice.int(0, 8_000));
    await fault(world, seat, dice.weigh(likely));
  }
  await stage.sleep(dice.int(0, 5_000));
  if (seat.number > 0) return;
  world.cloud.weather = "fine";
  world.stores.apiWeather = "well";
  world.disk.state = "well";
}

/** Nothing for the first, so that a seed's world of one relay is the same whether others could be beside it. */
function nameOf({ number }: Seat): string {
  return number > 0 ? ` of ${number}` : "";
}

type Kind =
  ("cloud" | "api" | "disk" | "clock" | "crash" | "doom" | "stop" | "silence" | "drop" | "pause") | "nothing";

async function fault(world: World, seat: Seat, kind: Kind): Promise<void> {
  const { stage, cloud, stores, disk } = world;
  const dice = stage.dice.fork(`fault ${kind} ${stage.clock.elapsed()}${nameOf(seat)}`);
  switch (kind) {
    case "cloud":
      cloud.weather = dice.pick<CloudWeather>([
        "fine",
        "lossy",
        "lossy",
        "away",
        "busy",
        "limiting",
        "silent",
      ]);
      stage.tell(`fault    the cloud is ${cloud.weather}`);
      return;
    case "api":
      stores.apiWeather = dice.pick<ApiWeather>(["well", "down", "odd"]);
      stage.tell(`fault    the store's API is ${stores.apiWeather}`);
      return;
    case "disk":
      disk.state = dice.pick<DiskState>(["full", "gone"]);
      stage.tell(`fault    the disk is ${disk.state}`);
      await stage.sleep(dice.happens(0.2) ? dice.int(60_000, 120_000) : dice.int(10, 20_000));
      disk.state = "well";
      stage.tell("fault    the disk is well again");
      return;
    case "clock": {
      const ms = dice.pick(
        disk.shared ? JUMPS_MS.filter((jump) => Math.abs(jump) <= APART_MS_MAX) : JUMPS_MS,
      );
      stage.tell(`fault    the clock is set by ${ms} ms`);
      stage.clock.jump(ms);
      world.disturbed();
      return;
    }
    case "crash":
      seat.running?.life.die();
      return restart(world, seat, dice.happens(0.1) ? dice.int(76_000, 100_000) : dice.int(0, 10_000));
    case "doom":
      // At any border: before or after any commit, POST or answer.
      seat.running?.life.doom(dice.int(1, 40));
      await stage.sleep(dice.int(100, 5_000));
      if (seat.running === null) await restart(world, seat, dice.int(0, 3_000));
      else seat.running.life.doom(Infinity);
      return;
    case "stop": {
      const { running } = seat;
      if (running === null) return;
      stage.tell(`fault    the process${nameOf(seat)} is told to stop`);
      world.soundSince = Infinity;
      await Promise.race([running.stop(), stage.sleep(6_000)]);
      running.life.die();
      return restart(world, seat, dice.int(0, 3_000));
    }
    case "silence":
      // Long enough for leases to end while answers are still to come.
      cloud.weather = "silent";
      stage.tell("fault    the cloud is silent for long");
      return stage.sleep(dice.happens(0.5) ? dice.int(80_000, 160_000) : 0);
    case "drop":
      disk.dropAfter = dice.int(1, 40);
      await stage.sleep(dice.int(100, 5_000));
      disk.dropAfter = Infinity;
      return;
    case "pause":
      return pause(world, seat, dice);
    case "nothing":
      return;
  }
}

/** At any border, most often at one of those about a POST; or where it waits, when it has not come to it. */
async function pause({ stage }: World, { running }: Seat, dice: Dice): Promise<void> {
  if (running === null) return;
  const { life } = running;
  if (dice.happens(0.3)) life.doze(dice.int(1, 40), "now");
  else life.doze(dice.int(1, 8), "claim");
  await stage.sleep(dice.int(100, 12_000));
  life.pause();
  // Not noticed, taken for dead, or past its lease.
  const [least, most] = PAUSES_MS[dice.weigh({ short: 2, long: 4, longest: 2 })];
  await stage.sleep(dice.int(least, most));
  life.goOn();
}

const PAUSES_MS = { short: [500, 9_000], long: [9_000, 30_000], longest: [76_000, 100_000] } as const;

function isUp({ running }: Seat): boolean {
  return running !== null;
}

/** A supervisor: tries again until a process stays up. */
export async function restart(world: World, seat: Seat, afterMs: number): Promise<void> {
  const { stage } = world;
  await stage.sleep(afterMs);
  for (;;) {
    // Another may have been quicker, when it died of itself.
    if (!isUp(seat)) await start(world, seat);
    if (isUp(seat)) return;
    await stage.sleep(1_000);
  }
}
