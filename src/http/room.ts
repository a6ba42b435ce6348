import type { Caller } from "./gatekeeper.ts";

export type Guest = Pick<Caller, "role" | "who">;

/** So many at once, of which viewers take so many less, and one caller, by however many connections, only a part. */
export interface Room {
  takes(guest: Guest): boolean;
  add(guest: Guest): void;
  /** The very one that was added. */
  delete(guest: Guest): void;
  /** How many of this one's caller are in it. */
  of(guest: Guest): number;
}

export function createRoom(bounds: { max: number; forAdmins: number; perCallerMax: number }): Room {
  const guests = new Set<Guest>();
  const count = (is: (guest: Guest) => boolean): number => [...guests].filter(is).length;
  const of = ({ who }: Guest): number => count((guest) => guest.who === who);
  const viewersMax = bounds.max - bounds.forAdmins;

  return {
    of,
    takes(guest) {
      if (guests.size >= bounds.max || of(guest) >= bounds.perCallerMax) return false;
      return guest.role === "admin" || count(({ role }) => role === "viewer") < viewersMax;
    },
    add: (guest) => void guests.add(guest),
    delete: (guest) => void guests.delete(guest),
  };
}
