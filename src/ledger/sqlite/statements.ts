import type { Database, Statement } from "better-sqlite3";

/** @returns what prepares a statement once: SQL that depends only on which filters are named is of few kinds */
export function createStatementCache(db: Database): (sql: string) => Statement<[object]> {
  const statements = new Map<string, Statement<[object]>>();
  return (sql) => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const made = db.prepare<[object]>(sql);
    statements.set(sql, made);
    return made;
  };
}

export function where(conditions: readonly (string | null)[]): string {
  const named = conditions.filter((condition) => condition !== null);
  return named.length === 0 ? "" : ` WHERE ${named.join(" AND ")}`;
}
