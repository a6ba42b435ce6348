import { prepare, type Statement } from "./statement.ts";

/** @returns what prepares a statement once: SQL that depends only on which filters are named is of few kinds */
export function createStatementCache<Row>(): (sql: string) => Statement<object, Row> {
  const statements = new Map<string, Statement<object, Row>>();
  return (sql) => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const made = prepare<object, Row>(sql, sql.replaceAll(WITHOUT_INDEX, ""));
    statements.set(sql, made);
    return made;
  };
}

/** PostgreSQL has no such word, and no need of it. */
const WITHOUT_INDEX = /(?<= )\+(?=[a-z])/g;

/** @returns a condition for which SQLite is to use no index */
export function withoutIndex(condition: string): string {
  return `+${condition}`;
}

export function where(conditions: readonly (string | null)[]): string {
  const named = conditions.filter((condition) => condition !== null);
  return named.length === 0 ? "" : ` WHERE ${named.join(" AND ")}`;
}
