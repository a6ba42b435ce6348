import { afterAll, beforeAll } from "vitest";
import { POSTGRES, startPostgres, type PostgresServer } from "../fakes/postgres.ts";
import { makeFolder } from "./sqlite-ledger.ts";

/** A folder for SQLite's files and a PostgreSQL server, both of one test file's own. */
export interface MoveStage {
  folder: ReturnType<typeof makeFolder>;
  server: PostgresServer;
}

/** To be called at the top of the file; filled before its first test. */
export function moveStage(): MoveStage {
  const stage = {} as MoveStage;
  beforeAll(async () => {
    stage.folder = makeFolder();
    if (POSTGRES !== null) stage.server = await startPostgres();
  });
  afterAll(async () => {
    stage.folder.remove();
    if (POSTGRES !== null) await stage.server.remove();
  });
  return stage;
}
