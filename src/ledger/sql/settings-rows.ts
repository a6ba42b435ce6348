import { RelayError } from "../../core/errors.ts";
import type { UnixMs } from "../../core/time.ts";
import type { Seal } from "../seal.ts";
import { prepare, type Work } from "./statement.ts";

/** The rows of one settings table: what may be seen as JSON, and the secrets sealed to their row. */
export interface SettingsRows<Entry> {
  names(): Work<string[]>;
  /** By name. @throws `secret_unreadable` */
  all(): Work<Entry[]>;
  /**
   * As stored; null when there is none; undefined when it is there and its secrets do not open: then storing it
   * anew is the way out, so that is a change and no error.
   */
  findReadable(name: string): Work<Entry | null | undefined>;
  put(entry: Entry, now: UnixMs): Work<void>;
  /** When it was last put; null when there is none. */
  changedAt(name: string): Work<UnixMs | null>;
  remove(name: string): Work<void>;
}

/** Both have a row's secrets, sealed to it. */
export const SETTINGS_TABLES = ["printers", "stores"] as const;
export type SettingsTable = (typeof SETTINGS_TABLES)[number];

/** What the secrets of a row are sealed for: they open nowhere else. */
export function placeOf(table: SettingsTable, name: string): string {
  return `${table}/${name}/secrets`;
}

/**
 * Of several relays on one ledger, one at a time changes settings: what one has looked at before it writes, no other
 * changes meanwhile. SQLite has one writer anyway.
 */
export function lockSettings(): Work<unknown> {
  return settingsLock.get();
}
const settingsLock = prepare(null, "SELECT 1 FROM meta WHERE key = 'settings' FOR UPDATE");

interface Shape<Entry> {
  table: SettingsTable;
  /** Further columns, each the text of the entry's field of the same name. */
  columns: readonly (string & keyof Entry)[];
  split: (entry: Entry) => { plain: object; secrets: object };
  join: (plain: object, secrets: object) => Entry;
}

interface Row {
  name: string;
  settings: string;
  secrets: Buffer;
}

export function createSettingsRows<Entry extends { name: string }>(
  seal: Seal,
  { table, columns, split, join }: Shape<Entry>,
): SettingsRows<Entry> {
  const all = prepare<[], Row>(`SELECT name, settings, secrets FROM ${table} ORDER BY name`);
  const names = prepare<[], string>(`SELECT name FROM ${table} ORDER BY name`).pluck();
  const find = prepare<[string], Row>(`SELECT name, settings, secrets FROM ${table} WHERE name = ?`);
  const changedAt = prepare<[string], UnixMs>(`SELECT updated_at FROM ${table} WHERE name = ?`).pluck();
  const written = [...columns, "settings", "secrets"];
  const upsert = prepare<object>(`
    INSERT INTO ${table} (name, ${written.join(", ")}, created_at, updated_at)
    VALUES (:name, ${written.map((column) => `:${column}`).join(", ")}, :now, :now)
    ON CONFLICT (name) DO UPDATE
    SET ${written.map((column) => `${column} = excluded.${column}`).join(", ")}, updated_at = :now`);
  const remove = prepare<[string]>(`DELETE FROM ${table} WHERE name = ?`);

  function entryOf(row: Row): Entry {
    const secrets = seal.open(row.secrets, placeOf(table, row.name));
    return join(JSON.parse(row.settings) as object, JSON.parse(secrets) as object);
  }

  return {
    names: () => names.all(),
    *all() {
      return (yield* all.all()).map(entryOf);
    },
    *findReadable(name) {
      const row = yield* find.get(name);
      if (row === undefined) return null;
      try {
        return entryOf(row);
      } catch (error) {
        if (error instanceof RelayError && error.code === "secret_unreadable") return undefined;
        throw error;
      }
    },
    *put(entry, now) {
      const { plain, secrets } = split(entry);
      yield* upsert.put({
        ...Object.fromEntries(columns.map((column) => [column, entry[column]])),
        name: entry.name,
        settings: JSON.stringify(plain),
        secrets: seal.seal(JSON.stringify(secrets), placeOf(table, entry.name)),
        now,
      });
    },
    *changedAt(name) {
      return (yield* changedAt.get(name)) ?? null;
    },
    remove: (name) => remove.put(name),
  };
}
