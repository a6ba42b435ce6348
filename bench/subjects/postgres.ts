import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import pg from "pg";
import { POSTGRES, startPostgres } from "../../test/fakes/postgres.ts";
import { cpuMsOfTree } from "./cpu.ts";

export const hasPostgres = POSTGRES !== null;

/** A PostgreSQL server of this bench run, on loopback, in the folder for temporary files. */
export interface Postgres {
  /** @returns the address of a new, empty database */
  create(): Promise<string>;
  /** @param database address of one that nobody uses now @returns that of its copy, all of it on the disk */
  copy(database: string): Promise<string>;
  /** Ends whoever still uses it. */
  drop(database: string): Promise<void>;
  /** Processor time that the server took so far, all its processes. */
  cpuMs(): number;
}

/** As Debian sets a server up; what makes a commit durable is named, for the tests' servers go without. */
const SETTINGS = ["fsync=on", "synchronous_commit=on", "full_page_writes=on"];

const END_MS_MAX = 10_000;
const LOOK_EVERY_MS = 20;
/** To wait by in a handler of "exit", where nothing asynchronous comes to its turn any more. */
const NEVER_TOLD = new Int32Array(new SharedArrayBuffer(4));

export async function startBenchPostgres(): Promise<Postgres> {
  const server = await startPostgres(SETTINGS);
  const [{ data_directory: data } = {}] = await server.command("SHOW data_directory");
  if (typeof data !== "string") throw new Error("the PostgreSQL server does not tell where its data is");
  const lock = join(data, "postmaster.pid");
  const [line = ""] = readFileSync(lock, "utf8").split("\n");
  const pid = Number(line);
  process.once("exit", () => {
    process.kill(pid, "SIGQUIT");
    // It writes until it has ended, and what is written while it is removed stays.
    for (let waitedMs = 0; existsSync(lock) && waitedMs < END_MS_MAX; waitedMs += LOOK_EVERY_MS) {
      Atomics.wait(NEVER_TOLD, 0, 0, LOOK_EVERY_MS);
    }
    rmSync(dirname(data), { recursive: true, force: true });
  });
  let copies = 0;
  return {
    create: () => server.createDatabase(),
    async copy(database) {
      const copy = new URL(database);
      const name = `copy_${++copies}`;
      copy.pathname = name;
      await server.command(`CREATE DATABASE ${name} TEMPLATE ${nameOf(database)} STRATEGY file_copy`);
      await server.command("CHECKPOINT");
      spawnSync("sync");
      return copy.href;
    },
    async drop(database) {
      await server.command(`DROP DATABASE ${nameOf(database)} WITH (FORCE)`);
    },
    cpuMs: () => cpuMsOfTree(pid),
  };
}

/** @returns such as `15.14`; null: there is none on this machine */
export function postgresVersion(): string | null {
  if (POSTGRES === null) return null;
  const said = execFileSync(join(POSTGRES, "postgres"), ["--version"], { encoding: "utf8" });
  return /\d+(\.\d+)*/.exec(said)?.[0] ?? said.trim();
}

/** One statement after the other, on one connection. */
export async function withClient<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(database);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function nameOf(database: string): string {
  return new URL(database).pathname.slice(1);
}
