import { RelayError } from "../core/errors.ts";
import type { LedgerPlace } from "../core/ledger-place.ts";
import type { Clock, UnixMs } from "../core/time.ts";
import { keyFileOf, newKey, OLDER_KEYS_MAX, readKeyFile, replaceKeyFile } from "./key-file.ts";
import type { KeyUse, Resealed } from "./key-ledger.ts";
import { openKeyRing, readKeyRing, type KeyOptions } from "./key-ring.ts";
import { keysAtHand } from "./lost-key.ts";
import { openLedgerHere } from "./open.ts";
import { keyIdOf } from "./seal.ts";
import { holdKeysLock } from "./sqlite/service-lock.ts";

/** A key with where it was found: names of settings, path of the key file; nowhere: nobody has it. */
export interface ListedKey extends KeyUse {
  from: string[];
}

export interface Rotation extends Resealed {
  /** Id of the current key, which all that opens is sealed with now. */
  current: string;
  /** It is new, and this key file has it; null: a rotation that had begun was finished. */
  made_in: string | null;
}

/** What an operator does with the keys of one ledger (decision 29): no key leaves it, only ids. */
export interface Keys {
  /** Path of the key file when it was made just now. */
  fileMade: string | null;
  list(): Promise<ListedKey[]>;
  /**
   * Where secrets are still sealed with an older key, seals those with the current one. Else puts a new key into the
   * key file, then seals all with it. Killed at any point, everything opens, and the next one ends it.
   * @throws `conflict` when the environment has the current key and nothing is left to do, or the file is full
   */
  rotate(now: UnixMs): Promise<Rotation>;
  /** @returns path of the key file that has it; `retire` would take it out. @throws as `retire` */
  retirable(id: string): Promise<string>;
  /**
   * Takes an older key out of the key file, and the file away with the last one.
   * @throws `not_found`; `conflict` when it is the current one, a secret needs it, or a setting has it
   */
  retire(id: string, now: UnixMs): Promise<string>;
  close(): Promise<void>;
}

interface KeysOptions extends Pick<KeyOptions, "given"> {
  place: LedgerPlace;
  clock: Clock;
}

/**
 * Opens a ledger for its keys alone, also one with secrets that nothing opens.
 * @throws `secret_unreadable` when the keys cannot be read, `ledger_unavailable`, `ledger_newer`
 */
export async function openKeys({ place, clock, ...from }: KeysOptions): Promise<Keys> {
  const given = await keysAtHand({ given: from.given, place, clock });
  const options = { given, ledgerPath: place.keyPath };
  const file = keyFileOf(place.keyPath);
  const { fileMade } = openKeyRing(options);
  const ledger = await openLedgerHere({ place, given, clock });

  async function list(): Promise<ListedKey[]> {
    const ring = readKeyRing(options);
    const uses = await ledger.keyUses();
    return uses.map((use) => ({ ...use, from: ring.find(({ id }) => id === use.id)?.from ?? [] }));
  }

  async function retirable(id: string): Promise<string> {
    const key = (await list()).find((one) => one.id === id);
    if (key === undefined || key.place === "unknown") {
      throw new RelayError("not_found", `there is no key ${id} here: see relay keys list`);
    }
    refuseNeeded(key, file);
    return file;
  }

  /** Alone: nobody else changes the keys meanwhile. */
  async function alone<Result>(work: () => Promise<Result>, now: UnixMs): Promise<Result> {
    const lock = holdKeysLock(place.keyPath);
    try {
      const result = await work();
      // A write that a running service hears of, also when no row was changed.
      await ledger.ping(now);
      return result;
    } finally {
      lock.release();
    }
  }

  async function rotate(): Promise<Rotation> {
    const unfinished = (await ledger.keyUses()).some(
      ({ place, secrets }) => place === "older" && secrets > 0,
    );
    if (!unfinished) addKey(given, file);
    const told = await ledger.reseal();
    const [current] = readKeyRing(options);
    return { current: current.id, made_in: unfinished ? null : file, ...told };
  }

  return {
    fileMade: fileMade ? file : null,
    list,
    retirable,
    rotate: (now) => alone(rotate, now),
    retire: (id, now) =>
      alone(async () => {
        await retirable(id);
        const kept = readKeyFile(file).filter((key) => keyIdOf(key) !== id);
        replaceKeyFile(file, kept);
        return file;
      }, now),
    close: () => ledger.close(),
  };
}

function addKey(given: readonly Buffer[], file: string): void {
  if (given.length > 0) {
    throw new RelayError(
      "conflict",
      "nothing is sealed with an older key, and the current one is a setting, which no command can change: put it " +
        'into RELAY_ENCRYPTION_KEY_PREVIOUS and a new one ("openssl rand -base64 32") into RELAY_ENCRYPTION_KEY, ' +
        "restart the service, then run relay keys rotate again",
    );
  }
  const keys = readKeyFile(file);
  if (keys.length > OLDER_KEYS_MAX) {
    throw new RelayError(
      "conflict",
      `${file} has ${OLDER_KEYS_MAX} older keys, which is all it may have: relay keys list, then relay keys retire <id>`,
    );
  }
  replaceKeyFile(file, [newKey(), ...keys]);
}

function refuseNeeded({ id, place, secrets, from }: ListedKey, file: string): void {
  const setting = from.find((source) => source !== file);
  if (place === "current") {
    throw new RelayError("conflict", `key ${id} is the current one: relay keys rotate makes another current`);
  }
  if (secrets > 0) {
    throw new RelayError(
      "conflict",
      `${secrets} stored ${secrets === 1 ? "secret needs" : "secrets need"} key ${id}: run relay keys rotate first`,
    );
  }
  if (setting !== undefined) {
    throw new RelayError(
      "conflict",
      `key ${id} is in ${setting}, which no command can change: take it out there, and restart the service`,
    );
  }
}
