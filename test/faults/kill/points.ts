import { FILE, ON, type Disk, type Fault } from "../../fakes/disk/disk.ts";
import { until } from "../../e2e/process.ts";
import type { LoadOptions } from "./driver.ts";
import type { LedgerUnderKills } from "./ledger.ts";
import type { Stage } from "./stage.ts";

/** A place in the relay's work at which it is killed. */
export interface Point {
  name: string;
  /** One life, from the start to the end of the process. @returns whether it ended at the point */
  live(stage: Stage): Promise<boolean>;
}

/** A life ends at the latest when so much was sent; a point that was not met by then is missed. */
export const LOAD: LoadOptions = { webhooks: 200, connections: 6 };
/** How far into a life a point may lie; `LOAD` brings more of each. */
const WRITES_MAX = 1_500;
const FLUSHES_MAX = 40;
const SLIPS_MAX = 40;
/** A random moment: after so many answers and so long; the load is over before the latest, so idle relays die too. */
const ANSWERS_MAX = 60;
const RANDOM_LOAD: LoadOptions = { webhooks: ANSWERS_MAX, connections: 6 };
const RANDOM_MS_MAX = 50;
/** Longer than what was sent needs to go out; afterwards nothing is written that a point could meet. */
export const PATIENCE_MS = 3_000;
/** So long may pass until nothing is under way; what still is then, shows at the end. */
const IDLE_MS_MAX = 20_000;

const kills = ["kill_before", "kill_after", "kill_torn"] as const;

/** At a random moment under load: what needs no broken disk. */
export const RANDOM_POINTS: readonly Point[] = [
  {
    name: "at random",
    async live(stage) {
      const { shop, driver } = stage;
      const answers = driver.answers.length + stage.draw.int(0, ANSWERS_MAX);
      const delayMs = stage.draw.int(0, RANDOM_MS_MAX);
      await stage.open();
      let over = false;
      const load = driver.load(RANDOM_LOAD).then(() => (over = true));
      await until(() => over || driver.answers.length >= answers);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await shop.relay.stop("SIGKILL");
      await load;
      return true;
    },
  },
  {
    // The POST has come, and the relay waits for the answer.
    name: "between send and record",
    async live(stage) {
      const n = stage.draw.int(1, SLIPS_MAX);
      await stage.open();
      let met = false;
      stage.paper.at(n, () => {
        met = true;
        void stage.shop.relay.stop("SIGKILL");
      });
      await stage.driver.load(LOAD);
      await end(stage);
      return met;
    },
  },
];

/** What needs the broken disk (test/fakes/disk). */
export const DISK_POINTS: readonly Point[] = [
  underLoad("before the commit: a write to the log", ({ draw }) => ({
    ...{ on: ON.write, files: FILE.wal, action: "kill_before" },
    at: draw.int(1, WRITES_MAX),
  })),
  underLoad("before the commit: the flush of the log", ({ draw }) => ({
    ...{ on: ON.sync, files: FILE.wal, action: "kill_before" },
    at: draw.int(1, FLUSHES_MAX),
  })),
  underLoad("between commit and answer", ({ draw }) => ({
    ...{ on: ON.sync, files: FILE.wal, action: "kill_after" },
    at: draw.int(1, FLUSHES_MAX),
  })),
  underLoad("a torn write to the log", ({ draw }) => ({
    ...{ on: ON.write, files: FILE.wal, action: "kill_torn" },
    at: draw.int(1, WRITES_MAX),
  })),
  {
    // One webhook alone, when nothing else is under way: the next thing written is what became of its slip.
    name: "between the cloud's answer and the record",
    async live(stage) {
      const { paper } = stage;
      await stage.open();
      await untilIdle(stage);
      paper.at(1, () => {
        diskOf(stage).break({ on: ON.write, files: FILE.wal, action: "kill_before", at: 1 });
      });
      await stage.driver.load({ webhooks: 1, connections: 1, only_new: true });
      return metIn(stage);
    },
  },
  {
    // What the life before left in `sending` is being taken up.
    name: "while starting",
    async live(stage) {
      const action = stage.draw.pick(kills);
      const on = action === "kill_torn" ? ON.write : stage.draw.pick([ON.write, ON.sync]);
      const disk = diskOf(stage);
      disk.break({ on, files: FILE.wal, action, at: stage.draw.int(1, 3) });
      const started = stage.open().then(() => stage.driver.load(LOAD));
      await started.catch((error: unknown) => {
        if (disk.hits() === 0) throw error;
      });
      return metIn(stage);
    },
  },
  {
    // The last connection that closes copies the whole log into the ledger; so does a log that has grown long.
    name: "during a checkpoint",
    async live(stage) {
      const on = stage.draw.pick([ON.write, ON.write, ON.sync]);
      const action = stage.draw.pick(on === ON.sync ? (["kill_before", "kill_after"] as const) : kills);
      const at = on === ON.sync ? 1 : stage.draw.int(1, 12);
      await stage.open();
      diskOf(stage).break({ on, files: FILE.ledger, action, at });
      await stage.driver.load(RANDOM_LOAD);
      await stage.shop.relay.stop("SIGTERM");
      return metIn(stage);
    },
  },
];

function underLoad(name: string, faultOf: (stage: Stage) => Fault): Point {
  return {
    name,
    async live(stage) {
      const fault = faultOf(stage);
      await stage.open();
      diskOf(stage).break(fault);
      await stage.driver.load(LOAD);
      return metIn(stage);
    },
  };
}

async function metIn(stage: Stage): Promise<boolean> {
  const disk = diskOf(stage);
  await end(stage);
  const met = disk.hits() > 0;
  disk.mend();
  return met;
}

/** Gives what was sent the time to meet the point, then ends the relay all the same. */
export async function end({ shop, paper }: Stage): Promise<void> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const late = new Promise((resolve) => patience.addEventListener("abort", resolve, { once: true }));
  await Promise.race([shop.relay.ended, late]);
  await shop.relay.stop("SIGKILL");
  paper.forget();
}

function diskOf({ disk }: Stage): Disk {
  if (disk === null) throw new Error("this point needs the broken disk");
  return disk;
}

/** Until nothing is left to be done but by a person. */
export async function untilIdle({ paper, ledger }: Pick<Stage, "paper" | "ledger">): Promise<void> {
  const late = AbortSignal.timeout(IDLE_MS_MAX);
  await until(async () => late.aborted || (paper.quiet() && (await isIdle(ledger))));
}

async function isIdle(ledger: LedgerUnderKills): Promise<boolean> {
  const { waiting, held } = await ledger.unsettled();
  return waiting === held.length;
}
