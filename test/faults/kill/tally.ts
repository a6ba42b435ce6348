/** What the lives that ended at one point saw. */
export interface Tally {
  kills: number;
  /** Lives that were over before their point came; they were killed all the same. */
  missed: number;
  /** Webhooks answered 200. */
  answered: number;
  slips: number;
  /** Slips that say `MAY BE A REPEAT`. */
  marked: number;
}

export interface Outcome {
  seed: number;
  /** As many as were lived. */
  cycles: number;
  points: Map<string, Tally>;
  /** What came once nobody was killed any more. */
  settling: Tally;
  /** Deliveries that were lost so often that an operator had to send them again. */
  redriven: number;
  /** Webhooks answered 503, which the store sent again. */
  put_off: number;
  /** Empty: every promise was kept. */
  broken: string[];
}

/** Of none: all zero. */
export function sumOf(tallies: readonly Tally[]): Tally {
  const sum = (column: keyof Tally): number => tallies.reduce((all, tally) => all + tally[column], 0);
  return {
    kills: sum("kills"),
    missed: sum("missed"),
    answered: sum("answered"),
    slips: sum("slips"),
    marked: sum("marked"),
  };
}

/** Several runs beside each other, told as one. @param seed from which theirs were made */
export function merged(seed: number, outcomes: readonly Outcome[]): Outcome {
  const names = new Set(outcomes.flatMap(({ points }) => [...points.keys()]));
  const tallies = (name: string): Tally[] => outcomes.flatMap(({ points }) => points.get(name) ?? []);
  const count = (what: "cycles" | "redriven" | "put_off"): number =>
    outcomes.reduce((all, outcome) => all + outcome[what], 0);
  return {
    seed,
    cycles: count("cycles"),
    points: new Map([...names].map((name) => [name, sumOf(tallies(name))])),
    settling: sumOf(outcomes.map(({ settling }) => settling)),
    redriven: count("redriven"),
    put_off: count("put_off"),
    broken: outcomes.flatMap(({ broken }) => broken),
  };
}
