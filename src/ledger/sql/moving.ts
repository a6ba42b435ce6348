import { RelayError } from "../../core/errors.ts";

/** Rows of `meta` about a move of the whole ledger (src/ledger/move). */
export const MOVING = "moving";
export const MOVED_TO = "moved_to";

/** What is in the way of using a ledger. */
export const OF_MOVES = `SELECT key, value FROM meta WHERE key IN ('${MOVING}', '${MOVED_TO}')`;

export interface MetaRow {
  key: string;
  value: string;
}

/** In a ledger that is being moved into another: until all of it is there and has been compared. */
export interface Moving {
  /** The source's name: nobody's user and password. */
  from: string;
  /** SQL that brings back what was taken off the target for the time of the move. */
  aside: string[];
}

export function readMoving(value: string): Moving {
  return JSON.parse(value) as Moving;
}

/**
 * Half a ledger would print again what it does not know of yet, and one that was left behind what the other prints.
 * @param name of the ledger
 * @throws `ledger_unavailable`
 */
export function refuseMoved(rows: readonly MetaRow[], name: string): void {
  for (const { key, value } of rows) {
    throw new RelayError(
      "ledger_unavailable",
      key === MOVING
        ? `a move from ${readMoving(value).from} into the ledger ${name} is not finished: run the same ` +
            "relay migrate-ledger again, which goes on where it was"
        : `the ledger ${name} was moved to ${value}: set RELAY_DATABASE to that one`,
    );
  }
}
