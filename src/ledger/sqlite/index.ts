import type { Clock } from "../../core/time.ts";
import type { Ledger } from "../ledger.ts";
import type { Seal } from "../seal.ts";
import type { Driver } from "../sql/driver.ts";
import { createLedger } from "../sql/ledger.ts";
import { OF_MOVES, refuseMoved, type MetaRow } from "../sql/moving.ts";
import type { Work } from "../sql/statement.ts";
import { asLedgerError } from "./errors.ts";
import { createForeignWrites } from "./foreign-writes.ts";
import { createForgottenFile } from "./forgotten-file.ts";
import { createGroupCommit } from "./group-commit.ts";
import { cutLog, mustWait, walBytes } from "./log.ts";
import { openDatabase } from "./open.ts";
import { createOwnFiles } from "./own-files.ts";
import { createRunner } from "./run.ts";

export interface SqliteLedgerOptions {
  /** Of the file; made with its folder when there is none. */
  path: string;
  seal: Seal;
  /** Only for `onForeignWrite`: every other moment comes with its call. */
  clock: Pick<Clock, "after">;
  /** Further pragmas of the connection, such as `max_page_count = 1000000` to bound the file. */
  pragmas?: readonly string[];
}

/**
 * The ledger in one SQLite file. One connection: writes share transactions (group-commit.ts), reads run between
 * them. Another process (the command line) may open the same file at the same time.
 *
 * @throws `ledger_newer`, `ledger_unavailable`
 */
// Asynchronous because a ledger's border is; opening a file is not.
// eslint-disable-next-line @typescript-eslint/require-await
export async function openSqliteLedger({ seal, ...options }: SqliteLedgerOptions): Promise<Ledger> {
  return createLedger(openDriver(options), seal);
}

function openDriver({ path, clock, pragmas }: Omit<SqliteLedgerOptions, "seal">): Driver {
  const db = openDatabase(path, pragmas);
  try {
    refuseMoved(db.prepare<[], MetaRow>(OF_MOVES).all(), path);
  } catch (error) {
    db.close();
    throw error;
  }
  const run = createRunner(db);
  const files = createOwnFiles(db, path);
  const group = createGroupCommit(db, path, files);
  const foreignWrites = createForeignWrites(db, clock);
  const told = createTold(path);
  return {
    read: <Result>(work: () => Work<Result>) => told(() => run(work())),
    write: <Result>(work: () => Work<Result>) => group.write(() => run(work())),
    mustWait: () => told(() => mustWait(db, path)),
    cutLog: () => told(() => cutLog(db)),
    forgotten: createForgottenFile(path),
    // One of a newer relay is refused.
    newerSchema: null,
    vitals: () => told(() => ({ ...group.figures(), wal_bytes: walBytes(path) })),
    onForeignWrite: (listener) => foreignWrites.watch(listener),
    async close() {
      foreignWrites.close();
      group.close();
      // A log that is of no ledger any more would be written into what is there now.
      await told(() => files.assure()).catch(() => undefined);
      db.close();
      files.close();
    },
  };
}

/** @returns what rejects instead of throwing, as everything asynchronous does */
function createTold(path: string): <Result>(ask: () => Result) => Promise<Result> {
  return <Result>(ask: () => Result) =>
    new Promise((resolve) => resolve(ask())).catch((error: unknown) => {
      throw asLedgerError(error, path);
    }) as Promise<Result>;
}
