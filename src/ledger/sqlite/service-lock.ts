import { closeSync, existsSync, openSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import Database from "better-sqlite3";
import { RelayError } from "../../core/errors.ts";
import { makeFolder } from "../make-folder.ts";
import { giveToOwnerOf } from "../same-owner.ts";
import { isBusy } from "./errors.ts";

/** Held until it is released, or the process ends. */
export interface Lock {
  release(): void;
}

const OWNER_ONLY = 0o600;
const SERVICE = ".service-lock";
const KEYS = ".keys-lock";
/** Long enough to sit out somebody who only asks whether a service runs, short enough to refuse at once. */
const LOCK_WAIT_MS = 200;
/** The collector closes a database that nobody refers to any more, and with it would go the lock. */
const held = new Set<Database.Database>();

/**
 * Makes this process the only service on the ledger: two would each recover what the other is sending, and print
 * it twice. The lock is an open exclusive transaction on a small database of its own beside the ledger, so the
 * operating system releases it however the process ends, and nothing stale is ever left behind. The command
 * line needs none.
 *
 * @param path of the ledger
 * @throws `ledger_in_use` when another service holds it; `ledger_unavailable` when the lock file cannot be made
 */
export function holdServiceLock(path: string): Lock {
  return hold(
    path,
    lockPathOf(path, SERVICE),
    `the ledger ${path} is in use by another relay service: stop that one first, or give this one another ledger ` +
      "(RELAY_DATABASE)",
  );
}

/**
 * Makes this process the only one that changes a ledger's keys: of two rotations at once one would write over the
 * other's new key. The same kind of lock.
 *
 * @param path of the ledger
 * @throws `ledger_in_use` when another process changes them; `ledger_unavailable` when the lock file cannot be made
 */
export function holdKeysLock(path: string): Lock {
  const busy = `the keys of ${path} are being changed by another command: try again when that has ended`;
  return hold(path, lockPathOf(path, KEYS), busy);
}

function hold(path: string, lockPath: string, busy: string): Lock {
  let db: Database.Database | null = null;
  try {
    makeOwnerOnly(path, lockPath);
    db = new Database(lockPath, { timeout: LOCK_WAIT_MS });
    // No journal file: nothing is ever written.
    db.pragma("journal_mode = MEMORY");
    db.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    db?.close();
    if (isBusy(cause)) throw new RelayError("ledger_in_use", busy, { cause });
    throw new RelayError(
      "ledger_unavailable",
      `cannot lock the ledger ${path}: make its folder and ${lockPath} writable for the relay's user`,
      { cause },
    );
  }
  const own = db;
  held.add(own);
  return {
    release() {
      held.delete(own);
      own.close();
    },
  };
}

/** @param path of the ledger. Only asks: takes nothing that a starting service would not sit out. */
export function serviceIsRunning(path: string): boolean {
  const lockPath = lockPathOf(path, SERVICE);
  if (!existsSync(lockPath)) return false;
  const db = new Database(lockPath, { timeout: 0 });
  try {
    db.prepare("SELECT count(*) FROM sqlite_schema").get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    db.close();
  }
}

/** The same file for every way of writing the ledger's path. */
function lockPathOf(path: string, ending: string): string {
  if (existsSync(path)) return `${realpathSync(path)}${ending}`;
  const folder = dirname(path);
  return join(existsSync(folder) ? realpathSync(folder) : folder, `${basename(path)}${ending}`);
}

function makeOwnerOnly(path: string, lockPath: string): void {
  makeFolder(dirname(lockPath));
  if (existsSync(lockPath)) return;
  const file = openSync(lockPath, "a", OWNER_ONLY);
  try {
    giveToOwnerOf(path, file);
  } finally {
    closeSync(file);
  }
}
