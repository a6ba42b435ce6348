/** Durations in little memory: cells that each are some 9 % wider than the one before. */
export interface LogHistogram {
  observe(ms: number): void;
  /** Adds all that another holds. */
  merge(other: LogHistogram): void;
  /** @param q 0 to 1 @returns the middle of the cell in which it lies, in ms; null when nothing was observed */
  quantile(q: number): number | null;
  /** How many were observed in each cell. */
  readonly cells: Uint32Array;
}

const CELLS_PER_OCTAVE = 8;
/** The first cell holds all up to it, the last all beyond three weeks. */
const SHORTEST_MS = 1;
const OCTAVES = 31;
const CELLS = OCTAVES * CELLS_PER_OCTAVE;

export function createLogHistogram(): LogHistogram {
  const cells = new Uint32Array(CELLS);
  return {
    cells,
    observe(ms) {
      const cell = Math.floor(Math.log2(Math.max(ms, SHORTEST_MS) / SHORTEST_MS) * CELLS_PER_OCTAVE);
      const index = Math.min(cell, CELLS - 1);
      cells[index] = (cells[index] ?? 0) + 1;
    },
    merge(other) {
      other.cells.forEach((count, index) => {
        cells[index] = (cells[index] ?? 0) + count;
      });
    },
    quantile(q) {
      const total = cells.reduce((sum, count) => sum + count, 0);
      if (total === 0) return null;
      const rank = Math.max(1, Math.ceil(q * total));
      let seen = 0;
      const index = cells.findIndex((count) => (seen += count) >= rank);
      return Math.round(SHORTEST_MS * 2 ** ((index + 0.5) / CELLS_PER_OCTAVE));
    },
  };
}
