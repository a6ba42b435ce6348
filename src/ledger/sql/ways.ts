import { together, type Work } from "./statement.ts";
import { createStatementCache, where } from "./statements.ts";

/** Rows looked through for one page: some milliseconds of the ledger's time. */
export interface Looks {
  /** Of all rows: they follow one another in the file. */
  inOrder: number;
  /** Of those that an index picks out: each may be on a page of the file of its own. */
  picked: number;
}
export const LOOKS: Looks = { inOrder: 4000, picked: 1000 };

/** An index that ends in `id`: rows can be looked through by it newest first. */
export interface Way {
  index: string;
  /** Null: it holds all rows, in about the order of the file. */
  condition: string | null;
}

/**
 * @param ways beside the one through all rows
 * @param window conditions on `id` alone
 * @returns of all ways the one on which a look reaches back the farthest, for its rows are the fewest; and the id of
 *   the last row that it sees, null when it sees all of them. Only indexes are read.
 */
export type ChooseWay = (
  ways: readonly Way[],
  window: readonly string[],
  told: object,
) => Work<Way & { end: string | null }>;

export function createChooseWay(table: "deliveries" | "webhooks", rowsMax: Looks): ChooseWay {
  const prepare = createStatementCache<{ id: string }>();

  function* look(way: Way, window: readonly string[], told: object): Work<Way & { end: string | null }> {
    const count = way.condition === null ? rowsMax.inOrder : rowsMax.picked;
    const sql = `SELECT id FROM ${table} INDEXED BY ${way.index}${where([way.condition, ...window])}
        ORDER BY id DESC LIMIT 1 OFFSET ${count - 1}`;
    return { ...way, end: (yield* prepare(sql).get(told))?.id ?? null };
  }

  return function* (ways, window, told) {
    const all = [{ index: `sqlite_autoindex_${table}_1`, condition: null }, ...ways];
    const looks = yield* together(all.map((way) => look(way, window, told)));
    return looks.reduce((best, one) => ((one.end ?? "") < (best.end ?? "") ? one : best));
  };
}

/** @param select of the one table */
export function indexed(select: string, table: "deliveries" | "webhooks", index: string): string {
  return select.replace(`FROM ${table}`, `FROM ${table} INDEXED BY ${index}`);
}
