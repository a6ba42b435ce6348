import type { Database, Statement as Prepared } from "better-sqlite3";
import { NOTHING, type StatementText, type Step, type Work } from "../sql/statement.ts";

interface Known {
  statement: Prepared;
  /** SQLite has no lists: they are bound as JSON, for `json_each`. */
  takesLists: boolean;
}

/** @returns what runs a work to its end, at once: inside of whatever transaction is open. @throws what the work does */
export function createRunner(db: Database): <Result>(work: Work<Result>) => Result {
  const known = new Map<StatementText, Known>();

  function prepared(text: StatementText, sql: string): Known {
    const found = known.get(text);
    if (found !== undefined) return found;
    const statement = db.prepare(sql);
    if (text.plucked) statement.pluck();
    const made = { statement, takesLists: sql.includes("json_each(") };
    known.set(text, made);
    return made;
  }

  function perform(step: Step): unknown {
    if (step === "alone" || "turn" in step) return undefined;
    if ("sqlite" in step) return run(step.sqlite());
    if ("together" in step) return step.together.map(run);
    const { statement, parameters, want } = step;
    if (statement.sqlite === null) return NOTHING[want];
    const made = prepared(statement, statement.sqlite);
    const given = made.takesLists ? parameters.map(withListsAsJson) : parameters;
    if (want === "get") return made.statement.get(...given);
    if (want === "all") return made.statement.all(...given);
    const { changes, lastInsertRowid } = made.statement.run(...given);
    if (want === "insert") return changes === 0 ? undefined : Number(lastInsertRowid);
    return changes;
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

function withListsAsJson(named: unknown): unknown {
  const entries = Object.entries(named as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? JSON.stringify(value) : value]),
  );
}
