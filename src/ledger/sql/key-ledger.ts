import { RelayError } from "../../core/errors.ts";
import type { KeyLedger, KeyUse, Resealed } from "../key-ledger.ts";
import { sealedWith, type Seal } from "../seal.ts";
import type { Driver } from "./driver.ts";
import { lockSettings, placeOf, SETTINGS_TABLES, type SettingsTable } from "./settings-rows.ts";
import { prepare, type Statement, type Work } from "./statement.ts";

interface SealedRow {
  table: SettingsTable;
  name: string;
  secrets: Buffer;
}

export function createKeyLedger(seal: Seal, driver: Pick<Driver, "read" | "write">): KeyLedger {
  const ALL = SETTINGS_TABLES.map(
    (table) => `SELECT '${table}' AS "table", name, secrets FROM ${table}`,
  ).join(" UNION ALL ");
  // PostgreSQL moves a row with each change of it.
  const all = prepare<[], SealedRow>(ALL, `${ALL} ORDER BY 1, 2`);
  const putInto = (table: SettingsTable): Statement<[secrets: Buffer, name: string], unknown> =>
    prepare(`UPDATE ${table} SET secrets = ? WHERE name = ?`);
  const put = { printers: putInto("printers"), stores: putInto("stores") };

  /** @returns null when no key opens it */
  function opened({ table, name, secrets }: SealedRow): string | null {
    try {
      return seal.open(secrets, placeOf(table, name));
    } catch (error) {
      if (error instanceof RelayError && error.code === "secret_unreadable") return null;
      throw error;
    }
  }

  function* keyUses(): Work<KeyUse[]> {
    seal.follow();
    const [current, ...older] = seal.keyIds();
    const used = new Map<string, number>();
    for (const { secrets } of yield* all.all()) {
      const id = sealedWith(secrets) ?? "";
      used.set(id, (used.get(id) ?? 0) + 1);
    }
    const ring = [current ?? "", ...older];
    const unknown = [...used.keys()].filter((id) => !ring.includes(id)).sort();
    return [...ring, ...unknown].map((id, index) => ({
      id,
      place: index === 0 ? "current" : index < ring.length ? "older" : "unknown",
      secrets: used.get(id) ?? 0,
    }));
  }

  function* reseal(): Work<Resealed> {
    yield* lockSettings();
    seal.follow();
    const [current] = seal.keyIds();
    const told: Resealed = { resealed: 0, unreadable: [] };
    for (const row of yield* all.all()) {
      if (sealedWith(row.secrets) === current) continue;
      const plain = opened(row);
      if (plain === null) {
        told.unreadable.push(`${row.table}/${row.name}`);
        continue;
      }
      yield* put[row.table].put(seal.seal(plain, placeOf(row.table, row.name)), row.name);
      told.resealed++;
    }
    return told;
  }

  return { keyUses: () => driver.read(keyUses), reseal: () => driver.write(reseal) };
}
