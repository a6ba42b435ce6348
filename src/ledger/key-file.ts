import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { RelayError } from "../core/errors.ts";
import { MASTER_KEY_BYTES } from "./seal.ts";
import { syncFolder } from "./sync-folder.ts";

export interface MasterKey {
  key: Buffer;
  /** A new one was made just now: whoever runs the relay should hear of it, and keep a copy elsewhere. */
  made: boolean;
  /** The key file; null when the key was given. */
  path: string | null;
}

const OWNER_ONLY = 0o600;
/** Permission bits of group and others. */
const OTHERS = 0o077;
/** A key file holds 44 characters and a line end; more is no key file. */
const KEY_FILE_BYTES_MAX = 256;

/**
 * The key that seals the ledger's secrets: the given one (`RELAY_ENCRYPTION_KEY`), else the one in
 * `<ledger>.key`, which is made when there is none. The file holds 32 bytes in base64.
 *
 * @throws `secret_unreadable` when the key file is malformed, cannot be read, or can be read by others
 * @throws `ledger_unavailable` when it cannot be made
 */
export function loadMasterKey(options: { key: Buffer | null; ledgerPath: string }): MasterKey {
  if (options.key !== null) return { key: options.key, made: false, path: null };
  const path = `${options.ledgerPath}.key`;
  const made = !existsSync(path) && make(path);
  return { key: read(path), made, path };
}

/** @returns whether it was this call that made it */
function make(path: string): boolean {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeDurably(draft, `${randomBytes(MASTER_KEY_BYTES).toString("base64")}\n`);
  } catch (cause) {
    throw new RelayError(
      "ledger_unavailable",
      `cannot write the key file ${path}: make its folder writable, or set RELAY_ENCRYPTION_KEY`,
      { cause },
    );
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

function writeDurably(path: string, text: string): void {
  const file = openSync(path, "wx", OWNER_ONLY);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function read(path: string): Buffer {
  const { text, mode } = readFile(path);
  if (process.platform !== "win32" && (mode & OTHERS) !== 0) {
    throw new RelayError(
      "secret_unreadable",
      `the key file ${path} can be read by others (mode ${(mode & 0o777).toString(8)}): run "chmod 600 ${path}"`,
    );
  }
  const key = Buffer.from(text.trim(), "base64");
  if (!/^[A-Za-z0-9+/]{43}=\s*$/.test(text) || key.length !== MASTER_KEY_BYTES) {
    throw new RelayError(
      "secret_unreadable",
      `the key file ${path} does not hold ${MASTER_KEY_BYTES} bytes in base64: put the right one back, or set ` +
        "RELAY_ENCRYPTION_KEY; a new key opens none of the stored secrets",
    );
  }
  return key;
}

function readFile(path: string): { text: string; mode: number } {
  try {
    const file = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(KEY_FILE_BYTES_MAX);
      const length = readSync(file, bytes);
      return { text: bytes.toString("latin1", 0, length), mode: fstatSync(file).mode };
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
