/** One encryption key, as the ledger's rows know it. */
export interface KeyUse {
  /** 8 hex digits; empty: what is stored is nothing sealed. */
  id: string;
  /** `unknown`: secrets need it, and nobody has it. */
  place: "current" | "older" | "unknown";
  /** How many stored secrets are sealed with it; a store and a printer have one each. */
  secrets: number;
}

export interface Resealed {
  /** How many secrets were sealed anew. */
  resealed: number;
  /** Whose secrets none of the keys opens, as `printers/kitchen`: they stay as they are. */
  unreadable: string[];
}

/** The part of the ledger about the keys that its secrets are sealed with (decision 29). */
export interface KeyLedger {
  /** Every key of the ring, the current one first, then those that nobody has. */
  keyUses(): Promise<KeyUse[]>;
  /**
   * Seals with the current key what is sealed with an older one, in one transaction that no change of settings can
   * come into. Nothing else of the rows changes, `updated_at` neither.
   */
  reseal(): Promise<Resealed>;
}
