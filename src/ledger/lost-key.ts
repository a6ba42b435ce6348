import { existsSync } from "node:fs";
import { RelayError } from "../core/errors.ts";
import type { LedgerPlace } from "../core/ledger-place.ts";
import type { Clock } from "../core/time.ts";
import { isThere } from "./is-there.ts";
import { keyFileOf, newKey } from "./key-file.ts";
import { openLedgerHere } from "./open.ts";

/**
 * What need not open of the stored settings: to `show` what is not sealed, none of them; nor those that others are stored
 * in place of, such as `printers/kitchen`.
 */
export type Unread = "show" | { storing: readonly string[] | "all" };

interface KeysAtHand {
  /** Those of the environment, the current one first. */
  given: readonly Buffer[];
  place: LedgerPlace;
  clock: Clock;
  unread?: Unread | undefined;
}

/** Of those whose secrets do not open so many are named. */
const NAMED_MAX = 5;

/**
 * The given keys; none: the key file has them, and may be made where there is none. Not beside a ledger that has secrets
 * of another key, which a new one would not open: that file is lost, or it is the environment that is not the service's.
 *
 * @returns for `show` a key that is nobody's where there is none, so that what is not sealed can be read
 * @throws `secret_unreadable` when the stored secrets' key is not here
 */
export async function keysAtHand({ given, place, clock, unread }: KeysAtHand): Promise<readonly Buffer[]> {
  if (given.length > 0 || existsSync(keyFileOf(place.keyPath))) return given;
  const nobodys = [newKey()];
  if (unread === "show") return nobodys;
  if (place.kind === "sqlite" && !isThere(place.path)) return given;
  const ledger = await openLedgerHere({ place, given: nobodys, clock });
  try {
    // With nobody's key nothing is sealed anew, and all is told that has any.
    const { unreadable } = await ledger.reseal();
    const left =
      unread?.storing === "all" ? [] : unreadable.filter((name) => !unread?.storing.includes(name));
    if (left.length === 0) return given;
    const needed = (await ledger.keyUses()).filter(({ secrets }) => secrets > 0);
    throw lostKey(
      place,
      left,
      needed.map(({ id }) => id),
    );
  } finally {
    await ledger.close();
  }
}

function lostKey(place: LedgerPlace, names: readonly string[], ids: readonly string[]): RelayError {
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : "";
  return new RelayError(
    "secret_unreadable",
    `the secrets of ${names.slice(0, NAMED_MAX).join(", ")}${more} in ${place.name} are sealed with a key that is not ` +
      `here (${ids.join(", ")}): set RELAY_ENCRYPTION_KEY as the service has it, or put the key file ` +
      `${keyFileOf(place.keyPath)} back. Is it lost, "relay apply" with all printers and stores makes a new one and ` +
      "stores them anew",
  );
}
