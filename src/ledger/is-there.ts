import { statSync } from "node:fs";
import { RelayError } from "../core/errors.ts";

/**
 * @param path of a SQLite ledger
 * @throws `ledger_unavailable` where nobody can tell: in a folder that this user may not enter every file looks missing
 */
export function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    throw new RelayError(
      "ledger_unavailable",
      `whether there is a ledger at ${path} this user cannot see: run this as the service's user, or check RELAY_DATABASE`,
      { cause },
    );
  }
}
