import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { createGroup, TRANSACTIONS_MAX, type Group } from "../../../src/ledger/postgres/group.ts";
import { createLend, type Lend } from "../../../src/ledger/postgres/lend.ts";
import { createClients, type Clients } from "../../../src/ledger/postgres/pool.ts";
import { createManualClock, type ManualClock } from "../../fakes/manual-clock.ts";
import { startPostgres, type PostgresServer } from "../../fakes/postgres.ts";

/** One relay's way to the database: the parts of the driver, and what they did. */
export interface Opened {
  clients: Clients;
  lend: Lend;
  group: Group;
  /** `BEGIN`, `COMMIT` and the like, as they were sent. */
  commands: string[];
  /** How often others would have been told of a write. */
  written: () => number;
  clock: ManualClock;
  close: () => Promise<void>;
}

export const NAME = "postgres://test";

export function openDriver(url: string): Opened {
  const clock = createManualClock();
  const clients = createClients({ url, clock, max: TRANSACTIONS_MAX });
  const lend = createLend(clients, clock);
  const commands: string[] = [];
  let written = 0;
  const watched: Lend = (work) =>
    lend((session) =>
      work({
        ...session,
        command(sql) {
          commands.push(sql);
          return session.command(sql);
        },
      }),
    );
  const group = createGroup(watched, NAME, () => written++);
  return {
    clients,
    lend,
    group,
    commands,
    written: () => written,
    clock,
    async close() {
      await group.close();
      await clients.close();
    },
  };
}

/** A server and a database of the test file's own. To be called in a `describe`. */
export interface OnServer {
  server: () => PostgresServer;
  url: () => string;
  /** As somebody else would: on a connection of the test's own. */
  query: (sql: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;
}

/** @param schema what the database begins with */
export function onServer(schema: string, settings: readonly string[] = []): OnServer {
  let server: PostgresServer;
  let url: string;
  let other: pg.Pool;
  beforeAll(async () => {
    server = await startPostgres(settings);
    url = await server.createDatabase();
    // What a test commits here is to last when it stops the server, whatever the server does for others.
    other = new pg.Pool({ connectionString: url, max: 1, options: "-c synchronous_commit=on" });
    // A test may stop the server.
    other.on("error", () => undefined);
    await other.query(schema);
  });
  afterAll(async () => {
    await other.end();
    await server.remove();
  });
  return {
    server: () => server,
    url: () => url,
    query: async (sql, values = []) => (await other.query<Record<string, unknown>>(sql, values)).rows,
  };
}
