/** Where a work stands among the statements of one turn: behind which. Of works that follow each other it is one. */
export interface Place {
  turn: number;
  at: number;
}

export function newPlace(): Place {
  return { turn: -1, at: -1 };
}

/**
 * The statements of one turn of the event loop, in the order in which they are sent when it ends. A work's come in its
 * own order; those of works that run side by side are gathered where they are of one batch.
 */
export interface Plan<Member> {
  /** What is sent as it is. @param send is called when the turn ends */
  add(place: Place, send: () => void): void;
  /** As `add`, and nothing that comes later is sent before it. */
  wall(send: () => void): void;
  /** Nothing that comes later is sent before what is planned so far. */
  close(): void;
  /** @param send is called with all members of the batch when the turn ends */
  join(place: Place, batch: object, member: Member, send: (members: Member[]) => void): void;
  /** From here on the work comes behind all that is planned so far. */
  catchUp(place: Place): void;
  /** From here on the work comes behind what another, which it has begun, has planned. */
  follow(place: Place, other: Place): void;
}

interface Entry<Member> {
  members: Member[];
  send: (members: Member[]) => void;
}

/** @param together calls what it is given, and sends in one go what that has to be sent */
export function createPlan<Member>(together: (sendAll: () => void) => void): Plan<Member> {
  let entries: Entry<Member>[] = [];
  /** Where the latest of each batch stands. */
  let latest = new Map<object, number>();
  let turn = 0;
  /** What stands before it is joined no more. */
  let wall = 0;

  function push(entry: Entry<Member>): number {
    // Behind everything that the promises which have been settled go on with.
    if (entries.length === 0) process.nextTick(flush);
    return entries.push(entry) - 1;
  }

  function flush(): void {
    const planned = entries;
    entries = [];
    latest = new Map();
    turn++;
    wall = 0;
    together(() => {
      for (const { members, send } of planned) send(members);
    });
  }

  function move(place: Place, at: number): void {
    place.turn = turn;
    place.at = at;
  }

  function atOf(place: Place): number {
    return place.turn === turn ? place.at : -1;
  }

  return {
    add: (place, send) => move(place, push({ members: [], send })),
    wall(send) {
      push({ members: [], send });
      wall = entries.length;
    },
    close() {
      wall = entries.length;
    },
    join(place, batch, member, send) {
      const open = latest.get(batch) ?? -1;
      const entry = open >= wall && open > atOf(place) ? entries[open] : undefined;
      if (entry === undefined) {
        move(place, push({ members: [member], send }));
        latest.set(batch, place.at);
        return;
      }
      entry.members.push(member);
      move(place, open);
    },
    catchUp: (place) => move(place, entries.length - 1),
    follow: (place, other) => move(place, Math.max(atOf(place), atOf(other))),
  };
}
