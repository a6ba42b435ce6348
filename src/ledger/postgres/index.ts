import type { Pool } from "pg";
import type { Clock } from "../../core/time.ts";
import type { Ledger } from "../ledger.ts";
import type { Seal } from "../seal.ts";
import type { Driver } from "../sql/driver.ts";
import { createLedger } from "../sql/ledger.ts";
import { OF_MOVES, refuseMoved, type MetaRow } from "../sql/moving.ts";
import type { Work } from "../sql/statement.ts";
import { asLedgerError } from "./errors.ts";
import { createGroup } from "./group.ts";
import { createListener } from "./listen.ts";
import { migrate, ownMigrations } from "./migrate.ts";
import { createPool } from "./pool.ts";
import { createSession } from "./run.ts";

export interface PostgresLedgerOptions {
  /** `postgres://user:password@host:port/database`, with `sslmode` and the like behind it. */
  url: string;
  /** For error messages. */
  name: string;
  seal: Seal;
  clock: Pick<Clock, "after">;
}

/**
 * The ledger in a PostgreSQL database, which other relays may use at the same time. Brings its schema up to date.
 *
 * @throws `ledger_newer`, `ledger_unavailable`
 */
export async function openPostgresLedger({ seal, ...options }: PostgresLedgerOptions): Promise<Ledger> {
  return createLedger(await openDriver(options), seal);
}

async function openDriver({ url, name, clock }: Omit<PostgresLedgerOptions, "seal">): Promise<Driver> {
  const pool = createPool(url);
  try {
    await bringUpToDate(pool, name);
  } catch (error) {
    await pool.end();
    throw asLedgerError(error, name);
  }
  const group = createGroup(pool, name, clock);
  const listener = createListener({ pool, clock });
  let closing: Promise<void> | null = null;

  async function close(): Promise<void> {
    await group.close();
    listener.close();
    await pool.end();
  }

  return {
    read: (work) => read(pool, name, work),
    async write(work, lane) {
      const result = await group.write(work, lane);
      listener.tell();
      return result;
    },
    mustWait: () => Promise.resolve(false),
    cutLog: () => Promise.resolve(true),
    // What a restored backup brings back is told in docs/scaling.md: there is no file that all relays could share.
    forgotten: { append: () => undefined, read: () => [] },
    vitals: () => Promise.resolve({ ...group.figures(), wal_bytes: null }),
    onForeignWrite: (heard) => listener.listen(heard),
    close: () => (closing ??= close()),
  };
}

async function bringUpToDate(pool: Pool, name: string): Promise<void> {
  const client = await pool.connect();
  try {
    await migrate(client, ownMigrations(), name);
    refuseMoved((await client.query<MetaRow>(OF_MOVES)).rows, name);
  } finally {
    client.release();
  }
}

async function read<Result>(pool: Pool, name: string, work: () => Work<Result>): Promise<Result> {
  try {
    const client = await pool.connect();
    try {
      return await createSession(client).run(work(), "alone");
    } finally {
      client.release();
    }
  } catch (error) {
    throw asLedgerError(error, name);
  }
}
