/** A store's name; null: what belongs to none, such as a test slip, is a group of its own. */
export type Group = string | null;

export interface DueRow {
  seq: number;
  store: Group;
  next_attempt_at: number;
}

/** What is due, by store. */
export interface DueByStore {
  /** The first group that something waits in, due or not; null's comes before all others. Undefined: nothing waits. */
  firstGroup(): Group | undefined;
  /** As `firstGroup`, of those after this one. */
  groupAfter(group: Group): Group | undefined;
  /** The oldest due of a group, or the next after `last`. */
  nextOf(group: Group, last: DueRow | undefined): DueRow | undefined;
}

/** How many may be taken, and of whom. */
export interface Share {
  limit: number;
  per_store: number;
  except: ReadonlySet<Group>;
}

/**
 * Round and round, one of each store. The one after `last`, who was served last, begins: also where there is room for
 * one at a time, each has its turn.
 */
export function takeInTurn(due: DueByStore, last: Group, share: Share): DueRow[] {
  const taken: DueRow[] = [];
  // A first round over everybody, in which those that have nothing due drop out; then only the others go on.
  let round: { group: Group; row: DueRow }[] = [];
  for (const group of groupsAfter(due, last)) {
    if (taken.length >= share.limit) return taken;
    const row = share.except.has(group) ? undefined : due.nextOf(group, undefined);
    if (row === undefined) continue;
    taken.push(row);
    round.push({ group, row });
  }
  for (let turn = 1; turn < share.per_store && round.length > 0; turn++) {
    const next: typeof round = [];
    for (const { group, row: before } of round) {
      if (taken.length >= share.limit) return taken;
      const row = due.nextOf(group, before);
      if (row === undefined) continue;
      taken.push(row);
      next.push({ group, row });
    }
    round = next;
  }
  return taken;
}

/** Each once, `last` itself at the end. */
function* groupsAfter(due: DueByStore, last: Group): Generator<Group> {
  for (let group = due.groupAfter(last); group !== undefined; group = due.groupAfter(group)) yield group;
  for (let group = due.firstGroup(); group !== undefined; group = due.groupAfter(group)) {
    if (isAfter(group, last)) return;
    yield group;
  }
}

function isAfter(group: Group, other: Group): boolean {
  return group !== null && (other === null || group > other);
}

/** Of a list that has everything due, oldest first. */
export function dueInList(rows: readonly DueRow[]): DueByStore {
  const lists = new Map<Group, DueRow[]>();
  for (const row of rows) {
    const list = lists.get(row.store);
    if (list === undefined) lists.set(row.store, [row]);
    else list.push(row);
  }
  const groups = [...lists.keys()].sort((a, b) => (a === b ? 0 : isAfter(a, b) ? 1 : -1));
  return {
    firstGroup: () => groups[0],
    groupAfter: (group) => groups.find((other) => isAfter(other, group)),
    nextOf(group, last) {
      const list = lists.get(group) ?? [];
      return last === undefined ? list[0] : list[list.indexOf(last) + 1];
    },
  };
}
