/** Counts values by size, as Prometheus does: cheap to feed, and plain data to hand on. */
export interface Histogram {
  observe(value: number): void;
  read(): HistogramFigures;
}

export interface HistogramFigures {
  /** Upper ends of the buckets, each included, ascending. */
  bounds: readonly number[];
  /** How many values each bucket holds, and at the end those beyond the last bound. */
  counts: number[];
  sum: number;
}

/** @param bounds ascending */
export function createHistogram(bounds: readonly number[]): Histogram {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let sum = 0;
  return {
    observe(value) {
      const found = bounds.findIndex((bound) => value <= bound);
      const index = found === -1 ? bounds.length : found;
      counts[index] = (counts[index] ?? 0) + 1;
      sum += value;
    },
    read: () => ({ bounds, counts: [...counts], sum }),
  };
}
