/** What a service knows of its place among those that work on the same ledger. */
export interface Leadership {
  /** Of this run, by which the others know it; null: there are no others. */
  readonly id: string | null;
  /** Whether others may work on this ledger too, now or later. */
  readonly shared: boolean;
  /** Whether what is to be done once is this one's to do, as far as it can know now. */
  leads(): boolean;
  /** Whether the others still take it for alive: what it has claimed is its own. */
  isAlive(): boolean;
  /** Calls back when it begins to lead. @returns how to stop it */
  onLead(listener: () => void): () => void;
}

/** Of the only service on a ledger. */
export const ALONE: Leadership = {
  id: null,
  shared: false,
  leads: () => true,
  isAlive: () => true,
  onLead: () => () => undefined,
};
