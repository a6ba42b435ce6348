import type { ColumnType } from "./statement.ts";

/**
 * What inserts a row, its values in the order of `types`: in SQLite one, in a batch as many as are given, in the order in
 * which they were asked.
 */
export function insertOf(
  table: string,
  types: Readonly<Record<string, ColumnType>>,
): { sqlite: string; postgres: string } {
  const columns = Object.keys(types);
  const into = `INSERT INTO ${table} (${columns.join(", ")})`;
  return {
    sqlite: `${into} VALUES (${columns.map(() => "?").join(", ")})`,
    postgres: `${into} SELECT ${columns.join(", ")} FROM given ORDER BY nth`,
  };
}
