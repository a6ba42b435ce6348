import Database from "better-sqlite3";
import { RelayError } from "../../core/errors.ts";
import { isDamaged } from "../sql/damage.ts";

/** What to do about each family of SQLite's result codes (https://www.sqlite.org/rescode.html). */
const ADVICE: readonly (readonly [prefix: string, advice: string])[] = [
  ["SQLITE_FULL", "the disk is full: free some space; nothing already accepted is lost"],
  ["SQLITE_IOERR", "the disk failed to read or write: check it and its free space"],
  ["SQLITE_READONLY", "the file or its folder is read-only: make both writable for the relay's user"],
  ["SQLITE_BUSY", "another process is writing to it for too long: try again, or end that process"],
  ["SQLITE_LOCKED", "another statement holds it: try again"],
  [
    "SQLITE_CANTOPEN",
    "it cannot be opened: check the path, the permissions of the file and its folder, and that the disk is not read-only",
  ],
  ["SQLITE_PERM", "access is denied: check the permissions of the file and its folder"],
  ["SQLITE_CORRUPT", "the file is damaged: stop the relay and put a backup in its place"],
  ["SQLITE_NOTADB", "the file is no SQLite database: check RELAY_DATABASE, or put a backup in its place"],
  ["SQLITE_NOMEM", "no memory is left: try again"],
];

/**
 * What a caller is to see: trouble with the file becomes `ledger_unavailable` with what to do; a refusal of our
 * own and a bug (a broken constraint, wrong SQL) stay what they are.
 *
 * @param path of the ledger, named in the message
 */
export function asLedgerError(error: unknown, path: string): Error {
  const advice = adviceOf(error);
  if (advice === null)
    return error instanceof Error ? error : new Error("no Error was thrown", { cause: error });
  return new RelayError("ledger_unavailable", `the ledger ${path} cannot be used now: ${advice}`, {
    cause: error,
  });
}

export function isTroubleWithFile(error: unknown): boolean {
  return adviceOf(error) !== null;
}

/** @returns null when it is no trouble with the file */
export function adviceOf(error: unknown): string | null {
  if (error instanceof Database.SqliteError) {
    return ADVICE.find(([prefix]) => error.code.startsWith(prefix))?.[1] ?? null;
  }
  return isDamaged(error) ? "a stored value is damaged: stop the relay and put a backup in its place" : null;
}

/** Another connection holds the lock that is asked for. */
export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY");
}
