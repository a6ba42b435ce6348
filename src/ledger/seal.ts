import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { RelayError } from "../core/errors.ts";

/** Encrypts what the ledger must not show, and makes the tokens of callback addresses. */
export interface Seal {
  /**
   * @param aad what this secret belongs to, such as `printers/kitchen/secrets`: it opens nowhere else
   * @returns version (1 byte), key id (4), nonce (12), tag (16), ciphertext
   */
  seal(plain: string, aad: string): Buffer;
  /** @throws `secret_unreadable` when it was sealed with another key, for another place, or was changed since */
  open(sealed: Buffer, aad: string): string;
  /**
   * The unguessable part of a delivery's callback address: base64url of an HMAC-SHA256 over its id, 43
   * characters. The same for as long as the key is.
   */
  callbackToken(deliveryId: string): string;
  /** Compared in constant time, whatever its length. */
  isCallbackToken(deliveryId: string, presented: string): boolean;
}

export const MASTER_KEY_BYTES = 32;

const VERSION = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES;

/**
 * AES-256-GCM and HMAC-SHA256, each with a key of its own by HKDF-SHA256 (RFC 5869, empty salt) from the master
 * key, so that no key serves two purposes. A random 96-bit nonce is safe for far more secrets than a ledger
 * holds (NIST SP 800-38D, 8.3: 2^32 messages a key).
 *
 * @param masterKey 32 bytes
 * @throws `invalid` when it has another length
 */
export function createSeal(masterKey: Buffer): Seal {
  if (masterKey.length !== MASTER_KEY_BYTES) {
    throw new RelayError("invalid", `the encryption key must have ${MASTER_KEY_BYTES} bytes`);
  }
  const sealKey = derive(masterKey, "goodcom-relay/seal/v1", MASTER_KEY_BYTES);
  const keyId = derive(masterKey, "goodcom-relay/key-id/v1", KEY_ID_BYTES);
  const tokenKey = derive(masterKey, "goodcom-relay/callback-token/v1", MASTER_KEY_BYTES);

  const callbackToken = (deliveryId: string): string =>
    createHmac("sha256", tokenKey).update(deliveryId, "utf8").digest("base64url");

  return {
    seal(plain, aad) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", sealKey, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(aad, "utf8"));
      const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), keyId, nonce, cipher.getAuthTag(), text]);
    },

    open(sealed, aad) {
      if (sealed.length < HEAD_BYTES || sealed[0] !== VERSION) {
        throw unreadable(aad, "it is damaged, or was sealed by another version of the relay");
      }
      const at = { nonce: 1 + KEY_ID_BYTES, tag: 1 + KEY_ID_BYTES + NONCE_BYTES };
      if (!sealed.subarray(1, at.nonce).equals(keyId)) {
        throw unreadable(aad, "it was sealed with another encryption key");
      }
      const decipher = createDecipheriv("aes-256-gcm", sealKey, sealed.subarray(at.nonce, at.tag), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(aad, "utf8"));
      decipher.setAuthTag(sealed.subarray(at.tag, HEAD_BYTES));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]).toString(
          "utf8",
        );
      } catch (cause) {
        throw unreadable(aad, "it is damaged, or belongs to another row", { cause });
      }
    },

    callbackToken,
    isCallbackToken(deliveryId, presented) {
      const [own, other] = [callbackToken(deliveryId), presented].map((token) =>
        createHash("sha256").update(token).digest(),
      );
      return own !== undefined && other !== undefined && timingSafeEqual(own, other);
    },
  };
}

function derive(masterKey: Buffer, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync("sha256", masterKey, "", purpose, bytes));
}

function unreadable(aad: string, why: string, options?: ErrorOptions): RelayError {
  return new RelayError(
    "secret_unreadable",
    `the stored secret ${aad} cannot be opened: ${why}. Give the key it was sealed with (RELAY_ENCRYPTION_KEY ` +
      `or the .key file beside the ledger), or run "relay apply" with all printers and stores to store it anew`,
    options,
  );
}
