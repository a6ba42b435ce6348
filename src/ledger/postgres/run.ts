import type { ClientBase, QueryConfig } from "pg";
import type { StatementStep, StatementText, Step, Work } from "../sql/statement.ts";
import { toPostgres } from "./dialect.ts";
import { needsNewClient } from "./errors.ts";

/** One client, and with it at most one transaction at a time. */
export interface Session {
  /**
   * Runs a work to its end; several may be run at once: their statements go side by side, each work's in its order.
   * @param company with `others` a work that wants to be alone ends by `WantsAlone`, and has written nothing
   * @throws what the work does, and what its statements do
   */
  run<Result>(work: Work<Result>, company: "others" | "alone"): Promise<Result>;
  /** @returns the command as the server tells it: `ROLLBACK` to a COMMIT of what has failed */
  command(sql: Command): Promise<string>;
  /** Whether any row was changed. */
  hasWritten(): boolean;
  /** Whether it is of no more use: it has a transaction open, or another client, newly connected, may do better. */
  isSpent(): boolean;
}

export type Command =
  | "BEGIN"
  | "COMMIT"
  | "ROLLBACK"
  | "SAVEPOINT call"
  | "ROLLBACK TO call"
  | "RELEASE call"
  | `SET LOCAL lock_timeout = ${number}`;

/** The work is to be begun anew, when no other is under way in its transaction. */
export class WantsAlone extends Error {}

interface Prepared {
  query: QueryConfig & { rowMode?: "array" };
  /** What it is run with, by name; null: in the order of the parameters. */
  names: readonly string[] | null;
  /** What it finds it has changed. */
  writes: boolean;
}

/** A lock (`FOR UPDATE`) changes nothing. */
const WRITES = /\b(?:INSERT INTO|UPDATE \w+\s+SET|DELETE FROM)\b/;

/** By statement: the same in every session, for the text is. */
const known = new Map<StatementText, Prepared>();

function preparedOf(statement: StatementText, sql: string): Prepared {
  const made = known.get(statement);
  if (made !== undefined) return made;
  const { text, names } = toPostgres(sql);
  const query = {
    name: `relay_${known.size}`,
    text,
    ...(statement.plucked ? { rowMode: "array" as const } : {}),
  };
  const prepared = { query, names, writes: WRITES.test(text) };
  known.set(statement, prepared);
  return prepared;
}

type Answer = (error: Error | null, outcome: unknown) => void;
/** What is looked at of pg's own result. */
interface Told {
  command: string | null;
  rows: unknown[];
  rowCount: number | null;
}

export function createSession(client: ClientBase): Session {
  const wire = createWire(client);
  const turns = createTurns();
  /** What failed first of what nobody waited for: all that fails after it only says that something has. */
  let unseen: Error | null = null;
  let written = false;

  function ask(step: StatementStep, answer: Answer): void {
    const { statement, parameters, want } = step;
    if (statement.postgres === null) {
      answer(null, NOTHING[want]);
      return;
    }
    const prepared = preparedOf(statement, statement.postgres);
    const values = valuesOf(prepared.names, parameters);
    wire.query({ ...prepared.query, values }, (error, told) => {
      written ||= prepared.writes && (told?.rowCount ?? 0) > 0;
      answer(error, told === undefined ? undefined : outcomeOf(told, step));
    });
  }

  function perform(step: Step, company: "others" | "alone", has: Turns): Promise<unknown> | undefined {
    if (step === "alone") {
      if (company === "others") throw new WantsAlone();
      return undefined;
    }
    if ("together" in step) return allOf(step.together.map((work) => run(work, company)));
    if ("turn" in step) return has.take(step.turn);
    if ("postgres" in step) return run(step.postgres(), company);
    // Should it fail, so does all that follows in the transaction, and its COMMIT is told to be a ROLLBACK.
    if (step.want === "put") {
      ask(step, (error) => (unseen ??= error));
      return undefined;
    }
    return new Promise((resolve, reject) =>
      ask(step, (error, outcome) => (error === null ? resolve(outcome) : reject(unseen ?? error))),
    );
  }

  async function run<Result>(work: Work<Result>, company: "others" | "alone"): Promise<Result> {
    const has = turns();
    try {
      let next = work.next();
      while (next.done !== true) {
        let outcome: unknown;
        try {
          const performed = perform(next.value, company, has);
          outcome = performed === undefined ? undefined : await performed;
        } catch (error) {
          next = work.throw(error);
          continue;
        }
        next = work.next(outcome);
      }
      return next.value;
    } finally {
      has.leave();
    }
  }

  return {
    run,
    command: (sql) =>
      new Promise<string>((resolve, reject) =>
        wire.query({ text: sql }, (error, told) =>
          error === null ? resolve(told?.command ?? "") : reject(unseen ?? error),
        ),
      ).finally(() => (unseen = null)),
    hasWritten: () => written,
    isSpent: wire.isSpent,
  };
}

