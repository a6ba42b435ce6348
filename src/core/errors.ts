import { pause, type Clock, type UnixMs } from "./time.ts";

/**
 * The one vocabulary of refusals. Whoever throws a `RelayError` says what happened, to which id, and what to
 * do; `http/problem.ts` holds the only table from these codes to HTTP statuses; the command line ends with 1 for
 * all of them.
 * Expected outcomes (an attempt that failed, a webhook that is a duplicate) are values, never errors.
 */
export const ERROR_CODES = [
  "not_found", // no such delivery, webhook, store, printer
  "conflict", // the thing exists but is not in a state that allows this
  "key_reused", // an Idempotency-Key that another act was done under
  "repeated", // the act of this Idempotency-Key is done or under way; ask again for its result
  "store_refused", // a store's API said no; the message has its words
  "store_unavailable", // a store's API cannot be asked now; try again
  "invalid", // what was asked for is malformed; `detail` names the field
  "ledger_unavailable", // the ledger cannot read or store now (disk full, locked, read-only); try again
  "ledger_in_use", // another service holds this ledger
  "ledger_newer", // the ledger was written by a newer version of the relay
  "secret_unreadable", // a stored secret does not open with this encryption key
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export class RelayError extends Error {
  readonly code: ErrorCode;

  /**
   * @param code what kind of refusal this is
   * @param message one line for a person: what happened, which id, what to do; never a secret or a buyer's data
   */
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RelayError";
    this.code = code;
  }
}

const PERSIST_EVERY_MS = 500;

/** Does `task` again for as long as the ledger is unavailable, until `deadline`; then its error stands. */
export async function persistently<T>(clock: Clock, deadline: UnixMs, task: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await task();
    } catch (error) {
      const passing = error instanceof RelayError && error.code === "ledger_unavailable";
      if (!passing || clock.now() + PERSIST_EVERY_MS > deadline) throw error;
    }
    await pause(clock, PERSIST_EVERY_MS);
  }
}
