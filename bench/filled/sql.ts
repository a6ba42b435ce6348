import { kindOf, type Row } from "./columns.ts";
import { RUN, type Names } from "./names.ts";

/** As PostgreSQL tells it, such as `bigint`. */
export interface Column {
  name: string;
  type: string;
}

/** Crockford's, as ULIDs have it. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A ULID of an earlier moment: its first ten digits are milliseconds to the base 32. */
export const MADE_BY_SQL = `
  CREATE FUNCTION pg_temp.older_ulid(id text, older bigint) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
  DECLARE
    ms bigint := 0;
    made text := '';
  BEGIN
    FOR n IN 1..10 LOOP ms := ms * 32 + strpos('${DIGITS}', substr(id, n, 1)) - 1; END LOOP;
    ms := ms - older;
    FOR n IN 1..10 LOOP
      made := substr('${DIGITS}', (ms % 32)::integer + 1, 1) || made;
      ms := ms / 32;
    END LOOP;
    RETURN made || substr(id, 11);
  END $$`;

/**
 * A statement that writes copies $1 to $2 of what stands in `original_…`, the oldest first.
 * @param strides by table: how much higher places are in the next copy
 */
export function copySql(
  { name, columns, rows }: { name: string; columns: Column[]; rows: Row[] },
  names: Names,
  strides: ReadonlyMap<string, number>,
  { copies, stepMs }: { copies: number; stepMs: number },
): string {
  const older = `(${copies - 1} - copy)::bigint * ${stepMs}`;
  const places: string[] = [];
  const values = columns.map(({ name: column, type }) => {
    const kind = kindOf(name, column);
    switch (kind.kind) {
      case "place":
        places.push(column);
        return `${column} + copy::bigint * ${strides.get(kind.of) ?? 0}`;
      case "names":
        return renamedSql(column, rows, names, older);
      case "time":
        return type === "bigint" ? `${column} - ${older}` : column;
      case "same":
        return column;
    }
  });
  return `INSERT INTO ${name} (${columns.map((column) => column.name).join(", ")})
    SELECT ${values.join(", ")} FROM generate_series($1::integer, $2::integer) copy, original_${name}
    ORDER BY copy, original_${name}.${places[0] ?? ""}`;
}

type Line = "id" | "id in lower case" | "order" | "#name" | "name" | "other";

/** What a line is must be the same in all rows: one expression makes them all. */
function renamedSql(column: string, rows: readonly Row[], names: Names, older: string): string {
  const kinds = createKinds(names);
  const found = rows
    .map((row) => row[column])
    .filter((value) => typeof value === "string")
    .map((value) => value.split("\n").map((line) => kinds.get(line) ?? "other"));
  const [first] = found;
  if (first === undefined) return column;
  if (found.some((lines) => lines.join() !== first.join())) {
    throw new Error(`${column} is not made alike in all rows: mend bench/filled/`);
  }
  const number = (line: string): string =>
    `lpad((copy::bigint * ${names.orders.length} + right(${line}, 12)::bigint)::text, 12, '0')`;
  const made: Record<Line, (line: string) => string> = {
    id: (line) => `pg_temp.older_ulid(${line}, ${older})`,
    "id in lower case": (line) => `lower(pg_temp.older_ulid(upper(${line}), ${older}))`,
    order: (line) => `'${RUN}' || ${number(line)}`,
    "#name": (line) => `'#' || ${number(line)}`,
    name: number,
    other: (line) => line,
  };
  return first
    .map((kind, n) => made[kind](first.length === 1 ? column : `split_part(${column}, E'\\n', ${n + 1})`))
    .join(" || E'\\n' || ");
}

function createKinds({ ids, orders }: Names): Map<string, Line> {
  return new Map<string, Line>([
    ...ids.map((id) => [id, "id"] as const),
    ...ids.map((id) => [id.toLowerCase(), "id in lower case"] as const),
    ...orders.map(({ id }) => [id, "order"] as const),
    ...orders.map(({ name }) => [name, "#name"] as const),
    ...orders.map(({ name }) => [name.slice(1), "name"] as const),
  ]);
}
