import { randomBytes } from "node:crypto";
import pg from "pg";
import type { Slip } from "../../src/goodcom/simulator/slip.ts";
import { until } from "../e2e/process.ts";
import { startPostgres, type PostgresServer } from "../fakes/postgres.ts";
import { openService, type Service } from "../faults/disk/service.ts";

/** The real service on a real server, both of the test file's own. */
export interface ServiceOnPostgres extends Service {
  server: PostgresServer;
  /** Of the ledger's database: the service may go there by a way of the test's. */
  url: string;
  /** SQL on the ledger's own database. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Ids of the orders that have a delivery, in the order in which they came. */
  orders(): Promise<string[]>;
}

/**
 * @param via from the address of the database to the one that the service is given
 * @param settings of the server
 */
export async function openServiceOnPostgres({
  settings = [],
  via = (url) => Promise.resolve(url),
  onSlip = () => undefined,
}: {
  settings?: readonly string[];
  via?: (url: string) => Promise<string>;
  onSlip?: (slip: Slip) => void;
} = {}): Promise<ServiceOnPostgres> {
  const server = await startPostgres(settings);
  const url = await server.createDatabase();
  const service = await openService({
    settings: {
      RELAY_DATABASE: await via(url),
      RELAY_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    },
    onSlip,
  });
  const query = (sql: string): Promise<Record<string, unknown>[]> => onDatabase(url, sql);
  return {
    ...service,
    server,
    url,
    query,
    async orders() {
      const rows = await query("SELECT order_id FROM deliveries ORDER BY seq");
      return rows.map(({ order_id }) => String(order_id));
    },
    async close() {
      await service.close();
      await server.remove();
    },
  };
}

export async function onDatabase(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** As a store does: sends again what was not answered 200, until it is. @returns how often it was refused */
export async function sendUntilKept(service: Service, order: string): Promise<number> {
  let refused = 0;
  await until(async () => {
    const { status } = await service.send(order);
    if (status !== 200) refused++;
    return status === 200;
  });
  return refused;
}
