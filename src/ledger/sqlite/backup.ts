import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import Database from "better-sqlite3";
import { RelayError } from "../../core/errors.ts";
import type { UnixMs } from "../../core/time.ts";
import { isThere } from "../is-there.ts";
import { sealedWith } from "../seal.ts";
import { adviceOf } from "./errors.ts";
import { APPLICATION_ID, BUSY_TIMEOUT_MS } from "./open.ts";
import { syncFolder } from "../sync-folder.ts";
import { BACKUP_AT } from "../sql/restored.ts";

export interface BackupReport {
  path: string;
  bytes: number;
  webhooks: number;
  deliveries: number;
  /** Ids of the keys that its secrets are sealed with. */
  key_ids: string[];
}

interface Sizes {
  webhooks: number;
  deliveries: number;
}

const NOTHING: Sizes = { webhooks: 0, deliveries: 0 };
const OWNER_ONLY = 0o600;

/**
 * Copies a ledger while others write to it. `VACUUM INTO` reads it in one transaction, so that the copy is of one
 * moment and holds all that was committed before; it takes no lock that a writer would wait for, and leaves out
 * free pages, and with them what was pruned. The copy is checked before it gets its name, and knows that it is one
 * (restored.ts). Neither the key nor the service's lock is needed.
 *
 * @param path of the ledger; opened read-only, and never made
 * @param to a file that must not exist; it appears whole or not at all
 * @throws `not_found`, `conflict`, `ledger_unavailable`
 */
export function backupLedger({ path, to, now }: { path: string; to: string; now: UnixMs }): BackupReport {
  if (existsSync(to)) {
    throw new RelayError(
      "conflict",
      `${to} is there already: name another file, or move that one away first`,
    );
  }
  const source = openSource(path);
  // Whole, for SQLite's driver leaves out spaces before a path.
  const partial = `${resolve(to)}.${randomBytes(6).toString("hex")}.partial`;
  try {
    const before = ends(source);
    try {
      closeSync(openSync(partial, "wx", OWNER_ONLY));
      // Else pages that became others while it copies keep what they held, and what is erased later stays there.
      source.pragma("secure_delete = ON");
      source.prepare("VACUUM INTO ?").run(partial);
    } catch (cause) {
      throw cannot(path, to, cause);
    }
    const counts = finish(partial, to, before, now);
    syncFile(partial);
    renameSync(partial, to);
    syncFolder(dirname(resolve(to)));
    return { path: to, bytes: statSync(to).size, ...counts };
  } finally {
    source.close();
    for (const file of [partial, `${partial}-journal`]) rmSync(file, { force: true });
  }
}

function openSource(path: string): Database.Database {
  if (!isThere(path)) {
    throw new RelayError(
      "not_found",
      `there is no ledger at ${path}: set RELAY_DATABASE to the one to back up`,
    );
  }
  let db: Database.Database | null = null;
  try {
    db = new Database(path, { readonly: true, timeout: BUSY_TIMEOUT_MS });
    if (db.pragma("application_id", { simple: true }) === APPLICATION_ID) return db;
  } catch (cause) {
    db?.close();
    throw new RelayError(
      "ledger_unavailable",
      `the ledger ${path} cannot be read: ${adviceOf(cause) ?? "check RELAY_DATABASE"}`,
      { cause },
    );
  }
  db.close();
  throw new RelayError("ledger_unavailable", `${path} is not a relay's ledger: check RELAY_DATABASE`);
}

/** Rows of both are never deleted, so their last places tell whether something is missing. */
function ends(db: Database.Database): Sizes {
  return (
    db
      .prepare<[], Sizes>(
        `SELECT coalesce((SELECT max(seq) FROM webhooks), 0) AS webhooks,
         coalesce((SELECT max(seq) FROM deliveries), 0) AS deliveries`,
      )
      .get() ?? NOTHING
  );
}

/** Checks the copy, writes into it that it is one, and counts it. */
function finish(partial: string, to: string, before: Sizes, now: UnixMs): Sizes & { key_ids: string[] } {
  const copy = new Database(partial);
  try {
    const found = copy.pragma("integrity_check(1)", { simple: true });
    const after = ends(copy);
    if (found !== "ok" || after.webhooks < before.webhooks || after.deliveries < before.deliveries) {
      throw new Error(found === "ok" ? "rows are missing in the copy" : `integrity_check: ${String(found)}`);
    }
    copy
      .prepare(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      )
      .run(BACKUP_AT, String(now));
    const counts = copy
      .prepare<[], Sizes>(
        `SELECT (SELECT count(*) FROM webhooks) AS webhooks, (SELECT count(*) FROM deliveries) AS deliveries`,
      )
      .get();
    return { ...(counts ?? NOTHING), key_ids: keyIdsOf(copy) };
  } catch (cause) {
    throw new RelayError(
      "ledger_unavailable",
      `the copy of the ledger is not sound and was not kept as ${basename(to)}: check the disk, and try again`,
      { cause },
    );
  } finally {
    copy.close();
  }
}

function keyIdsOf(copy: Database.Database): string[] {
  const secrets = copy
    .prepare<[], Buffer>("SELECT secrets FROM printers UNION ALL SELECT secrets FROM stores")
    .pluck()
    .all();
  return [...new Set(secrets.map(sealedWith).filter((id) => id !== null))].sort();
}

function cannot(path: string, to: string, cause: unknown): RelayError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  const advice =
    adviceOf(cause) ??
    (code === "ENOENT" ? "its folder is not there: make it" : `it cannot be written (${code}): mend that`);
  return new RelayError("ledger_unavailable", `cannot back up ${path} to ${to}: ${advice}`, { cause });
}

function syncFile(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
