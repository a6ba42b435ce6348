import type { Database } from "better-sqlite3";
import { RelayError } from "../../core/errors.ts";
import type { LedgerVitals } from "../ledger.ts";
import { createCommitFigures } from "../sql/commit-figures.ts";
import { asLedgerError, isBusy, isTroubleWithFile } from "./errors.ts";
import { createOwnFiles, type OwnFiles } from "./own-files.ts";

/**
 * Calls that arrive in the same turn of the event loop share one durable transaction, and with it the one wait
 * for the disk. The failure of one undoes it alone.
 */
export interface GroupCommit {
  /**
   * @param work synchronous; reads and writes inside the shared transaction; run anew when another call's failure
   *   undid it
   * @returns what `work` returned, once it is durable
   * @throws what `work` threw; `ledger_unavailable` when the transaction could not commit, or not begin for as long as
   *   the connection's `busy_timeout`, because another process writes
   */
  write<Result>(work: () => Result): Promise<Result>;
  /** Of all transactions so far. */
  figures(): Pick<LedgerVitals, "commit_s" | "commit_calls">;
  /** Commits what waits, now; further calls are refused. */
  close(): void;
}

/** More wait for the next turn, so that callbacks and timers get theirs. */
const CALLS_PER_COMMIT_MAX = 250;
/**
 * While another process writes its lock is waited for in pieces of this: a read, which needs no lock, gets its turn in
 * between, and does not wait with those that write.
 */
const LOCK_LOOK_MS = 2;

interface Call {
  work: () => unknown;
  settle: (result: Settled) => void;
  /** Since when another process's lock has kept it waiting; null: it has not. */
  lockedSince: number | null;
}
type Settled = { done: true; value: unknown } | { done: false; error: Error };

/** @param path of the ledger, for error messages */
export function createGroupCommit(db: Database, path: string, files = createOwnFiles(db, path)): GroupCommit {
  const patienceMs = Number(db.pragma("busy_timeout", { simple: true }));
  const commitAll = createCommitAll({ db, path, files, patienceMs });
  const figures = createCommitFigures();
  let waiting: Call[] = [];
  let ended: ((calls: number) => void) | null = null;
  let closed = false;

  function flush(): void {
    if (waiting.length === 0) return;
    ended ??= figures.begin();
    const tried = commitAll(waiting.slice(0, CALLS_PER_COMMIT_MAX), closed);
    const results = "locked" in tried ? giveUp(tried.locked) : tried.results;
    const calls = waiting.slice(0, results.length);
    waiting = waiting.slice(results.length);
    if (waiting.length > 0) setImmediate(flush);
    if (calls.length === 0) return;
    ended(calls.length);
    ended = null;
    calls.forEach(({ settle }, index) => {
      const result = results[index];
      if (result !== undefined) settle(result);
    });
  }

  /** @returns the end of those, the first of `waiting`, that have waited for the lock for long enough */
  function giveUp(error: Error): Settled[] {
    const now = performance.now();
    for (const call of waiting) call.lockedSince ??= now;
    return waiting
      .filter(({ lockedSince }) => closed || now - (lockedSince ?? now) >= patienceMs)
      .map(() => ({ done: false, error }));
  }

  return {
    write: <Result>(work: () => Result) =>
      new Promise<Result>((resolve, reject) => {
        if (closed) {
          reject(new RelayError("ledger_unavailable", `the ledger ${path} is closed`));
          return;
        }
        waiting.push({
          work,
          lockedSince: null,
          settle: (result) => {
            if (result.done) resolve(result.value as Result);
            else reject(result.error);
          },
        });
        if (waiting.length === 1) setImmediate(flush);
      }),

    figures: figures.read,

    close() {
      closed = true;
      while (waiting.length > 0) flush();
    },
  };
}

/** One result for each call, in their order; or why another process's lock let nothing begin. */
type Tried = { results: Settled[] } | { locked: Error };

interface Place {
  db: Database;
  path: string;
  files: OwnFiles;
  /** What the connection waits for a lock where nothing else is said. */
  patienceMs: number;
}

/**
 * @returns what runs the calls in one transaction; never throws. Patient, it waits for another process's lock as long as
 *   the connection does, else for a moment
 */
function createCommitAll({
  db,
  path,
  files,
  patienceMs,
}: Place): (calls: readonly Call[], isPatient: boolean) => Tried {
  const begin = createBegin({ db, path, patienceMs });
  const commit = db.prepare("COMMIT");
  const rollback = db.prepare("ROLLBACK");
  const save = db.prepare("SAVEPOINT call");
  const undo = db.prepare("ROLLBACK TO call");
  const release = db.prepare("RELEASE call");

  /**
   * As if none could fail. Savepoints would have SQLite copy every page it changes aside, which doubles what a
   * webhook costs.
   * @returns null when one failed: nothing is written then
   */
  function runAll(calls: readonly Call[]): Settled[] | null {
    try {
      return calls.map(({ work }) => ({ done: true, value: work() }));
    } catch {
      rollBack();
      return null;
    }
  }

  /** @throws only when the whole transaction is lost */
  function runOne({ work }: Call): Settled {
    save.run();
    try {
      const value = work();
      release.run();
      return { done: true, value };
    } catch (error) {
      // On a full disk and its like SQLite may have ended the transaction by itself: then all are lost.
      if (!db.inTransaction) throw error;
      undo.run();
      release.run();
      return { done: false, error: asLedgerError(error, path) };
    }
  }

  /** Each in a savepoint, so that only those that fail are undone. */
  function runEach(calls: readonly Call[]): Settled[] {
    const locked = begin(true);
    if (locked !== null) throw locked;
    return calls.map(runOne);
  }

  function rollBack(): void {
    try {
      if (db.inTransaction) rollback.run();
    } catch {
      // The file is in such trouble that not even this works; the next BEGIN tells.
    }
  }

  return (calls, isPatient) => {
    try {
      files.assure();
      const locked = begin(isPatient);
      if (locked !== null) return { locked };
      const results = runAll(calls) ?? runEach(calls);
      commit.run();
      // Only what the next start will find is told as stored.
      files.assure();
      return { results };
    } catch (cause) {
      rollBack();
      return { results: calls.map(() => ({ done: false, error: whyNotCommitted(cause, path) })) };
    }
  };
}

/** @returns what begins a transaction, and tells what is in its way: another process's lock; null: it has begun */
function createBegin({ db, path, patienceMs }: Omit<Place, "files">): (isPatient: boolean) => Error | null {
  const begin = db.prepare("BEGIN IMMEDIATE");
  // By exec, a microsecond each: prepared, a pragma takes effect when SQLite compiles it, and not when it runs.
  const waitFor = (ms: number): unknown => db.exec(`PRAGMA busy_timeout = ${ms}`);
  return (isPatient) => {
    if (!isPatient) waitFor(LOCK_LOOK_MS);
    try {
      begin.run();
      return null;
    } catch (error) {
      if (isBusy(error)) return asLedgerError(error, path);
      throw error;
    } finally {
      if (!isPatient) waitFor(patienceMs);
    }
  };
}

function whyNotCommitted(cause: unknown, path: string): Error {
  const tellsItself =
    isTroubleWithFile(cause) || (cause instanceof RelayError && cause.code === "ledger_unavailable");
  if (tellsItself) return asLedgerError(cause, path);
  return new RelayError("ledger_unavailable", `the ledger ${path} could not commit: try again`, { cause });
}
