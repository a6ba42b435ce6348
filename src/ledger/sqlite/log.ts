import type { Database } from "better-sqlite3";
import { BUSY_TIMEOUT_MS } from "./open.ts";
import { sizeOf } from "./own-files.ts";

/**
 * While a reader is open the write-ahead log cannot be reset, and whatever is pruned makes it longer. Above this
 * pruning waits: half of what the log may grow to (64 MB), the other half is the webhooks'.
 */
export const WAL_BYTES_MAX = 32 * 1024 * 1024;
/** Readers that last longer keep the log for now; the ledger waits with whoever waits here. */
const CUT_WAIT_MS = 100;

/** @returns whether nothing is left in the write-ahead log */
export function cutLog(db: Database): boolean {
  db.pragma(`busy_timeout = ${CUT_WAIT_MS}`);
  try {
    const [found] = db.pragma("wal_checkpoint(TRUNCATE)") as { busy: number }[];
    return found?.busy === 0;
  } finally {
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  }
}

/**
 * The file says how far the log has grown; whether it can begin anew, a checkpoint: one that copied all of it
 * leaves it to the next commit to begin at its front (and to cut it, `journal_size_limit`).
 *
 * @param path of the ledger
 */
export function mustWait(db: Database, path: string): boolean {
  if (walBytes(path) <= WAL_BYTES_MAX) return false;
  const [found] = db.pragma("wal_checkpoint(PASSIVE)") as { log: number; checkpointed: number }[];
  return found !== undefined && found.checkpointed < found.log;
}

/** @param path of the ledger @returns the size of its write-ahead log */
export function walBytes(path: string): number {
  return sizeOf(`${path}-wal`);
}
