import { execFile, spawnSync } from "node:child_process";
import {
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openDisk } from "../../test/fakes/disk/disk.ts";
import { startChild } from "./child.ts";
import { freePort } from "./port.ts";
import { bareEnvironment, PRINTER, STORE, type Subject } from "./subject.ts";

/** The real service: `node src/main.ts serve`, a real file, settings by `relay apply`, its log into a file. */
export interface Relay extends Subject {
  admin_token: string;
  /** Processor time it took so far. */
  cpuMs(): number;
  /** Bytes of a SQLite ledger: the file, and its write-ahead log. */
  bytes(): { file: number; wal: number };
}

/** Where one relay lives; it can be started there again and again. */
export interface RelayHome {
  folder: string;
  env: Record<string, string>;
}

export interface RelayOptions {
  /** Base of the printer cloud. */
  cloud: string;
  /** Every flush of the ledger takes this much longer, in microseconds. */
  flush_us?: number;
  /** A ledger to start on a copy of, with its key; a fresh one unless given. */
  ledger?: RelayHome;
  /** Address of a PostgreSQL database that takes the file's place; several relays may have the same. */
  database?: string;
}

const runFile = promisify(execFile);
const ROOT = new URL("../../", import.meta.url);
const MAIN = fileURLToPath(new URL("src/main.ts", ROOT));
export const DATABASE = "relay.db";
const KEY_SUFFIX = ".key";
const COMMAND_MS_MAX = 60_000;
/** Of all relays on one PostgreSQL ledger. */
const ENCRYPTION_KEY = "07".repeat(32);
const ADMIN_TOKEN = "bench-admin-token-0123456789-0123456789";
const SETTINGS = `
printers:
  - { name: ${PRINTER.name}, api_key: ${PRINTER.api_key}, secret_key: ${PRINTER.secret_key} }
stores:
  - { name: ${STORE.name}, platform: shopline, printer: ${PRINTER.name}, secrets: ["${STORE.secret}"] }
`;

/** @param parent folder in which the relay's own is made */
export async function makeHome(parent: string, options: RelayOptions): Promise<RelayHome> {
  const folder = mkdtempSync(join(parent, "relay-"));
  const database = join(folder, DATABASE);
  const env: Record<string, string> = {
    ...bareEnvironment(),
    RELAY_DATABASE: database,
    RELAY_PORT: String(await freePort()),
    RELAY_ADMIN_TOKEN: ADMIN_TOKEN,
    GOODCOM_URL: options.cloud,
  };
  if (options.database !== undefined) {
    Object.assign(env, { RELAY_DATABASE: options.database, RELAY_ENCRYPTION_KEY: ENCRYPTION_KEY });
  }
  if (options.ledger === undefined) await applySettings({ folder, env });
  else copyLedger(options.ledger, database);
  if (options.flush_us === undefined) return { folder, env };
  const disk = openDisk(database);
  disk.slowBy(options.flush_us);
  return { folder, env: { ...env, ...disk.env } };
}

export async function startRelay(home: RelayHome): Promise<Relay> {
  const relay = spawnRelay(home);
  await relay.listening();
  return relay;
}

/** Does not wait until it takes connections. */
export function spawnRelay({ folder, env }: RelayHome): Relay & { listening(): Promise<void> } {
  const database = join(folder, DATABASE);
  const child = startChild(process.execPath, serveArguments(), {
    cwd: folder,
    env,
    log: join(folder, "log"),
  });
  return {
    listening: () => child.listening(Number(env.RELAY_PORT)),
    url: `http://127.0.0.1:${env.RELAY_PORT ?? ""}`,
    admin_token: ADMIN_TOKEN,
    memory: () => child.memory(),
    cpuMs: () => child.cpuMs(),
    bytes: () => ({ file: bytesOf(database), wal: bytesOf(`${database}-wal`) }),
    stop: () => child.stop(),
  };
}

/** As `npm start` has them, its paths absolute: the relay runs in a folder of its own. */
function serveArguments(): string[] {
  const manifest = readFileSync(new URL("package.json", ROOT), "utf8");
  const { scripts } = JSON.parse(manifest) as { scripts: { start: string } };
  const words = scripts.start.split(" ");
  return words
    .slice(words.indexOf("node") + 1)
    .map((word) => (word.includes("src/") ? fileURLToPath(new URL(word, ROOT)) : word));
}

async function applySettings(home: RelayHome): Promise<void> {
  writeFileSync(join(home.folder, "settings.yaml"), SETTINGS);
  await runCommand(home, ["apply", "settings.yaml"]);
}

/**
 * `relay …` as an operator types it, in a process of its own beside whatever runs on that ledger.
 * @returns what it wrote to stdout @throws when it fails or takes longer than `timeoutMs`, with its stderr
 */
export async function runCommand(
  { folder, env }: RelayHome,
  args: string[],
  timeoutMs = COMMAND_MS_MAX,
): Promise<string> {
  const { stdout } = await runFile(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env,
    timeout: timeoutMs,
  });
  return stdout;
}

/** Shares the blocks where the file system can. Else all is written out first, or it would be while we measure. */
function copyLedger(from: RelayHome, database: string): void {
  for (const suffix of ["", KEY_SUFFIX]) {
    copyFileSync(join(from.folder, DATABASE + suffix), database + suffix, constants.COPYFILE_FICLONE);
  }
  spawnSync("sync");
}

function bytesOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}
