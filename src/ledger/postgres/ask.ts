import type { QueryConfig } from "pg";
import { NOTHING, type Batch, type StatementStep, type StatementText } from "../sql/statement.ts";
import { arraysOfBatch, textOfBatch } from "./batch.ts";
import { toPostgres } from "./dialect.ts";
import type { Place, Plan } from "./plan.ts";
import { fitting, valuesOf } from "./values.ts";
import type { Told, Wire } from "./wire.ts";

/** Asks one statement of a work, behind `place`; `answer` is called with what was wanted of it. */
export type Ask = (step: StatementStep, place: Place, answer: Answer) => void;
type Answer = (error: Error | null, outcome: unknown) => void;

/** One of those that share a batch. */
export interface Member {
  values: unknown[];
  want: StatementStep["want"];
  answer: Answer;
}

interface Prepared {
  query: QueryConfig & { rowMode?: "array" };
  /** What it is run with, by name; null: in the order of the parameters. */
  names: readonly string[] | null;
  batch: Batch | null;
  /** What it finds it has changed. */
  writes: boolean;
}

/** A lock (`FOR UPDATE`) changes nothing. */
const WRITES = /\b(?:INSERT INTO|UPDATE \w+\s+SET|DELETE FROM)\b/;

/** By statement: the same in every session, for the text is. */
const known = new Map<StatementText, Prepared>();

function preparedOf(statement: StatementText, sql: string | Batch): Prepared {
  const made = known.get(statement);
  if (made !== undefined) return made;
  const batch = typeof sql === "string" ? null : sql;
  const { text, names } = toPostgres(batch === null ? (sql as string) : textOfBatch(batch));
  const query = {
    name: `relay_${known.size}`,
    text,
    ...(statement.plucked ? { rowMode: "array" as const } : {}),
  };
  const prepared = { query, names: batch === null ? names : null, batch, writes: WRITES.test(text) };
  known.set(statement, prepared);
  return prepared;
}

/** @param onWritten called when rows were changed */
export function createAsk(wire: Wire, plan: Plan<Member>, onWritten: () => void): Ask {
  function send(
    { query, writes }: Prepared,
    values: unknown[],
    answer: (error: Error | null, told?: Told) => void,
  ): void {
    wire.query({ ...query, values }, (error, told) => {
      if (writes && (told?.rowCount ?? 0) > 0) onWritten();
      answer(error, told);
    });
  }

  function askBatch(prepared: Prepared, batch: Batch, step: StatementStep, place: Place, answer: Answer) {
    const { statement, parameters, want } = step;
    const values = fitting(batch, parameters);
    plan.join(place, statement, { values, want, answer }, (members) => {
      const arrays = arraysOfBatch(
        batch,
        members.map((member) => member.values),
      );
      send(prepared, arrays, (error, told) => answerEach(members, error, told, statement.plucked));
    });
  }

  return (step, place, answer) => {
    const { statement, parameters, want } = step;
    if (statement.postgres === null) {
      answer(null, NOTHING[want]);
      return;
    }
    const prepared = preparedOf(statement, statement.postgres);
    if (prepared.batch !== null) {
      askBatch(prepared, prepared.batch, step, place, answer);
      return;
    }
    const values = valuesOf(prepared.names, parameters);
    plan.add(place, () =>
      send(prepared, values, (error, told) => answer(error, told && outcomeOf(told, step))),
    );
  };
}

function outcomeOf({ rows, rowCount }: Told, { statement, want }: StatementStep): unknown {
  if (want === "run") return rowCount ?? 0;
  if (want === "insert") return seqOf(rows[0]);
  if (!statement.plucked) return want === "all" ? rows : rows[0];
  const first = (rows as unknown[][]).map(([value]) => value);
  return want === "all" ? first : first[0];
}

/** Each member finds its row by its place among them, which begins with 1. */
function answerEach(
  members: readonly Member[],
  error: Error | null,
  told: Told | undefined,
  plucked: boolean,
): void {
  const found = new Map<number, unknown>();
  for (const row of told?.rows ?? []) {
    const [nth, outcome] = plucked ? (row as [number, unknown]) : ofNth(row as { nth: number });
    found.set(nth, outcome);
  }
  members.forEach(({ want, answer }, index) => {
    const outcome = found.get(index + 1);
    answer(error, want === "insert" ? seqOf(outcome) : outcome);
  });
}

function ofNth({ nth, ...row }: { nth: number }): [number, unknown] {
  return [nth, row];
}

function seqOf(row: unknown): number | undefined {
  return (row as { seq: number } | undefined)?.seq;
}
