import type { EventEmitter } from "node:events";
import pg from "pg";
import { SECOND_MS, type Clock } from "../../core/time.ts";
import { createCommitMemory, type CommitMemory } from "./commit-memory.ts";

const CONNECT_MS_MAX = 5 * SECOND_MS;
const STATEMENT_MS_MAX = 10 * SECOND_MS;
/** Longer than any relay holds one. */
const LOCK_MS_MAX = 2 * SECOND_MS;
/** A relay that was stopped in the middle of a transaction (SIGSTOP) keeps nobody waiting for longer. */
const IDLE_IN_TRANSACTION_MS_MAX = 20 * SECOND_MS;
/** Until what is asked to end has said goodbye to the server. */
const END_MS_MAX = 2 * SECOND_MS;

/** By which whoever looks at the server knows relays, and a move that it must not begin (../move/postgres.ts). */
export const APPLICATION_NAME = "goodcom-relay";

/** `%3F`, `%40` and the like stand for themselves in the name of the database, where pg leaves them as they are. */
export class Client extends pg.Client {
  constructor(config: pg.ClientConfig = {}) {
    super(config);
    const database = decodeURIComponent(new URL(config.connectionString ?? "").pathname.slice(1));
    const told = this as unknown as { connectionParameters: { database: string } };
    told.connectionParameters.database = database;
  }
}

export interface PoolOptions {
  url: string;
  clock: Pick<Clock, "after">;
  /** Connections at once. */
  max: number;
}

export interface Clients {
  pool: pg.Pool;
  /** Of what was committed by them. */
  commits: CommitMemory;
  /** Also of a server that says nothing more. What is lent comes back before. */
  close(): Promise<void>;
}

/**
 * Clients that are connected when they are needed. Each sends its statements one behind the other without waiting for
 * answers, and takes only a server that can write: after a failover the old one is not used again.
 */
export function createClients({ url, clock, max }: PoolOptions): Clients {
  const alive = new Set<pg.ClientBase>();
  const commits = createCommitMemory();
  const pool = new pg.Pool({
    Client,
    connectionString: url,
    pipeline: true,
    max,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    statement_timeout: STATEMENT_MS_MAX,
    lock_timeout: LOCK_MS_MAX,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS_MAX,
    application_name: APPLICATION_NAME,
    keepAlive: true,
    types: { getTypeParser },
    // The pool waits for it, though its types do not say so.
    // eslint-disable-next-line @typescript-eslint/no-misused-promises
    async onConnect(client) {
      // pg bounds the time of the connection itself only.
      const cancel = clock.after(CONNECT_MS_MAX, () => hangUp(client));
      await prepareClient(client, commits).finally(cancel);
    },
  });
  // Of clients that nobody uses: the pool lets go of them, and whoever needs one next hears of it.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => {
    // Whoever uses it hears of it by what fails; an error that nobody listens to would end the process.
    client.on("error", () => undefined);
    client.on("notice", (notice) => refuseUnreplicated(client, notice));
    alive.add(client);
    client.once("end", () => alive.delete(client));
  });
  return {
    pool,
    commits,
    async close() {
      const cancel = clock.after(END_MS_MAX, () => alive.forEach(hangUp));
      await pool.end().finally(cancel);
    },
  };
}

/** At once, and without a word to the server: it may be past hearing. What was asked fails. */
export function hangUp(client: pg.ClientBase): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

/**
 * A commit that waits for its standby, whose wait is ended by somebody: PostgreSQL says COMMIT all the same, with a warning
 * that a failover may lose it. That is not to be answered 200.
 */
function refuseUnreplicated(client: pg.ClientBase, { routine }: { routine: string | undefined }): void {
  if (routine !== "SyncRepWaitForLSN") return;
  const error = Object.assign(new Error("the standby has not confirmed the commit"), { code: "08007" });
  (client as unknown as { connection: EventEmitter }).connection.emit("error", error);
}

/**
 * Every statement has the index it is meant to go by (test/ledger/postgres/statements.test.ts). Unasked, PostgreSQL reads
 * and sorts a whole backlog with every claim for as long as its statistics do not know of it, up to minutes. What has no
 * index seems so dear then that it would be compiled each time (JIT), which takes 50 ms.
 */
export const BY_INDEX = "SET enable_seqscan = off; SET random_page_cost = 1.1; SET jit = off";

/** What a transaction waited for behind a lock it must see then, whatever the server's default is. */
const SEES_WHAT_OTHERS_COMMIT = "SET default_transaction_isolation = 'read committed'";
/** When it is connected an address that names its connections otherwise has the last word. */
const IS_A_RELAYS = `SET application_name = '${APPLICATION_NAME}'`;

async function prepareClient(client: pg.ClientBase, commits: CommitMemory): Promise<void> {
  await assureDurable(client);
  await client.query(`${BY_INDEX}; ${SEES_WHAT_OTHERS_COMMIT}; ${IS_A_RELAYS}`);
  await commits.meet(client);
}

/** What was answered 200 survives a loss of power, and nothing is read from a standby, which may lag behind. */
async function assureDurable(client: pg.ClientBase): Promise<void> {
  await client.query("SET synchronous_commit = on");
  const { rows } = await client.query<{ transaction_read_only: string }>("SHOW transaction_read_only");
  if (rows[0]?.transaction_read_only === "on") {
    throw Object.assign(new Error("the server is read-only"), { code: "25006" });
  }
}

/** By PostgreSQL's own numbers of types: what SQLite gives too, so that one logic reads both. */
const PARSERS: Record<number, (text: string) => unknown> = {
  [pg.types.builtins.BOOL]: (text) => (text === "t" ? 1 : 0),
  [pg.types.builtins.INT8]: Number,
  [pg.types.builtins.NUMERIC]: Number,
};

export function getTypeParser(type: number, format?: "text" | "binary"): (value: string) => unknown {
  return (
    PARSERS[type] ??
    (pg.types.getTypeParser as (...told: unknown[]) => (value: string) => unknown)(type, format)
  );
}
