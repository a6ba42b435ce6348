import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  type Stats,
} from "node:fs";
import { dirname } from "node:path";
import { RelayError } from "../core/errors.ts";
import { makeFolder } from "./make-folder.ts";
import { giveTo } from "./same-owner.ts";
import { MASTER_KEY_BYTES } from "./seal.ts";
import { syncFolder } from "./sync-folder.ts";

/** A key file holds the current key and at most so many older ones. */
export const OLDER_KEYS_MAX = 8;
const KEYS_MAX = 1 + OLDER_KEYS_MAX;

const OWNER_ONLY = 0o600;
/** Permission bits of group and others. */
const OTHERS = 0o077;
/** 44 characters and a line end for each key; more is no key file. */
const KEY_FILE_BYTES_MAX = KEYS_MAX * (44 + 2);
const LINE = /^[A-Za-z0-9+/]{43}=$/;

/** @param ledgerPath path of the ledger that the file stands beside */
export function keyFileOf(ledgerPath: string): string {
  return `${ledgerPath}.key`;
}

/**
 * Makes a key file of one new key; never over one that is there.
 *
 * @returns whether it was this call that made it
 * @throws `ledger_unavailable` when it cannot be made
 */
export function makeKeyFile(path: string): boolean {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    makeFolder(dirname(path));
    writeDurably(draft, [newKey()]);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
  try {
    // A hard link appears whole or not at all, and never over a key that somebody else has just made.
    linkSync(draft, path);
    syncFolder(dirname(path));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new RelayError("ledger_unavailable", `cannot make the key file ${path}`, { cause: error });
  } finally {
    unlinkSync(draft);
  }
}

/**
 * Puts other keys into a key file: all of them, durably, or none. Whoever calls it holds the keys' lock. Without
 * any the file goes.
 *
 * @param keys the current one first
 * @throws `ledger_unavailable` when it cannot be written: it is then as it was
 */
export function replaceKeyFile(path: string, keys: readonly Buffer[]): void {
  try {
    // A link to a file elsewhere stays one.
    const file = realpathSync(path);
    // One name, so that what a killed run left is found again and does not lie about: it has a key in it.
    const draft = `${file}.new`;
    rmSync(draft, { force: true });
    if (keys.length === 0) rmSync(file);
    else {
      writeDurably(draft, keys, statSync(file));
      renameSync(draft, file);
    }
    syncFolder(dirname(file));
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

export function newKey(): Buffer {
  return randomBytes(MASTER_KEY_BYTES);
}

/** @param like a file whose owner this one is to have: root may turn the key of a service that is not root's */
function writeDurably(path: string, keys: readonly Buffer[], like?: Stats): void {
  const text = keys.map((key) => `${key.toString("base64")}\n`).join("");
  const file = openSync(path, "wx", OWNER_ONLY);
  try {
    giveTo(like, file);
    // All of it, or it throws: one call may write a part. Read again, for once it has its name there is no other.
    writeFileSync(file, text);
    fsyncSync(file);
    if (readFileSync(path, "latin1") !== text) throw new Error("not all of it was written");
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/**
 * The keys of a key file, the current one first: 32 bytes in base64 on a line each.
 *
 * @throws `secret_unreadable` when it is malformed, is not there, cannot be read, or can be read by others
 */
export function readKeyFile(path: string): Buffer[] {
  const { text, mode } = readFile(path);
  if (process.platform !== "win32" && (mode & OTHERS) !== 0) {
    throw new RelayError(
      "secret_unreadable",
      `the key file ${path} can be read by others (mode ${(mode & 0o777).toString(8)}): run "chmod 600 ${path}"`,
    );
  }
  const lines = text.trimEnd().split(/\r?\n/);
  const keys = lines.map((line) => Buffer.from(line, "base64"));
  const isWell = lines.every((line) => LINE.test(line));
  if (!isWell || text.length > KEY_FILE_BYTES_MAX) {
    throw new RelayError(
      "secret_unreadable",
      `the key file ${path} does not hold ${MASTER_KEY_BYTES} bytes in base64 on each line, ${KEYS_MAX} lines at ` +
        "most: put the right one back, or set RELAY_ENCRYPTION_KEY and move the file away; a new key opens none of " +
        "the stored secrets",
    );
  }
  return keys;
}

function readFile(path: string): { text: string; mode: number } {
  if (!existsSync(path)) {
    throw new RelayError("secret_unreadable", `the key file ${path} is gone: put it back`);
  }
  try {
    // A pipe in its place would be waited for without end.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(file);
      if (!stats.isFile()) throw new Error("it is no file");
      const bytes = Buffer.alloc(KEY_FILE_BYTES_MAX + 1);
      const length = readSync(file, bytes);
      return { text: bytes.toString("latin1", 0, length), mode: stats.mode };
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new RelayError(
      "secret_unreadable",
      `the key file ${path} cannot be read: make it readable for the user the relay runs as, and for nobody else`,
      { cause },
    );
  }
}

function cannotWrite(path: string, cause: unknown): RelayError {
  return new RelayError(
    "ledger_unavailable",
    `cannot write the key file ${path}: free some space on its disk if that is full, make its folder writable, or set ` +
      "RELAY_ENCRYPTION_KEY",
    { cause },
  );
}
