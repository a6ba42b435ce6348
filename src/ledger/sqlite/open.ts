import { closeSync, existsSync, openSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { RelayError } from "../../core/errors.ts";
import { makeFolder } from "../make-folder.ts";
import { asLedgerError } from "./errors.ts";
import { migrate, ownMigrations } from "./migrate.ts";
import { isWithoutLog, sizeOf } from "./own-files.ts";

/** "GCRL": what tells a ledger of ours from any other SQLite file (`PRAGMA application_id`). */
export const APPLICATION_ID = 0x4743524c;

/**
 * How long a statement waits for another process's lock. Less than the 5 s in which stores want their answer (facts on
 * SHOPLINE): a 503 in time is better than none.
 */
export const BUSY_TIMEOUT_MS = 3000;
/** When the write-ahead log begins anew it is cut back to this; less than what pruning waits at (log.ts). */
const WAL_BYTES_KEPT = 16 * 1024 * 1024;
/** Of a new ledger: a packed body is 2 KB, and four of them share one page (decision 16). */
export const PAGE_BYTES = 8192;
/**
 * Taken as it is filled. With SQLite's own 2 MB a webhook costs a sixth more in a ledger of a million deliveries, for the
 * pages of their indexes are read again and again.
 */
const CACHE_BYTES = 16 * 1024 * 1024;
/** When the write-ahead log has grown by this it is written back; more at once would hold a webhook up for longer. */
const CHECKPOINT_BYTES = 4 * 1024 * 1024;
const OWNER_ONLY = 0o600;

/**
 * Opens the ledger's file, makes it (mode 0600, its folder too) when there is none, and brings its schema up to
 * date.
 *
 * @param pragmas further ones for this connection, such as `max_page_count = 1000000` to bound the file
 * @throws `ledger_newer` when a newer relay wrote it; `ledger_unavailable` when it cannot be opened or is not ours
 */
export function openDatabase(path: string, pragmas: readonly string[] = []): Database.Database {
  refuseOrphaned(path);
  create(path);
  let db: Database.Database | null = null;
  try {
    refuseForeignLog(path);
    db = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    const migrations = ownMigrations();
    refuseForeign(db, path);
    refuseTorn(db, path);
    refuseNewer(db, path, migrations.length);
    configure(db, path);
    migrate(db, migrations, APPLICATION_ID);
    for (const pragma of pragmas) db.pragma(pragma);
    return db;
  } catch (error) {
    db?.close();
    throw asLedgerError(error, path);
  }
}

/**
 * A log without its ledger: that was moved away, most likely under a running relay. A new one in its place would write
 * to that log, and the ledger that is put back would be overwritten by it.
 */
function refuseOrphaned(path: string): void {
  // In this order: who makes a ledger at the same time makes the file first.
  const left = [`${path}-wal`, `${path}-shm`].filter((file) => existsSync(file));
  if (left.length === 0 || existsSync(path)) return;
  throw new RelayError(
    "ledger_unavailable",
    `the ledger ${path} is not there, but ${left.join(" and ")} of it: put it back under its name; for a new one stop ` +
      "the relay, and move these away too",
  );
}

/** A log beside a backup that was not opened yet is another ledger's, and SQLite would replay it into the backup. */
function refuseForeignLog(path: string): void {
  if (sizeOf(`${path}-wal`) === 0) return;
  const file = openSync(path, "r");
  try {
    if (!isWithoutLog(file)) return;
  } finally {
    closeSync(file);
  }
  throw new RelayError(
    "ledger_unavailable",
    `the ledger ${path} is a backup that was put beside another ledger's log, which would damage it: move ${path}-wal ` +
      `and ${path}-shm away, then start again`,
  );
}

function create(path: string): void {
  try {
    makeFolder(dirname(path));
    // SQLite gives its -wal and -shm files the mode of this one. Also by a link that leads to no file yet.
    if (!existsSync(path)) closeSync(openSync(path, "a", OWNER_ONLY));
  } catch (error) {
    throw new RelayError(
      "ledger_unavailable",
      `the ledger ${path} cannot be made: make its folder writable, or set RELAY_DATABASE to another path`,
      { cause: error },
    );
  }
}

function refuseForeign(db: Database.Database, path: string): void {
  const id = db.pragma("application_id", { simple: true });
  if (id === APPLICATION_ID) return;
  const tables = db.prepare<[], number>("SELECT count(*) FROM sqlite_schema").pluck().get();
  if (id === 0 && tables === 0) return;
  throw new RelayError(
    "ledger_unavailable",
    `${path} is a database of something else, not a relay's ledger: set RELAY_DATABASE to another path`,
  );
}

/**
 * SQLite takes half a page for a whole one that ends in zeros. Only beside a log may there be one: then a checkpoint
 * was cut off, and the log has all of it.
 */
function refuseTorn(db: Database.Database, path: string): void {
  const torn = sizeOf(path) % Number(db.pragma("page_size", { simple: true })) !== 0;
  if (!torn || sizeOf(`${path}-wal`) > 0) return;
  throw new RelayError(
    "ledger_unavailable",
    `the ledger ${path} cannot be used now: the file is cut short: stop the relay and put a backup in its place`,
  );
}

function refuseNewer(db: Database.Database, path: string, known: number): void {
  const version = Number(db.pragma("user_version", { simple: true }));
  if (version <= known) return;
  throw new RelayError(
    "ledger_newer",
    `the ledger ${path} has schema ${version} and this relay knows up to ${known}: start the newer relay that ` +
      "wrote it, or put back a backup from before the upgrade",
  );
}

function configure(db: Database.Database, path: string): void {
  // Only a ledger that is made now: an older one keeps its own.
  db.pragma(`page_size = ${PAGE_BYTES}`);
  const mode = db.pragma("journal_mode = WAL", { simple: true });
  if (mode !== "wal") {
    throw new RelayError(
      "ledger_unavailable",
      `the ledger ${path} cannot use a write-ahead log: put it on a local disk, not on a network share`,
    );
  }
  // A commit is on the disk before it returns: what was answered 200 survives a loss of power.
  db.pragma("synchronous = FULL");
  db.pragma("foreign_keys = ON");
  db.pragma("trusted_schema = OFF");
  // What goes is overwritten, in the file and in pages that are free: a buyer who is erased must not be read there.
  db.pragma("secure_delete = ON");
  // What a statement needs to be undone: a file for it costs a write to the system for every page.
  db.pragma("temp_store = MEMORY");
  db.pragma(`cache_size = -${CACHE_BYTES / 1024}`);
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_BYTES / PAGE_BYTES}`);
  db.pragma(`journal_size_limit = ${WAL_BYTES_KEPT}`);
}
