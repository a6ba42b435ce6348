import { RelayError } from "../../core/errors.ts";
import type { LedgerVitals } from "../ledger.ts";
import { createCommitFigures } from "../sql/commit-figures.ts";
import type { Driver } from "../sql/driver.ts";
import type { Work } from "../sql/statement.ts";
import { asLedgerError, mayPassNextTime, waitedTooLong } from "./errors.ts";
import type { Lend } from "./lend.ts";
import { newPlace } from "./plan.ts";
import { WantsAlone, type Session } from "./run.ts";

/** `Driver.write` on clients that are lent. */
export interface Group {
  write: Driver["write"];
  figures: () => Pick<LedgerVitals, "commit_s" | "commit_calls">;
  /** Further calls are refused. Resolves when all that waited are settled. */
  close(): Promise<void>;
}

/** More wait for the next transaction. */
const CALLS_PER_COMMIT_MAX = 250;
/** While one waits for its commit another is filled. */
export const TRANSACTIONS_MAX = 2;
/** Of a call that may be the one for which all were undone: it has waited for the same before. */
const LOCK_MS_MAX_EACH = 500;
/** So many calls of a transaction may wait in vain; the others, which have waited with them, are refused. */
const WAITED_MAX = 2;
/** Of one call that met another relay's: by then that one has ended, or this one would have waited for it. */
const TRIES_MORE_MAX = 5;

interface Call {
  work: () => Work<unknown>;
  lane: string | undefined;
  settle: (result: Settled) => void;
}
type Settled = { done: true; value: unknown } | { done: false; error: Error };

/**
 * @param name of the ledger, for error messages
 * @param onWritten after each transaction that has changed something
 */
export function createGroup(lend: Lend, name: string, onWritten: () => void): Group {
  const commits = createCommitter(lend, name, onWritten);
  const figures = createCommitFigures();
  const running = new Set<Promise<void>>();
  let waiting: Call[] = [];
  let planned = false;
  let closed = false;

  function plan(): void {
    if (planned || waiting.length === 0 || running.size >= TRANSACTIONS_MAX) return;
    planned = true;
    setImmediate(flush);
  }

  function flush(): void {
    planned = false;
    const calls = waiting.slice(0, CALLS_PER_COMMIT_MAX);
    waiting = waiting.slice(CALLS_PER_COMMIT_MAX);
    if (calls.length === 0) return;
    const ended = figures.begin();
    const transaction = commits(calls).then((results) => {
      ended(calls.length);
      running.delete(transaction);
      calls.forEach(({ settle }, index) => settle(results[index] ?? LOST));
      plan();
    });
    running.add(transaction);
    plan();
  }

  return {
    write: <Result>(work: () => Work<Result>, lane?: string) =>
      new Promise<Result>((resolve, reject) => {
        if (closed) {
          reject(new RelayError("ledger_unavailable", `the ledger ${name} is closed`));
          return;
        }
        const settle = (result: Settled): void =>
          result.done ? resolve(result.value as Result) : reject(result.error);
        waiting.push({ work, lane, settle });
        plan();
      }),
    figures: figures.read,
    async close() {
      closed = true;
      while (waiting.length > 0 || running.size > 0) {
        plan();
        await (running.size > 0 ? Promise.all(running) : new Promise(setImmediate));
      }
    },
  };
}

const LOST: Settled = { done: false, error: new Error("a call of a transaction has no result") };

