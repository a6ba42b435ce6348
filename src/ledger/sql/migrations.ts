import { readdirSync, readFileSync } from "node:fs";

/** One file of a folder of migrations/, such as `0001_initial.sql`. */
export interface Migration {
  /** From 1, without a gap; what the ledger's schema is after it. */
  version: number;
  name: string;
  sql: string;
}

/** @throws Error when the files are not numbered 0001, 0002, … */
export function readMigrations(folder: URL): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort();
  return names.map((name, index) => {
    const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
    if (version !== index + 1) throw new Error(`migrations/${name}: expected number ${index + 1}`);
    return { version, name, sql: readFileSync(new URL(name, folder), "utf8") };
  });
}
