import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { migrate, ownMigrations } from "../../../src/ledger/sqlite/migrate.ts";
import { APPLICATION_ID } from "../../../src/ledger/sqlite/open.ts";
import { until } from "../../e2e/process.ts";
import { FILE, ON, openDisk, type Disk } from "../../fakes/disk/disk.ts";
import type { Answer } from "./history.ts";
import { answerViolations, fileViolations } from "./invariants.ts";
import { factsOf, look } from "./ledger-file.ts";
import type { Point } from "./points.ts";
import type { Stage } from "./stage.ts";

const EVERY_CALL = ON.write + ON.sync;
const KILLS = ["kill_before", "kill_after", "kill_torn"] as const;
/** Sent before the command starts, so that there is something to prune and to back up. */
const LOAD_BEFORE = { webhooks: 40, connections: 4 };
/** Sent while it works. */
const LOAD_BESIDE = { webhooks: 300, connections: 1 };

interface Command {
  /** Of the ledger. */
  path: string;
  args: string[];
}

/** Of an older version, none at all being the oldest, is opened by the command line: no service runs on it. */
export const MIGRATION: Point = {
  name: "during a migration",
  async live(stage) {
    const migrations = ownMigrations();
    const folder = join(stage.shop.folder, "migration");
    const path = join(folder, "relay.db");
    mkdirSync(folder);
    makeLedgerOf(path, stage.draw.int(0, migrations.length - 1));
    const command = { path, args: ["apply", "stores.yaml"] };
    const met = await run(stage, command, (disk) => killSomewhere(stage, disk, FILE.ledger + FILE.wal, 40));
    await run(stage, command);
    const version = look(path, (db) => Number(db.pragma("user_version", { simple: true })));
    if (version !== migrations.length) stage.broken.push(`a killed migration ended at version ${version}`);
    stage.broken.push(...fileViolations(factsOf(path)));
    rmSync(folder, { recursive: true });
    return met;
  },
};

export const PRUNE: Point = {
  name: "during a prune",
  live: (stage) =>
    besideService(stage, {
      // All that is settled is old enough to go.
      args: ["prune", "--bodies-after", "0", "--attempts-after", "0"],
      files: FILE.ledger + FILE.wal,
      writes: 6,
      broken: () => [],
    }),
};

export const BACKUP: Point = {
  name: "during a backup",
  live(stage) {
    const file = join(stage.shop.folder, "backup.db");
    return besideService(stage, {
      args: ["backup", file],
      files: FILE.other,
      writes: 40,
      // Under its name there is a whole backup or none, also when the command was killed.
      broken(killed, answers) {
        if (!existsSync(file)) return killed ? [] : ["relay backup ended well and left no file"];
        const facts = factsOf(file);
        rmSync(file);
        return [...fileViolations(facts), ...answerViolations(answers, facts.webhooks)];
      },
    });
  },
};

interface Work extends Pick<Command, "args"> {
  /** Which it writes, and how often at least. */
  files: number;
  writes: number;
  /** @param answers given before it started */
  broken: (killed: boolean, answers: readonly Answer[]) => string[];
}

/** Under load the command is killed, then done again; and while it is, the service dies. */
async function besideService(stage: Stage, { args, files, writes, broken }: Work): Promise<boolean> {
  const { shop, driver } = stage;
  const command = { path: shop.env.RELAY_DATABASE!, args };
  await stage.open();
  await driver.load(LOAD_BEFORE);
  const load = driver.load(LOAD_BESIDE);
  const before = [...driver.answers];
  const met = await run(stage, command, (disk) => killSomewhere(stage, disk, files, writes));
  stage.broken.push(...broken(met, before));
  const beforeAgain = [...driver.answers];
  await run(stage, command, async (disk, done) => {
    disk.break({ on: EVERY_CALL, files, action: "count" });
    await until(() => disk.hits() > 0 || done());
    await shop.relay.stop("SIGKILL");
  });
  stage.broken.push(...broken(false, beforeAgain));
  await load;
  return met;
}

function makeLedgerOf(path: string, version: number): void {
  const db = new Database(path);
  migrate(db, ownMigrations().slice(0, version), APPLICATION_ID);
  db.close();
}

function killSomewhere({ draw }: Stage, disk: Disk, files: number, writes: number): void {
  disk.break({ on: EVERY_CALL, files, action: draw.pick(KILLS), at: draw.int(1, writes) });
}

/** @returns whether it was killed; a command that was not must have done its work */
async function run(
  stage: Stage,
  { path, args }: Command,
  beside: (disk: Disk, done: () => boolean) => Promise<void> | void = () => undefined,
): Promise<boolean> {
  const disk = openDisk(path);
  let done = false;
  const running = stage.command(args, { RELAY_DATABASE: path, ...disk.env }).finally(() => (done = true));
  await beside(disk, () => done);
  const { code, stderr } = await running;
  disk.close();
  if (code === null) return true;
  if (code !== 0) stage.broken.push(`relay ${args.join(" ")} failed: ${stderr}`);
  return false;
}
