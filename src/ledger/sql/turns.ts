import { settled, together, type Work } from "./statement.ts";

/** A store's name; null: what belongs to none, such as a test slip, is a group of its own. */
export type Group = string | null;

export interface DueRow {
  seq: number;
  store: Group;
  next_attempt_at: number;
}

/** What is due, by store. */
export interface DueByStore {
  /** Of each store its oldest, the store after `last` first and `last` itself at the end; at most `limit`. */
  firstRound(last: Group, limit: number): Work<DueRow[]>;
  /** The next of the same store, oldest first; at most `limit`. */
  after(row: DueRow, limit: number): Work<DueRow[]>;
}

/**
 * Round and round, one of each store. The one after `last`, who was served last, begins: also where there is room for
 * one at a time, each has its turn.
 */
export function* takeInTurn(due: DueByStore, last: Group, limit: number): Work<DueRow[]> {
  const taken = yield* due.firstRound(last, limit);
  let round = [...taken];
  while (round.length > 0 && taken.length < limit) {
    const each = Math.ceil((limit - taken.length) / round.length);
    const lists = yield* together(round.map((row) => due.after(row, each)));
    for (let turn = 0; turn < each; turn++) taken.push(...lists.flatMap((list) => list[turn] ?? []));
    // Who had fewer has no more.
    round = lists.flatMap((list) => list[each - 1] ?? []);
  }
  return taken.slice(0, limit);
}

/** Of a list of all that is due, oldest first. */
export function dueInList(rows: readonly DueRow[]): DueByStore {
  const lists = new Map<Group, DueRow[]>();
  for (const row of rows) lists.set(row.store, [...(lists.get(row.store) ?? []), row]);
  const groups = [...lists.keys()].sort(byName);
  return {
    firstRound(last, limit) {
      const from = groups.findIndex((group) => byName(group, last) > 0);
      const inTurn = from === -1 ? groups : [...groups.slice(from), ...groups.slice(0, from)];
      return settled(inTurn.slice(0, limit).flatMap((group) => lists.get(group)?.[0] ?? []));
    },
    after(row, limit) {
      const list = lists.get(row.store) ?? [];
      const next = list.indexOf(row) + 1;
      return settled(list.slice(next, next + limit));
    },
  };
}

/** No store's before all others, as a database that sorts by bytes has it. */
function byName(a: Group, b: Group): number {
  if (a === b) return 0;
  return a === null || (b !== null && a < b) ? -1 : 1;
}
