import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from "node:crypto";
import { RelayError } from "../core/errors.ts";

/** Encrypts what the ledger must not show, and makes the tokens of callback addresses (decision 29). */
export interface Seal {
  /**
   * With the current key, for which the keys are read anew: what is stored now opens after a restart too.
   *
   * @param aad what this secret belongs to, such as `printers/kitchen/secrets`: it opens nowhere else
   * @returns version (1 byte), key id (4), nonce (12), tag (16), ciphertext
   * @throws `secret_unreadable` when the keys cannot be read
   */
  seal(plain: string, aad: string): Buffer;
  /**
   * With whichever key it names; when that is none of those known, the keys are read anew, once.
   * @throws `secret_unreadable` when nobody has its key, it was sealed for another place, or was changed since
   */
  open(sealed: Buffer, aad: string): string;
  /**
   * The unguessable part of a delivery's callback address: base64url of an HMAC-SHA256 over its id, 43
   * characters. The same for as long as the current key is.
   */
  callbackToken(deliveryId: string): string;
  /** By the current key or an older one; compared in constant time, whatever its length and whichever key it is. */
  isCallbackToken(deliveryId: string, presented: string): boolean;
  /** Of all keys, 8 hex digits each, the current one first. */
  keyIds(): string[];
  /** Reads the keys anew, as another process may have changed them. Those that cannot be read now stay as they were. */
  follow(): void;
}

export const MASTER_KEY_BYTES = 32;

const VERSION = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NONCE_AT = 1 + KEY_ID_BYTES;
const TAG_AT = NONCE_AT + NONCE_BYTES;
const TEXT_AT = TAG_AT + TAG_BYTES;

/** What is made of one master key. */
interface Key {
  id: string;
  sealKey: Buffer;
  tokenKey: KeyObject;
}

/**
 * AES-256-GCM and HMAC-SHA256, each with a key of its own by HKDF-SHA256 (RFC 5869, empty salt) from the master
 * key, so that no key serves two purposes. A random 96-bit nonce is safe for far more secrets than a ledger
 * holds (NIST SP 800-38D, 8.3: 2^32 messages a key).
 *
 * @param readKeys the master keys as they are now, 32 bytes each, the current one first; called again for news of them
 * @throws `invalid` when there is none, or one has another length; what `readKeys` throws
 */
export function createSeal(readKeys: () => readonly Buffer[]): Seal {
  let keys = readKeys().map(keyOf);
  const current = (): Key => {
    const [first] = keys;
    if (first === undefined) throw new RelayError("invalid", "there is no encryption key");
    return first;
  };
  current();

  function follow(): void {
    try {
      keys = readKeys().map(keyOf);
    } catch {
      // A file in the making or one that is gone: what was known goes on opening.
    }
  }

  function keyFor(id: string | null): Key | undefined {
    const known = keys.find((key) => key.id === id);
    if (known !== undefined || id === null) return known;
    follow();
    return keys.find((key) => key.id === id);
  }

  return {
    seal(plain, aad) {
      keys = readKeys().map(keyOf);
      return sealWith(current(), plain, aad);
    },
    open(sealed, aad) {
      const id = sealedWith(sealed);
      if (id === null) throw unreadable(aad, "it is damaged, or was sealed by another version of the relay");
      const key = keyFor(id);
      if (key === undefined) throw unreadable(aad, `it was sealed with another encryption key (${id})`);
      return openWith(key, sealed, aad);
    },
    callbackToken: (deliveryId) => tokenOf(current(), deliveryId),
    isCallbackToken(deliveryId, presented) {
      // All are compared, always.
      const matches = keys.filter((key) => isSame(tokenOf(key, deliveryId), presented));
      return matches.length > 0;
    },
    keyIds: () => keys.map(({ id }) => id),
    follow,
  };
}

/** @returns the id of a master key: 8 hex digits that tell nothing of it */
export function keyIdOf(masterKey: Buffer): string {
  return derive(masterKey, "goodcom-relay/key-id/v1", KEY_ID_BYTES).toString("hex");
}

/** @returns the id of the key that it was sealed with; null when it is nothing sealed, or of another version */
export function sealedWith(sealed: Buffer): string | null {
  const isOurs = sealed.length >= TEXT_AT && sealed[0] === VERSION;
  return isOurs ? sealed.toString("hex", 1, NONCE_AT) : null;
}

function keyOf(masterKey: Buffer): Key {
  if (masterKey.length !== MASTER_KEY_BYTES) {
    throw new RelayError("invalid", `the encryption key must have ${MASTER_KEY_BYTES} bytes`);
  }
  return {
    id: keyIdOf(masterKey),
    sealKey: derive(masterKey, "goodcom-relay/seal/v1", MASTER_KEY_BYTES),
    // createHmac looks at bytes anew each time: 20 µs for every slip.
    tokenKey: createSecretKey(derive(masterKey, "goodcom-relay/callback-token/v1", MASTER_KEY_BYTES)),
  };
}

function sealWith({ id, sealKey }: Key, plain: string, aad: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", sealKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(aad, "utf8"));
  const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), Buffer.from(id, "hex"), nonce, cipher.getAuthTag(), text]);
}

function openWith({ sealKey }: Key, sealed: Buffer, aad: string): string {
  const nonce = sealed.subarray(NONCE_AT, TAG_AT);
  const decipher = createDecipheriv("aes-256-gcm", sealKey, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(aad, "utf8"));
  decipher.setAuthTag(sealed.subarray(TAG_AT, TEXT_AT));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(TEXT_AT)), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw unreadable(aad, "it is damaged, or belongs to another row", { cause });
  }
}

function tokenOf({ tokenKey }: Key, deliveryId: string): string {
  return createHmac("sha256", tokenKey).update(deliveryId, "utf8").digest("base64url");
}

function isSame(own: string, presented: string): boolean {
  const [one, other] = [own, presented].map((token) => createHash("sha256").update(token).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

function derive(masterKey: Buffer, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync("sha256", masterKey, "", purpose, bytes));
}

function unreadable(aad: string, why: string, options?: ErrorOptions): RelayError {
  return new RelayError(
    "secret_unreadable",
    `the stored secret ${aad} cannot be opened: ${why}. Give the key it was sealed with (RELAY_ENCRYPTION_KEY, ` +
      "RELAY_ENCRYPTION_KEY_PREVIOUS or the .key file beside the ledger; relay keys list shows which), or run " +
      '"relay apply" with all printers and stores to store it anew',
    options,
  );
}
