/** A ledger that a newer relay has changed, in a way that lets this one go on with it (decision 35). */
export interface NewerSchema {
  /** Of the ledger. */
  version: number;
  /** The latest that this relay knows. */
  known: number;
}

/** For the log and for `doctor`. */
export function newerSchemaText({ version, known }: NewerSchema): string {
  return (
    `a newer relay has brought the ledger to schema ${version}, and this one knows up to ${known}: ` +
    "it works with that; update it, for after a further change it may not start"
  );
}
