import type { Database } from "better-sqlite3";
import { createStatementCache, where } from "./statements.ts";

/** Rows looked through for one page: some milliseconds of the ledger's time. */
export const LOOKED_ROWS_MAX = 4000;

/** An index that ends in `id`: rows can be looked through by it newest first. */
export interface Way {
  index: string;
  /** Null: it holds all rows. */
  condition: string | null;
}

/**
 * @param window conditions on `id` alone
 * @returns of all ways the one on which a look reaches back the farthest, for its rows are the fewest; and the id of
 *   the last row that it sees, null when it sees all of them. Only indexes are read.
 */
export type ChooseWay = (
  ways: readonly Way[],
  window: readonly string[],
  told: object,
) => Way & { end: string | null };

export function createChooseWay(db: Database, table: "deliveries" | "webhooks"): ChooseWay {
  const prepare = createStatementCache(db);
  return (ways, window, told) => {
    const looks = ways.map((way) => {
      const sql = `SELECT id FROM ${table} INDEXED BY ${way.index}${where([way.condition, ...window])}
        ORDER BY id DESC LIMIT 1 OFFSET ${LOOKED_ROWS_MAX - 1}`;
      return { ...way, end: (prepare(sql).pluck().get(told) as string | undefined) ?? null };
    });
    return looks.reduce((best, one) => ((one.end ?? "") < (best.end ?? "") ? one : best));
  };
}

/** @param select of the one table */
export function indexed(select: string, table: "deliveries" | "webhooks", index: string): string {
  return select.replace(`FROM ${table}`, `FROM ${table} INDEXED BY ${index}`);
}
