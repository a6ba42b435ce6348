import type { Database, Statement as Prepared } from "better-sqlite3";
import type { StatementStep, StatementText, Step, Work } from "../sql/statement.ts";

/** @returns what runs a work to its end, at once: inside of whatever transaction is open. @throws what the work does */
export function createRunner(db: Database): <Result>(work: Work<Result>) => Result {
  const known = new Map<StatementText, Prepared>();

  function prepared(text: StatementText, sql: string): Prepared {
    const made = known.get(text);
    if (made !== undefined) return made;
    const statement = db.prepare(sql);
    if (text.plucked) statement.pluck();
    known.set(text, statement);
    return statement;
  }

  function perform(step: Step): unknown {
    if (step === "alone") return undefined;
    if ("together" in step) return step.together.map(run);
    const { statement, parameters, want } = step;
    if (statement.sqlite === null) return NOTHING[want];
    const made = prepared(statement, statement.sqlite);
    if (want === "get") return made.get(...parameters);
    if (want === "all") return made.all(...parameters);
    return made.run(...parameters).changes;
  }

  function run<Result>(work: Work<Result>): Result {
    let next = work.next();
    while (next.done !== true) {
      let outcome: unknown;
      try {
        outcome = perform(next.value);
      } catch (error) {
        next = work.throw(error);
        continue;
      }
      next = work.next(outcome);
    }
    return next.value;
  }

  return run;
}

/** What a statement finds that is not run here. */
const NOTHING: Record<StatementStep["want"], unknown> = { get: undefined, all: [], run: 0, put: undefined };
