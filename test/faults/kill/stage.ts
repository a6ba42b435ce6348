import { relayCommand } from "../../e2e/process.ts";
import { prepareShop, type Shop } from "../../e2e/shop.ts";
import { diskLibrary, openDisk, type Disk } from "../../fakes/disk/disk.ts";
import type { PostgresServer } from "../../fakes/postgres.ts";
import type { TcpProxy } from "../../fakes/tcp-proxy.ts";
import { compiledFolder } from "./compiled.ts";
import { createDraw, type Draw } from "./draw.ts";
import { createDriver, type Driver } from "./driver.ts";
import type { History } from "./history.ts";
import { answerViolations, paperViolations } from "./invariants.ts";
import type { LedgerUnderKills } from "./ledger.ts";
import { ledgerInFile } from "./ledger-file.ts";
import { ledgerOnServer } from "./ledger-server.ts";
import { createPaper, type Paper } from "./paper.ts";

/** The stage on which a relay lives and dies: stores, cloud, its files, and what breaks under it. */
export interface Stage {
  shop: Shop;
  driver: Driver;
  paper: Paper;
  /** Drawn from only by the points, one after the other: the same seed makes the same sequence. */
  draw: Draw;
  ledger: LedgerUnderKills;
  /** Under the relay. Null where it cannot be built, and where the ledger is on a server. */
  disk: Disk | null;
  /** Between the relay and the server; null: its ledger is in a file. */
  wire: TcpProxy | null;
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

/** @param server null: the ledger is a file */
export async function openStage(seed: number, server: PostgresServer | null): Promise<Stage> {
  const paper = createPaper();
  const onServer = server === null ? null : await ledgerOnServer(server);
  const shop = await prepareShop(
    { confirm_after_ms: CONFIRM_AFTER_MS, onSlip: (slip) => paper.onSlip(slip) },
    { RELAY_LOG_LEVEL: "warn", NODE_COMPILE_CACHE: await compiledFolder(), ...onServer?.env },
  );
  const path = shop.env.RELAY_DATABASE!;
  const ledger = onServer ?? ledgerInFile(path);
  const disk = onServer !== null || diskLibrary() === null ? null : openDisk(path);
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
    ledger,
    disk,
    wire: onServer?.wire ?? null,
    broken: [],
    history: () => ({
      answers: driver.answers,
      refusals: driver.refusals,
      slips: paper.slips,
      confirmed: paper.confirmed(),
    }),
    async open() {
      await ledger.forsake();
      await shop.open();
      const answers = driver.answers.slice(looked);
      looked = driver.answers.length;
      const kept = await ledger.stored(answers.map(({ webhook }) => webhook));
      stage.broken.push(...answerViolations(answers, kept), ...paperViolations(paper.slips));
    },
    command: (args, env = {}) => relayCommand(shop.folder, args, { ...plain, ...env }),
    async close() {
      await shop.close();
      disk?.close();
      await ledger.close();
    },
  };
  return stage;
}
