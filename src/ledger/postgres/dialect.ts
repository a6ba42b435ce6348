/** What is said otherwise in PostgreSQL, and means the same. A hint which index to use is SQLite's alone. */
const WORDS: readonly (readonly [sqlite: RegExp, postgres: string])[] = [
  [/ INDEXED BY \w+/g, ""],
  [/\bCROSS JOIN (\w+) ON\b/g, "JOIN $1 ON"],
  [/\binstr\(/g, "strpos("],
  // A list: SQLite has it as JSON.
  [
    /\(:(\w+) = '\[\]' OR (\w+) NOT IN \(SELECT value FROM json_each\(:\1\)\)\)/g,
    "$2 <> ALL (CAST(:$1 AS TEXT[]))",
  ],
  [/(\w+) IN \(SELECT value FROM json_each\(:(\w+)\)\)/g, "$1 = ANY (CAST(:$2 AS TEXT[]))"],
  // A parameter that is first met here has no type yet; all that may be left out are texts.
  [/(?<!:):(\w+) IS NULL/g, "CAST(:$1 AS TEXT) IS NULL"],
];

/** A quoted text, or a parameter. A cast (`::`) is none. */
const QUOTED_OR_PARAMETER = /'[^']*'|"[^"]*"|(?<!:):([a-z_]+)|\?/g;

export interface PostgresText {
  text: string;
  /** By name, in the order of `$1`, `$2`, …; null: they are given in their order. */
  names: readonly string[] | null;
}

/** A statement of the ledger's as PostgreSQL prepares it. */
export function toPostgres(sql: string): PostgresText {
  const names: string[] = [];
  let count = 0;
  const said = WORDS.reduce((text, [sqlite, postgres]) => text.replace(sqlite, postgres), sql);
  const text = said.replace(QUOTED_OR_PARAMETER, (found, name?: string) => {
    if (found === "?") return `$${++count}`;
    if (name === undefined) return found;
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  return { text, names: count > 0 ? null : names };
}
