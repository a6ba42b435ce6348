import { diskLibrary } from "../../fakes/disk/disk.ts";
import type { PostgresServer } from "../../fakes/postgres.ts";
import { BACKUP, MIGRATION, PRUNE } from "./command-points.ts";
import { createDraw } from "./draw.ts";
import { fileViolations, violations } from "./invariants.ts";
import { DISK_POINTS, RANDOM_POINTS, type Point } from "./points.ts";
import { openStage, type Stage } from "./stage.ts";
import { sumOf, type Outcome, type Tally } from "./tally.ts";

export interface CycleOptions {
  seed: number;
  cycles: number;
  points: readonly Point[];
  /** Where the ledger is; without it, in a file. */
  server?: PostgresServer;
}

/** Tells the chance that orders the points from theirs, so that none of them can shift the others. */
const ORDER = 0x0de2;
/** integrity_check reads the whole ledger: not after every cycle. */
const CHECK_EVERY_CYCLES = 10;
const SETTLE_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** All there are on this machine: without a C compiler no chosen ones. */
export function allPoints(): Point[] {
  return diskLibrary() === null
    ? [...RANDOM_POINTS]
    : [...RANDOM_POINTS, ...DISK_POINTS, MIGRATION, PRUNE, BACKUP];
}

/** Kills the relay again and again, each point as often as the others, and looks what is left of its promises. */
export async function runCycles({ seed, cycles, points, server }: CycleOptions): Promise<Outcome> {
  const stage = await openStage(seed, server ?? null);
  const order = createDraw(seed ^ ORDER);
  const tallies = new Map(points.map(({ name }) => [name, sumOf([])]));
  try {
    let round: Point[] = [];
    let lived = 0;
    while (lived < cycles && stage.broken.length === 0) {
      if (round.length === 0) round = order.shuffle(points);
      await liveOnce(stage, round.pop()!, tallies, ++lived);
    }
    const settling = sumOf([]);
    const redriven = await counted(stage, settling, () => unlessItFails(stage, () => settle(stage), 0));
    const facts = await stage.ledger.facts();
    const broken = [...stage.broken, ...violations(stage.history(), facts)];
    return {
      seed,
      cycles: lived,
      points: tallies,
      settling,
      redriven,
      put_off: stage.driver.put_off,
      broken,
    };
  } finally {
    await stage.close();
  }
}

async function liveOnce(
  stage: Stage,
  point: Point,
  tallies: Map<string, Tally>,
  cycle: number,
): Promise<void> {
  const tally = tallies.get(point.name)!;
  const met = await counted(stage, tally, () => unlessItFails(stage, () => point.live(stage), false));
  tally[met ? "kills" : "missed"]++;
  if (cycle % CHECK_EVERY_CYCLES === 0) {
    stage.broken.push(...fileViolations(await stage.ledger.facts()));
  }
  if (stage.broken.length > 0) stage.broken.unshift(`in or before cycle ${cycle} (${point.name}):`);
}

/** A relay that does not start, say, is a broken promise too, and to be told with the others. */
async function unlessItFails<Result>(
  { broken }: Stage,
  work: () => Promise<Result>,
  otherwise: Result,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    broken.push(error instanceof Error ? error.message : "something that is no Error was thrown");
    return otherwise;
  }
}

/** Disturbs nothing any more, and waits until all is done. @returns how many an operator sent again */
async function settle({ shop, driver, paper, ledger, disk, wire, ...stage }: Stage): Promise<number> {
  disk?.mend();
  wire?.watch(null);
  await stage.open();
  await driver.finish();
  let redriven = 0;
  const late = AbortSignal.timeout(SETTLE_MS);
  for (;;) {
    const { waiting, held } = await ledger.unsettled();
    if ((waiting === 0 && paper.quiet()) || late.aborted) break;
    // Lost with a process five times over: by contract it waits for a person.
    for (const id of held) {
      const { status } = await shop.api(`/deliveries/${id}/redrive`, "POST");
      if (status === 200) redriven++;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  const code = await shop.relay.stop("SIGTERM");
  if (code !== 0) stage.broken.push(`the relay ended with ${String(code)} when it was asked to stop`);
  return redriven;
}

async function counted<Result>(
  { driver, paper }: Stage,
  tally: Tally,
  live: () => Promise<Result>,
): Promise<Result> {
  const answered = driver.answers.length;
  const slips = paper.slips.length;
  const result = await live();
  const printed = paper.slips.slice(slips);
  tally.answered += driver.answers.length - answered;
  tally.slips += printed.length;
  tally.marked += printed.filter(({ marked }) => marked).length;
  return result;
}
