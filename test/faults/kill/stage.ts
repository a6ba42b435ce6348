import { relayCommand } from "../../e2e/process.ts";
import { prepareShop, type Shop } from "../../e2e/shop.ts";
import { diskLibrary, openDisk, type Disk } from "../../fakes/disk/disk.ts";
import { compiledFolder } from "./compiled.ts";
import { createDraw, type Draw } from "./draw.ts";
import { createDriver, type Driver } from "./driver.ts";
import type { History } from "./history.ts";
import { answerViolations, paperViolations } from "./invariants.ts";
import { storedOf } from "./ledger-file.ts";
import { createPaper, type Paper } from "./paper.ts";

/** The stage on which a relay lives and dies: stores, cloud, its files, and what breaks under it. */
export interface Stage {
  shop: Shop;
  driver: Driver;
  paper: Paper;
  /** Drawn from only by the points, one after the other: the same seed makes the same sequence. */
  draw: Draw;
  /** Under the relay. Null where it cannot be built. */
  disk: Disk | null;
  /** Broken promises that show at any moment, found so far. */
  broken: string[];
  history(): History;
  /** Starts the relay, and looks whether the last life's answers are there. @throws Error when it does not start */
  open(): Promise<void>;
  /** One command at the same ledger unless `env` names another. */
  command(args: string[], env?: Record<string, string>): ReturnType<typeof relayCommand>;
  close(): Promise<void>;
}

/** Tells the driver's chance from the points', which must not depend on how the load went. */
const DRIVER = 0x5eed;
/** From paper to button. */
const CONFIRM_AFTER_MS = 5;

export async function openStage(seed: number): Promise<Stage> {
  const paper = createPaper();
  const shop = await prepareShop(
    { confirm_after_ms: CONFIRM_AFTER_MS, onSlip: (slip) => paper.onSlip(slip) },
    { RELAY_LOG_LEVEL: "warn", NODE_COMPILE_CACHE: await compiledFolder() },
  );
  const path = shop.env.RELAY_DATABASE!;
  const disk = diskLibrary() === null ? null : openDisk(path);
  const plain = { ...shop.env };
  Object.assign(shop.env, disk?.env);
  const draw = createDraw(seed);
  const driver = createDriver(shop, createDraw(seed ^ DRIVER));
  let looked = 0;

  const stage: Stage = {
    shop,
    driver,
    paper,
    draw,
    disk,
    broken: [],
    history: () => ({
      answers: driver.answers,
      refusals: driver.refusals,
      slips: paper.slips,
      confirmed: paper.confirmed(),
    }),
    async open() {
      await shop.open();
      const answers = driver.answers.slice(looked);
      looked = driver.answers.length;
      const kept = storedOf(
        path,
        answers.map(({ webhook }) => webhook),
      );
      stage.broken.push(...answerViolations(answers, kept), ...paperViolations(paper.slips));
    },
    command: (args, env = {}) => relayCommand(shop.folder, args, { ...plain, ...env }),
    async close() {
      await shop.close();
      disk?.close();
    },
  };
  return stage;
}
