import type { NewerSchema } from "../../core/newer-schema.ts";
import type { LedgerVitals } from "../ledger.ts";
import type { ForgottenFile } from "./forgotten.ts";
import type { Work } from "./statement.ts";

/** A database as the ledger's logic uses it. */
export interface Driver {
  /** Outside of a transaction: what it reads need not be of one moment. @throws `ledger_unavailable` */
  read<Result>(work: () => Work<Result>): Promise<Result>;
  /**
   * Calls of the same turn of the event loop share one durable transaction, and with it the one wait for the disk. The
   * failure of one undoes it alone.
   * @param work run anew when another's failure undid it
   * @param lane calls of different lanes may run side by side in the transaction; those of one, and all of none, do not
   * @returns what `work` returned, once it is durable
   * @throws what `work` threw; `ledger_unavailable` when the transaction could not begin or commit
   */
  write<Result>(work: () => Work<Result>, lane?: string): Promise<Result>;
  /** What is to be waited for before much is taken away, lest the database grow by it; false: nothing. */
  mustWait(): Promise<boolean>;
  /** Takes what was erased out of what the database keeps beside its tables. @returns whether nothing is left there */
  cutLog(): Promise<boolean>;
  /** What was erased, kept apart from the database and its backups. */
  forgotten: ForgottenFile;
  /** @see ServiceLedger.newerSchema */
  newerSchema: NewerSchema | null;
  vitals(): Promise<LedgerVitals>;
  onForeignWrite(listener: () => void): () => void;
  close(): Promise<void>;
}
