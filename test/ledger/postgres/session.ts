import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { startPostgres, type PostgresServer } from "../../fakes/postgres.ts";

/**
 * An empty database on a server of the test file's own, and one session there for all of its tests: what is set and
 * prepared in it stays. To be called in a `describe`.
 *
 * @param sql what it begins with, in this order
 */
export function onEmptyDatabase(sql: readonly string[]): () => pg.Client {
  let server: PostgresServer;
  let client: pg.Client;
  beforeAll(async () => {
    server = await startPostgres();
    client = new pg.Client(await server.createDatabase());
    await client.connect();
    for (const text of sql) await client.query(text);
  });
  afterAll(async () => {
    await client.end();
    await server.remove();
  });
  return () => client;
}
