import type { UnixMs } from "../../core/time.ts";

/**
 * What was forgotten, beside the ledger: a backup from before it knows nothing of it. Ids alone, nothing of a buyer.
 * An order by its store and id, a webhook that became no delivery by its own id, or all of a store until a moment.
 */
export type Forgotten =
  | { at: UnixMs; store: string | null; order_id: string }
  | { at: UnixMs; webhook: string }
  | { at: UnixMs; store: string; everything: true };

export interface ForgottenFile {
  /** Durable when it returns. @throws `ledger_unavailable` */
  append(lines: readonly Forgotten[]): void;
  /** A line that was cut off, or is none of ours, is left out. @throws `ledger_unavailable` */
  read(): Forgotten[];
}