/**
 * None is under way any more when one has failed: what it wrote then would be written behind the ROLLBACK.
 * @throws what failed first
 */
async function allOf(running: readonly Promise<unknown>[]): Promise<unknown[]> {
  try {
    return await Promise.all(running);
  } catch (error) {
    await Promise.allSettled(running);
    throw error;
  }
}

/** What one work has of what its transaction's works do one after the other. */
interface Turns {
  take(of: string): Promise<unknown> | undefined;
  leave(): void;
}

function createTurns(): () => Turns {
  const last = new Map<string, Promise<unknown>>();
  return () => {
    const taken = new Map<string, (nothing: null) => void>();
    return {
      take(of) {
        if (taken.has(of)) return undefined;
        const before = last.get(of);
        const { promise, resolve } = Promise.withResolvers<unknown>();
        taken.set(of, resolve);
        last.set(of, promise);
        return before;
      },
      leave() {
        for (const leave of taken.values()) leave(null);
      },
    };
  };
}

function valuesOf(names: readonly string[] | null, parameters: readonly unknown[]): unknown[] {
  if (names === null) return parameters.map(storable);
  const given = parameters[0] as Record<string, unknown> | undefined;
  return names.map((name) => {
    const value = given?.[name];
    if (value === undefined) throw new Error(`the parameter :${name} is missing`);
    return storable(value);
  });
}

/** PostgreSQL has no place for the character of number 0 in a text. */
export function storable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(storable);
  return typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "\ufffd") : value;
}

function outcomeOf({ rows, rowCount }: Told, { statement, want }: StatementStep): unknown {
  if (want === "run") return rowCount ?? 0;
  if (!statement.plucked) return want === "all" ? rows : rows[0];
  const first = (rows as unknown[][]).map(([value]) => value);
  return want === "all" ? first : first[0];
}

/** What a statement finds that is not run here. */
const NOTHING: Record<StatementStep["want"], unknown> = { get: undefined, all: [], run: 0, put: undefined };

interface Wire {
  query(config: QueryConfig, done: (error: Error | null, told: Told | undefined) => void): void;
  isSpent: Session["isSpent"];
}

function createWire(client: ClientBase): Wire {
  const write = createCork(client);
  let spent = false;
  return {
    query(config, done) {
      write(() =>
        client.query<object>(config, (error: Error | null, told: Told | undefined) => {
          spent ||= needsNewClient(error);
          done(error, told);
        }),
      );
    },
    isSpent: () => spent || client.getTransactionStatus() !== "I",
  };
}

/** @returns what sends all that is asked in one turn in one write: each is a call to the system otherwise */
function createCork(client: ClientBase): (send: () => void) => void {
  const { stream } = (client as unknown as { connection: { stream: NodeJS.WritableStream & Corked } })
    .connection;
  let corked = false;
  return (send) => {
    if (!corked) {
      corked = true;
      stream.cork();
      process.nextTick(() => {
        corked = false;
        stream.uncork();
      });
    }
    send();
  };
}
interface Corked {
  cork(): void;
  uncork(): void;
}
