import type { Database } from "better-sqlite3";
import { RelayError } from "../../core/errors.ts";
import type { LedgerVitals } from "../ledger.ts";
import { createCommitFigures } from "../sql/commit-figures.ts";
import { asLedgerError, isTroubleWithFile } from "./errors.ts";
import { createOwnFiles } from "./own-files.ts";

/**
 * Calls that arrive in the same turn of the event loop share one durable transaction, and with it the one wait
 * for the disk. The failure of one undoes it alone.
 */
export interface GroupCommit {
  /**
   * @param work synchronous; reads and writes inside the shared transaction; run anew when another call's failure
   *   undid it
   * @returns what `work` returned, once it is durable
   * @throws what `work` threw; `ledger_unavailable` when the transaction could not begin or commit
   */
  write<Result>(work: () => Result): Promise<Result>;
  /** Of all transactions so far. */
  figures(): Pick<LedgerVitals, "commit_s" | "commit_calls">;
  /** Commits what waits, now; further calls are refused. */
  close(): void;
}

/** More wait for the next turn, so that callbacks and timers get theirs. */
const CALLS_PER_COMMIT_MAX = 250;

interface Call {
  work: () => unknown;
  settle: (result: Settled) => void;
}
type Settled = { done: true; value: unknown } | { done: false; error: Error };

/** @param path of the ledger, for error messages */
export function createGroupCommit(db: Database, path: string): GroupCommit {
  const commitAll = createCommitAll(db, path);
  const figures = createCommitFigures();
  let waiting: Call[] = [];
  let closed = false;

  function flush(): void {
    const calls = waiting.slice(0, CALLS_PER_COMMIT_MAX);
    waiting = waiting.slice(CALLS_PER_COMMIT_MAX);
    if (waiting.length > 0) setImmediate(flush);
    if (calls.length === 0) return;
    const ended = figures.begin(calls.length);
    const results = commitAll(calls);
    ended();
    calls.forEach(({ settle }, index) => {
      const result = results[index];
      if (result !== undefined) settle(result);
    });
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

/** @returns what runs the calls in one transaction: one result each, in their order; never throws */
function createCommitAll(db: Database, path: string): (calls: readonly Call[]) => Settled[] {
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const rollback = db.prepare("ROLLBACK");
  const save = db.prepare("SAVEPOINT call");
  const undo = db.prepare("ROLLBACK TO call");
  const release = db.prepare("RELEASE call");
  const files = createOwnFiles(db, path);

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
    begin.run();
    return calls.map(runOne);
  }

  function rollBack(): void {
    try {
      if (db.inTransaction) rollback.run();
    } catch {
      // The file is in such trouble that not even this works; the next BEGIN tells.
    }
  }

  return (calls) => {
    try {
      files.assure();
      begin.run();
      const results = runAll(calls) ?? runEach(calls);
      commit.run();
      // Only what the next start will find is told as stored.
      files.assure();
      return results;
    } catch (cause) {
      rollBack();
      const error = tellsItself(cause)
        ? asLedgerError(cause, path)
        : new RelayError("ledger_unavailable", `the ledger ${path} could not commit: try again`, { cause });
      return calls.map(() => ({ done: false, error }));
    }
  };
}

function tellsItself(cause: unknown): boolean {
  return isTroubleWithFile(cause) || (cause instanceof RelayError && cause.code === "ledger_unavailable");
}
