import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import pg from "pg";

/** A PostgreSQL server of one test file's own, on loopback, in a folder that goes with it. */
export interface PostgresServer {
  /** Of a new, empty database. */
  createDatabase(): Promise<string>;
  /** As an operator would: SQL on the server's own database. */
  command(sql: string): Promise<Record<string, unknown>[]>;
  /** Ends at once, as with a loss of power. */
  stop(): Promise<void>;
  /** At the same address as before. */
  start(): Promise<void>;
  /** Of a server that is stopped: what `goBack` puts in place of what it has then, as a standby that lags would be. */
  keep(): void;
  goBack(): void;
  /** Stops it and leaves nothing behind. */
  remove(): Promise<void>;
}

/** Where its programs are; null: PostgreSQL is not installed here. With CI=true that is an error. */
export const POSTGRES = findPostgres();

function findPostgres(): string | null {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env.PATH ?? "").split(delimiter),
  ];
  const found = folders.find((folder) => existsSync(join(folder, "initdb")));
  if (found !== undefined) return found;
  if (process.env.CI === "true")
    throw new Error("tests of PostgreSQL cannot run (apt-get install postgresql)");
  process.stderr.write(
    "what needs PostgreSQL is skipped: it is not installed here (apt-get install postgresql)\n",
  );
  return null;
}

const USER = "relay";

/** @param settings of the server, such as `max_connections=20` */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "postgres-test-"));
  const [data, kept] = [join(folder, "data"), join(folder, "kept")];
  // It refuses to run as root.
  const identity = process.getuid?.() === 0 ? idsOf("postgres") : null;
  if (identity !== null) chownSync(folder, identity.uid, identity.gid);
  chmodSync(folder, 0o700);
  const options = ["--auth=trust", `--username=${USER}`, "--encoding=UTF8", "--locale=C", "--no-sync"];
  execFileSync(program("initdb"), ["--pgdata", data, ...options], { ...identity, cwd: folder });
  const port = await freePort();
  let server: ChildProcess | null = null;
  let made = 0;
  const urlOf = (database: string): string => `postgres://${USER}@127.0.0.1:${port}/${database}`;

  async function start(): Promise<void> {
    const given = [`port=${port}`, `unix_socket_directories=${folder}`, "fsync=off", ...settings];
    const told = given.flatMap((setting) => ["-c", setting]);
    server = spawn(program("postgres"), ["-D", data, ...told], { ...identity, cwd: folder, stdio: "pipe" });
    await untilReady(server);
  }

  async function command(sql: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client(urlOf("postgres"));
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  async function stop(): Promise<void> {
    const stopping = server;
    server = null;
    if (stopping === null) return;
    const ended = new Promise<void>((resolve) => stopping.once("exit", () => resolve()));
    // Immediate shutdown; SIGKILL would leave its children and shared memory behind.
    stopping.kill("SIGQUIT");
    await ended;
  }

  await start();
  return {
    command,
    start,
    stop,
    keep: () => copy(data, kept),
    goBack: () => copy(kept, data),
    async createDatabase() {
      const name = `test_${++made}`;
      await command(`CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** With its owner, who runs the server. */
function copy(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  execFileSync("cp", ["-a", from, to]);
}

function program(name: string): string {
  return join(POSTGRES ?? "", name);
}

function idsOf(user: string): { uid: number; gid: number } {
  const id = (flag: string): number => Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    server.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes("database system is ready to accept connections")) resolve();
    });
    server.once("exit", () => reject(new Error(`PostgreSQL ended at once: ${said}`)));
  });
}

/**
 * Below those that the system gives to connections (ip_local_port_range): none of these has taken it when a server that
 * was stopped is started again.
 */
const PORTS = [20_000, 32_000] as const;

async function freePort(): Promise<number> {
  const port = randomInt(...PORTS);
  return (await isFree(port)) ? port : freePort();
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
