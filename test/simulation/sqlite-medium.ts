import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { openSqliteLedger } from "../../src/ledger/sqlite/index.ts";
import { SEAL } from "../fakes/process.ts";
import type { Medium } from "./medium.ts";

/** A file that is thrown away. All lives have it open once: a call either has its commit at once or was never made. */
export async function openSqliteMedium(): Promise<Medium> {
  const path = await freshFile();
  const clock = { after: () => () => undefined };
  const ledger = await openSqliteLedger({ path, seal: SEAL, clock, pragmas: ["synchronous = OFF"] });
  const db = new Database(path, { readonly: true });
  const statements = new Map<string, Database.Statement>();
  function prepared(sql: string): Database.Statement {
    const statement = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, statement);
    return statement;
  }
  return {
    shared: false,
    ledger,
    eyes: {
      look: <Row>(sql: string, ...values: string[]) => prepared(sql).all(...values) as Row[],
      integrity: () => String(db.pragma("integrity_check", { simple: true })),
      strays: () => (db.pragma("foreign_key_check") as unknown[]).length,
    },
    open: () => Promise.resolve(ledger),
    drop: () => undefined,
    cutOff: () => undefined,
    async close() {
      db.close();
      await ledger.close();
    },
  };
}

let folder: string | null = null;

/** Migrating takes longer than many a world: done once, and copied. */
async function freshFile(): Promise<string> {
  if (folder === null) {
    const made = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "relay-simulation-"));
    folder = made;
    process.once("exit", () => rmSync(made, { recursive: true, force: true }));
    const template = await openSqliteLedger({
      path: join(made, "template.db"),
      seal: SEAL,
      clock: { after: () => () => undefined },
    });
    await template.close();
  }
  const path = join(folder, "world.db");
  for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
  copyFileSync(join(folder, "template.db"), path);
  return path;
}
