import { closeSync, existsSync, openSync, readSync, statSync, truncateSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { RelayError } from "../../core/errors.ts";

/**
 * An open file can still be written after its name was deleted or given to another: SQLite would go on
 * committing, and the next start would find nothing of it. So the names are compared with what was opened.
 */
export interface OwnFiles {
  /**
   * To be called before a commit begins and again before its success is told: three looks at the folder, some
   * microseconds. A write-ahead log that is gone is made anew, with all that was in it put into the ledger first.
   *
   * @throws `ledger_unavailable` when the next start would not find what is committed now
   */
  assure(): void;
  /** After the ledger was closed, and not before: to close any file that is it ends the locks that SQLite has on it. */
  close(): void;
}

/** Device and inode of each; null: there is no such file. */
interface Identities {
  ledger: string | null;
  log: string | null;
  /** The log's index in shared memory: two processes with two of them would not see each other's locks. */
  index: string | null;
}

/** @param path of the ledger, which `db` holds open */
export function createOwnFiles(db: Database, path: string): OwnFiles {
  let own = openedNow();
  let parted = false;
  let file = existsSync(path) ? openSync(path, "r") : null;

  function openedNow(): Identities {
    // A first read: SQLite makes the log and its index only then.
    db.pragma("user_version");
    return identitiesAt(path);
  }

  /**
   * Empties the log into the ledger that was opened, wherever that is now: whole, it can be put back; and the file
   * in its place must not meet a log that is not its own, for SQLite would replay it.
   */
  function part(): void {
    if (parted) return;
    parted = true;
    try {
      db.pragma("wal_checkpoint(TRUNCATE)");
    } catch {
      // A disk that fails on top of it: what was opened stays as it is.
    }
  }

  /** @throws SQLITE_BUSY while another process has the ledger open: the next commit tries again */
  function makeLogAnew(now: Identities): void {
    if (now.log !== own.log && sizeOf(`${path}-wal`) > 0) {
      throw refusal(path, "its write-ahead log (-wal) was replaced");
    }
    // Checkpoints what only this process still holds, and deletes both files; then SQLite makes them again.
    db.pragma("journal_mode = DELETE");
    db.pragma("journal_mode = WAL");
    // The ledger's own identity stays what was opened, whatever has just been put at its name.
    own = { ...openedNow(), ledger: own.ledger };
  }

  return {
    assure() {
      const now = identitiesAt(path);
      if (now.ledger !== own.ledger) {
        part();
        throw refusal(path, "it was moved, deleted or replaced");
      }
      parted = false;
      if (now.log === own.log && file !== null && isWithoutLog(file)) {
        // It is of what is lost, and SQLite would write it into the backup, at the latest when it is closed.
        truncateSync(`${path}-wal`);
        throw new RelayError("ledger_unavailable", overwrittenText(path));
      }
      if (now.log !== own.log || now.index !== own.index) makeLogAnew(now);
    },
    close() {
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}

/** Of the header, the version that says how the file is written: 1 with a journal, 2 with a write-ahead log. */
const WRITE_VERSION_AT = 18;
const version = Buffer.alloc(1);

/**
 * A backup is written without a log, and the ledger that was made of one has its own once it was opened.
 * @see https://www.sqlite.org/fileformat2.html#the_database_header
 */
export function isWithoutLog(file: number): boolean {
  return readSync(file, version, 0, 1, WRITE_VERSION_AT) === 1 && version[0] === 1;
}

function identitiesAt(path: string): Identities {
  return { ledger: identityOf(path), log: identityOf(`${path}-wal`), index: identityOf(`${path}-shm`) };
}

function identityOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.dev}:${stats.ino}`;
}

/** @returns 0 where there is no such file */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function overwrittenText(path: string): string {
  return (
    `the ledger ${path} cannot be used now: a backup was copied over it while the relay runs, and what it had since that ` +
    "is lost; restart the relay to take up the backup"
  );
}

function refusal(path: string, what: string): RelayError {
  return new RelayError(
    "ledger_unavailable",
    `the ledger ${path} cannot be used now: ${what} while the relay runs; put it back, or restart the relay to ` +
      "use what is there now",
  );
}
