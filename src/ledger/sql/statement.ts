/**
 * One step of a work: a statement, works that need not wait for one another, what each database does in its own way, or
 * a wish (`alone`, `turn`).
 */
export type Step =
  | StatementStep
  | { together: readonly Work<unknown>[] }
  | { sqlite: () => Work<unknown>; postgres: () => Work<unknown> }
  | "alone"
  | { turn: string };

/**
 * One statement, what it is run with, and what is wanted of it. `put` is a `run` whose outcome nobody
 * looks at: a database that is far away need not be waited for. Of a batch only `get`, `put` and `insert` can be.
 */
export interface StatementStep {
  statement: StatementText;
  /** Of `?` in their order, or one object for `:name`. */
  parameters: readonly unknown[];
  want: "get" | "all" | "run" | "put" | "insert";
}

/**
 * What reads and writes inside one transaction, told step by step to whoever has the database: so that SQLite runs it
 * at once and PostgreSQL many side by side. It may be begun anew when its transaction was undone.
 */
export type Work<Result> = Generator<Step, Result, unknown>;

/** The SQL of a statement in each database's words; null: there it is not run, and finds nothing. */
export interface StatementText {
  sqlite: string | null;
  postgres: string | Batch | null;
  /** Only the first column of each row is wanted, as it is. */
  plucked: boolean;
}

/**
 * What works that run side by side ask for with one and the same statement, PostgreSQL does at once. `given` is a table of
 * what each has asked with, in the columns `types`, and its place among them, `nth`. Who wants something back finds it in
 * the row with its `nth`, if there is one; no two ask for the same row.
 */
export interface Batch {
  /** In the order of the statement's parameters where these have no names. */
  types: Readonly<Record<string, ColumnType>>;
  sql: string;
}
export type ColumnType = "bigint" | "text" | "bytea";

type Bound<Parameters> = Parameters extends readonly unknown[] ? Parameters : [Parameters];

/** A statement that is prepared once by each connection that runs it. To be made once, not for every use. */
export interface Statement<Parameters, Row> extends StatementText {
  get(...parameters: Bound<Parameters>): Work<Row | undefined>;
  all(...parameters: Bound<Parameters>): Work<Row[]>;
  /** @returns how many rows it changed */
  run(...parameters: Bound<Parameters>): Work<number>;
  /** As `run`, for whom it is enough that it fails with the transaction. */
  put(...parameters: Bound<Parameters>): Work<void>;
  /** Of an INSERT of one row. @returns its `seq`, which PostgreSQL's words return; undefined when there is none */
  insert(...parameters: Bound<Parameters>): Work<number | undefined>;
  pluck(): Statement<Parameters, Row>;
}

/**
 * @param sql in SQLite's words. PostgreSQL's are made of it (dialect.ts) where they are not given
 * @param postgres where the two differ by more
 */
export function prepare<Parameters extends readonly unknown[] | object = [], Row = unknown>(
  sql: string | null,
  postgres: string | Batch | null = sql,
): Statement<Parameters, Row> {
  return statementOf<Parameters, Row>({ sqlite: sql, postgres, plucked: false });
}

function statementOf<Parameters, Row>(text: StatementText): Statement<Parameters, Row> {
  const statement: Statement<Parameters, Row> = {
    ...text,
    *get(...parameters) {
      return (yield { statement, parameters, want: "get" }) as Row | undefined;
    },
    *all(...parameters) {
      return (yield { statement, parameters, want: "all" }) as Row[];
    },
    *run(...parameters) {
      return (yield { statement, parameters, want: "run" }) as number;
    },
    *put(...parameters) {
      yield { statement, parameters, want: "put" };
    },
    *insert(...parameters) {
      return (yield { statement, parameters, want: "insert" }) as number | undefined;
    },
    pluck: () => statementOf({ ...text, plucked: true }),
  };
  return statement;
}

/** @returns what each of `works` does: where a database is far away, side by side */
export function* together<Result>(works: readonly Work<Result>[]): Work<Result[]> {
  return (yield { together: works }) as Result[];
}

/** Two ways to the same: where one statement does what takes several elsewhere. */
export function* either<Result>(ways: {
  sqlite: () => Work<Result>;
  postgres: () => Work<Result>;
}): Work<Result> {
  return (yield ways) as Result;
}

/**
 * What follows reads what other works of the transaction may be changing. Only before anything is written: where works
 * run side by side, this one is begun anew when all of them have ended.
 */
export function* alone(): Work<void> {
  yield "alone";
}

/**
 * What follows is done by one work of the transaction after the other. Other relays' are kept away by a lock on a row.
 * @param of what is looked at and changed; of several the work asks in one order only
 */
export function* turn(of: string): Work<void> {
  yield { turn: of };
}

/** Of a LIMIT. */
export const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** A work that asks for nothing: the answer is known. */
// eslint-disable-next-line require-yield
export function* settled<Result>(result: Result): Work<Result> {
  return result;
}

/** What a statement finds that is not run here. */
export const NOTHING: Record<StatementStep["want"], unknown> = {
  get: undefined,
  all: [],
  run: 0,
  put: undefined,
  insert: undefined,
};
