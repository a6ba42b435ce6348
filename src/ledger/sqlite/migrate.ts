import { readdirSync, readFileSync } from "node:fs";
import type { Database } from "better-sqlite3";

/** One file of migrations/, such as `0001_initial.sql`. */
export interface Migration {
  /** From 1, without a gap; what `PRAGMA user_version` is after it. */
  version: number;
  name: string;
  sql: string;
}

const FOLDER = new URL("../../../migrations/", import.meta.url);

/** @throws Error when the files are not numbered 0001, 0002, … */
export function readMigrations(folder: URL = FOLDER): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort();
  return names.map((name, index) => {
    const version = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
    if (version !== index + 1) throw new Error(`migrations/${name}: expected number ${index + 1}`);
    return { version, name, sql: readFileSync(new URL(name, folder), "utf8") };
  });
}

let own: readonly Migration[] | null = null;

/** This program's own, read once: they are a part of it, as its modules are. */
export function ownMigrations(): readonly Migration[] {
  own ??= readMigrations();
  return own;
}

/**
 * Applies what is missing, each in one transaction together with its number, so that a file is always at one
 * version or the next. Two processes may do it at once: the second finds it done.
 */
export function migrate(db: Database, migrations: readonly Migration[], applicationId: number): void {
  for (const { version, sql } of migrations) {
    if (versionOf(db) >= version) continue;
    db.transaction(() => {
      if (versionOf(db) >= version) return;
      db.exec(sql);
      db.pragma(`application_id = ${applicationId}`);
      db.pragma(`user_version = ${version}`);
    }).immediate();
  }
}

function versionOf(db: Database): number {
  return Number(db.pragma("user_version", { simple: true }));
}
