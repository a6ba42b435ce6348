import type { ErasedBatch, Erasure, ErasureQuery, NewErasure } from "../core/erasure.ts";

/** Erasing what is known of a buyer, so that only the dedupe keys and what was done stay (decision 30). */
export interface ErasureLedger {
  /** Writes down what is to be erased; `eraseBatch` does it. What has begun already stays as it is. */
  beginErasure(erasure: NewErasure): Promise<void>;
  /**
   * One batch: of what matches, bodies, tickets' buyers, sent orders, answers and callbacks go, and what comes for
   * these deliveries later is kept without its buyer. A call for the same erasure goes on where the one before ended;
   * one that was cut off begins from the front, and finds what is left.
   */
  eraseBatch(query: ErasureQuery): Promise<ErasedBatch>;
  /** Of those that are not done the stores' oldest in turn; null: all are done. */
  nextErasure(): Promise<Erasure | null>;
  /** Newest first. */
  listErasures(limit: number): Promise<Erasure[]>;
}