/** @returns what runs the calls in one transaction: one result each, in their order; never rejects */
function createCommitter(
  lend: Lend,
  name: string,
  onWritten: () => void,
): (calls: readonly Call[]) => Promise<Settled[]> {
  /** @throws when the transaction could not begin, or it is not known whether it has committed */
  function inTransaction<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    return lend(async (session) => {
      const begun = session.command("BEGIN");
      begun.catch(() => undefined);
      const result = await work(session);
      await begun;
      return result;
    });
  }

  async function commit(session: Session): Promise<boolean> {
    if ((await session.command("COMMIT")) !== "COMMIT") return false;
    if (session.hasWritten()) onWritten();
    return true;
  }

  function couldNotCommit(cause?: unknown): RelayError {
    return new RelayError("ledger_unavailable", `the ledger ${name} could not commit: try again`, { cause });
  }

  /** As if none could fail. @returns null when one did: nothing is written then */
  function runAll(calls: readonly Call[]): Promise<Settled[] | null> {
    return inTransaction(async (session) => {
      const results = await sideBySide(session, calls);
      if (results !== null && (await commit(session))) return results;
      await session.command("ROLLBACK");
      return null;
    });
  }

  /** Each in a savepoint, so that only those that fail are undone. */
  function runEach(calls: readonly Call[]): Promise<Settled[]> {
    return inTransaction(async (session) => {
      await session.command(`SET LOCAL lock_timeout = ${LOCK_MS_MAX_EACH}`);
      const results: Settled[] = [];
      const inVain: Settled[] = [];
      for (const call of calls) {
        const result = inVain[WAITED_MAX - 1] ?? (await runOne(session, call));
        results.push(result);
        if (!result.done && waitedTooLong(result.error)) inVain.push(result);
      }
      if (await commit(session)) return results;
      throw couldNotCommit();
    });
  }

  /** What met another relay's transaction is tried again by itself. */
  async function again(call: Call, first: Settled): Promise<Settled> {
    let result = first;
    for (let tries = 0; tries < TRIES_MORE_MAX; tries++) {
      if (result.done || !mayPassNextTime(result.error)) break;
      result = await runEach([call]).then(([only = LOST]) => only, failure);
    }
    return result.done ? result : { done: false, error: asLedgerError(result.error, name) };
  }

  return async (calls) => {
    try {
      const all = await runAll(calls);
      if (all !== null) return all;
      const each = await runEach(calls);
      return await Promise.all(calls.map((call, index) => again(call, each[index] ?? LOST)));
    } catch (cause) {
      const told = asLedgerError(cause, name);
      const error = told instanceof RelayError ? told : couldNotCommit(cause);
      return calls.map(() => ({ done: false, error }));
    }
  };
}

async function runOne(session: Session, { work }: Call): Promise<Settled> {
  await session.command("SAVEPOINT call");
  try {
    const value = await session.run(work(), "alone");
    // Fails where something failed that was not waited for.
    await session.command("RELEASE call");
    return { done: true, value };
  } catch (error) {
    await session.command("ROLLBACK TO call");
    await session.command("RELEASE call");
    return failure(error);
  }
}

/** @returns null when one failed */
async function sideBySide(session: Session, calls: readonly Call[]): Promise<Settled[] | null> {
  const results = new Map<Call, Settled>();
  const later: Call[] = [];

  async function runLane(lane: readonly Call[]): Promise<void> {
    const place = newPlace();
    for (const call of lane) {
      try {
        results.set(call, { done: true, value: await session.run(call.work(), "others", place) });
      } catch (error) {
        if (!(error instanceof WantsAlone)) throw error;
        later.push(call);
      }
    }
  }

  const lanes = Map.groupBy(calls, ({ lane }) => lane);
  later.push(...(lanes.get(undefined) ?? []));
  lanes.delete(undefined);
  const ended = await Promise.allSettled([...lanes.values()].map(runLane));
  if (ended.some(({ status }) => status === "rejected")) return null;
  try {
    for (const call of later) {
      results.set(call, { done: true, value: await session.run(call.work(), "alone") });
    }
  } catch {
    return null;
  }
  return calls.map((call) => results.get(call) ?? LOST);
}

function failure(error: unknown): Settled {
  return {
    done: false,
    error: error instanceof Error ? error : new Error("no Error was thrown", { cause: error }),
  };
}
