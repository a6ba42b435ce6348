import { existsSync } from "node:fs";
import { RelayError } from "../core/errors.ts";
import { keyFileOf, makeKeyFile, readKeyFile } from "./key-file.ts";
import { createSeal, keyIdOf, type Seal } from "./seal.ts";

/** Where the keys of a ledger come from (decision 29). */
export interface KeyOptions {
  /** Those of the environment, the current one first; none: the key file has the current one. */
  given: readonly Buffer[];
  ledgerPath: string;
}

/** One key, and where it was found. */
export interface RingKey {
  /** 8 hex digits. */
  id: string;
  key: Buffer;
  /** Names of settings, path of the key file: all that have it. */
  from: string[];
}

/** A ledger's keys as they were at the start. */
export interface OpenedKeys {
  seal: Seal;
  /** 32 bytes. */
  current: Buffer;
  /** Path of the key file that has the current key; null: the environment has it. */
  file: string | null;
  /** It was made just now: whoever runs the relay should hear of it, and keep a copy elsewhere. */
  fileMade: boolean;
}

/**
 * Opens the ledger's keys: the given ones (`RELAY_ENCRYPTION_KEY`, `RELAY_ENCRYPTION_KEY_PREVIOUS`), then those in
 * `<ledger>.key`, which is made when there is none and none is given.
 *
 * @throws `secret_unreadable` as `readKeyFile`; `ledger_unavailable` when the file cannot be made
 */
export function openKeyRing(options: KeyOptions): OpenedKeys {
  const path = keyFileOf(options.ledgerPath);
  const fromFile = options.given.length === 0;
  const fileMade = fromFile && !existsSync(path) && makeKeyFile(path);
  const [current] = readKeyRing(options);
  return { seal: sealOf(options), current: current.key, file: fromFile ? path : null, fileMade };
}

/** A seal that follows the key file. @throws as `readKeyRing` */
export function sealOf(options: KeyOptions): Seal {
  return createSeal(() => readKeyRing(options).map(({ key }) => key));
}

/**
 * All keys as they are now, the current one first. One that stands in two places is one.
 * @throws `secret_unreadable` as `readKeyFile`, and when two keys have one id
 */
export function readKeyRing({ given, ledgerPath }: KeyOptions): [RingKey, ...RingKey[]] {
  const path = keyFileOf(ledgerPath);
  const inFile = given.length === 0 || existsSync(path) ? readKeyFile(path) : [];
  const found = [
    ...given.map((key, place) => ({ key, from: settingOf(place) })),
    ...inFile.map((key) => ({ key, from: path })),
  ];
  const ring = new Map<string, RingKey>();
  for (const { key, from } of found) {
    const id = keyIdOf(key);
    const known = ring.get(id);
    if (known === undefined) ring.set(id, { id, key, from: [from] });
    else if (!known.key.equals(key)) throw sameId(id);
    else if (!known.from.includes(from)) known.from.push(from);
  }
  const [current, ...older] = ring.values();
  if (current === undefined) throw new RelayError("secret_unreadable", `the key file ${path} has no key`);
  return [current, ...older];
}

function settingOf(place: number): string {
  return place === 0 ? "RELAY_ENCRYPTION_KEY" : "RELAY_ENCRYPTION_KEY_PREVIOUS";
}

/** Of two keys made at random once in 2^32; the ledger's rows could not tell them apart. */
function sameId(id: string): RelayError {
  return new RelayError("secret_unreadable", `two encryption keys have the id ${id}: make another new one`);
}
