import type { Database } from "better-sqlite3";
import { readMigrations, type Migration } from "../sql/migrations.ts";

const FOLDER = new URL("../../../migrations/sqlite/", import.meta.url);

let own: readonly Migration[] | null = null;

/** This program's own, read once: they are a part of it, as its modules are. */
export function ownMigrations(): readonly Migration[] {
  own ??= readMigrations(FOLDER);
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
