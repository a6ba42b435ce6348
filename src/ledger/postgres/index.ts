import type { Pool } from "pg";
import type { NewerSchema } from "../../core/newer-schema.ts";
import type { Clock } from "../../core/time.ts";
import type { Ledger } from "../ledger.ts";
import type { Seal } from "../seal.ts";
import type { Driver } from "../sql/driver.ts";
import { createLedger } from "../sql/ledger.ts";
import { OF_MOVES, refuseMoved, type MetaRow } from "../sql/moving.ts";
import type { Work } from "../sql/statement.ts";
import { asLedgerError } from "./errors.ts";
import { createGroup, TRANSACTIONS_MAX } from "./group.ts";
import { createLend, type Lend } from "./lend.ts";
import { createListener } from "./listen.ts";
import { migrate, ownMigrations } from "./migrate.ts";
import { createClients } from "./pool.ts";

export interface PostgresLedgerOptions {
  /** `postgres://user:password@host:port/database`, with `sslmode` and the like behind it. */
  url: string;
  /** For error messages. */
  name: string;
  seal: Seal;
  clock: Pick<Clock, "after">;
}

/** Apart from those of transactions, so that no flood of questions keeps a webhook waiting; one of them listens. */
const READERS_MAX = 4;

/**
 * The ledger in a PostgreSQL database, which other relays may use at the same time. Brings its schema up to date.
 *
 * @throws `ledger_newer`, `ledger_unavailable`
 */
export async function openPostgresLedger({ seal, ...options }: PostgresLedgerOptions): Promise<Ledger> {
  return createLedger(await openDriver(options), seal);
}

async function openDriver({ url, name, clock }: Omit<PostgresLedgerOptions, "seal">): Promise<Driver> {
  const writers = createClients({ url, clock, max: TRANSACTIONS_MAX });
  const readers = createClients({ url, clock, max: READERS_MAX });
  let newerSchema: NewerSchema | null;
  try {
    newerSchema = await bringUpToDate(writers.pool, name);
  } catch (error) {
    await writers.close();
    throw asLedgerError(error, name);
  }
  const listener = createListener({ pool: readers.pool, clock });
  const group = createGroup(createLend(writers, clock), name, () => listener.tell());
  const lendReader = createLend(readers, clock);
  let closing: Promise<void> | null = null;

  async function close(): Promise<void> {
    await group.close();
    listener.close();
    await Promise.all([writers.close(), readers.close()]);
  }

  return {
    read: (work) => read(lendReader, name, work),
    write: group.write,
    mustWait: () => Promise.resolve(false),
    cutLog: () => Promise.resolve(true),
    // What a restored backup brings back is told in docs/scaling.md: there is no file that all relays could share.
    forgotten: { append: () => undefined, read: () => [] },
    newerSchema,
    vitals: () => Promise.resolve({ ...group.figures(), wal_bytes: null }),
    onForeignWrite: (heard) => listener.listen(heard),
    close: () => (closing ??= close()),
  };
}

async function bringUpToDate(pool: Pool, name: string): Promise<NewerSchema | null> {
  const client = await pool.connect();
  try {
    const migrations = ownMigrations();
    const version = await migrate(client, migrations, name);
    refuseMoved((await client.query<MetaRow>(OF_MOVES)).rows, name);
    return version > migrations.length ? { version, known: migrations.length } : null;
  } finally {
    client.release();
  }
}

async function read<Result>(lend: Lend, name: string, work: () => Work<Result>): Promise<Result> {
  try {
    return await lend((session) => session.run(work(), "alone"));
  } catch (error) {
    throw asLedgerError(error, name);
  }
}
