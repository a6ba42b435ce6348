import { readdirSync, readFileSync } from "node:fs";

/** One file of a folder of migrations/, such as `0001_initial.sql`. */
export interface Migration {
  /** From 1, without a gap; what the ledger's schema is after it. */
  version: number;
  name: string;
  sql: string;
  /**
   * A relay that knows the schema of this version may still use the ledger afterwards, and so may those between. Absent:
   * only one that knows this migration.
   */
  worksWith?: number;
}

/** Stands in the comment at a migration's top. SQLite's have none: one relay has the file. */
const WORKS_WITH = /^(?:--.*\n)*?-- works with: (\d+)\n/;

/** @throws Error when the files are not numbered 0001, 0002, …, or one says that it works with what is not before it */
export function readMigrations(folder: URL): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort();
  return names.map((name, index) => {
    const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
    if (version !== index + 1) throw new Error(`migrations/${name}: expected number ${index + 1}`);
    const sql = readFileSync(new URL(name, folder), "utf8");
    return { version, name, sql, ...worksWith(name, version, sql) };
  });
}

function worksWith(name: string, version: number, sql: string): Pick<Migration, "worksWith"> {
  const told = WORKS_WITH.exec(sql)?.[1];
  if (told === undefined) return {};
  const oldest = Number(told);
  if (oldest < 1 || oldest >= version)
    throw new Error(`migrations/${name}: "works with" takes a version before ${version}`);
  return { worksWith: oldest };
}
