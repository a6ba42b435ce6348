/** All the chance of one world: the same seed rolls the same. */
export interface Dice {
  /** From 0 (included) to 1 (excluded). */
  next: () => number;
  /** A whole number, both ends included. */
  int(min: number, max: number): number;
  happens(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** One of the names, as often as its weight says. */
  weigh<Name extends string>(weights: Record<Name, number>): Name;
  /** Dice of their own for one actor, so that one's rolls do not change another's. */
  fork(actor: string): Dice;
}

export function createDice(seed: number): Dice {
  let state = seed >>> 0;

  /** mulberry32 */
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  const dice: Dice = {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    happens: (probability) => next() < probability,
    pick(list) {
      const picked = list[Math.floor(next() * list.length)];
      if (picked === undefined) throw new Error("nothing to pick from");
      return picked;
    },
    weigh<Name extends string>(weights: Record<Name, number>): Name {
      const entries = Object.entries<number>(weights);
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      const found = entries.find(([, weight]) => (left -= weight) < 0) ?? entries.at(-1);
      return found?.[0] as Name;
    },
    fork(actor) {
      let hash = seed ^ 0x811c9dc5;
      for (const char of actor) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
      // A few rolls apart, or near seeds would begin alike.
      const forked = createDice(hash);
      for (let roll = 0; roll < 4; roll++) forked.next();
      return forked;
    },
  };
  return dice;
}
