import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { validAt } from "../core/expiring.ts";
import type { StoreSettings } from "../core/settings.ts";
import type { UnixMs } from "../core/time.ts";
import type { InboundRequest, Refusal } from "./platform.ts";

/** HMAC-SHA256 and SHA-256 are both this long. */
const MAC_BYTES = 32;

/**
 * Whether 32 bytes may stand in a text, in base64 of any alphabet or in hex, whatever is around them: a platform that
 * one day writes `sha256=` in front has a signature that fails, and not none. Shorter is nobody's.
 */
const MAYBE_MAC = /[A-Za-z0-9+/_-]{43}/;

/** @returns HMAC-SHA256 of exactly these bytes, keyed with the secret's UTF-8 bytes */
export function macOf(body: Buffer, secret: string): Buffer {
  return createHmac("sha256", secret).update(body).digest();
}

/**
 * Reads a presented signature: 64 hex digits of any case, or 44 characters of base64. Vendors' pages contradict
 * each other on the encoding, so both spellings of the one MAC are read; everything else is null.
 */
export function decodeSignature(text: string): Buffer | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text)) return null;
  const bytes = Buffer.from(text, "base64");
  // The last character has two bits to spare: only one of its four spellings is the encoding of these bytes.
  return bytes.toString("base64") === text ? bytes : null;
}

/**
 * @param presented the signature header's value
 * @param secrets any of them verifies; an empty one verifies nothing
 * @returns null when the bytes are authentic, or why they are not. Fails closed; all secrets are compared, in
 *   constant time.
 */
export function signatureFault(
  body: Buffer,
  presented: string | undefined,
  secrets: readonly string[],
): "unsigned" | "malformed_signature" | "no_secret" | "bad_signature" | null {
  if (presented === undefined || presented === "") return "unsigned";
  // Looked at before the secrets: what nobody's platform sent is no sign that a store has none.
  if (!MAYBE_MAC.test(presented)) return "malformed_signature";
  const keys = secrets.filter((secret) => secret !== "");
  if (keys.length === 0) return "no_secret";
  const mac = decodeSignature(presented);
  if (mac?.length !== MAC_BYTES) return "bad_signature";
  const matches = keys.map((secret) => timingSafeEqual(macOf(body, secret), mac));
  return matches.includes(true) ? null : "bad_signature";
}

/** What a platform that signs its webhooks calls things. */
export interface SigningVendor {
  /** As people write it. */
  product: string;
  /** The signature's header, as the vendor writes it. */
  header: string;
  /** What the vendor calls the key. */
  secret: string;
}

/** Null when the request's bytes are authentic for this store now. */
export function verifySignature(
  { headers, body }: InboundRequest,
  store: StoreSettings,
  now: UnixMs,
  { product, header, secret }: SigningVendor,
): Refusal | null {
  const why = signatureFault(body, headers[header.toLowerCase()], validAt(store.secrets, now));
  switch (why) {
    case null:
      return null;
    case "no_secret":
      return {
        why,
        detail: `Store ${store.name} has no secret that is valid now, so nothing verifies: give it the ${secret}.`,
      };
    case "unsigned":
      return {
        why,
        detail: `${header} is missing. ${product} signs every webhook: check that this one comes from there.`,
      };
    case "malformed_signature":
      return {
        why,
        detail: `${header} holds no signature: it is too short for one. ${product} signs every webhook: check that this one comes from there.`,
      };
    case "bad_signature":
      return {
        why,
        detail: `${header} does not verify: compare the "secrets" of store ${store.name} with the ${secret}, and check that nothing on the way changes the body.`,
      };
  }
}

/** @returns SHA-256 of a path token, in lower-case hex: the only form in which tokens are kept */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/**
 * Which of the hashes kept is the token's: all of them are compared, in constant time.
 * @returns null: none
 */
export function knownToken(token: string | null, tokenHashes: readonly string[]): string | null {
  if (token === null || token === "") return null;
  const presented = Buffer.from(hashToken(token), "hex");
  const isIt = (hash: string): boolean => {
    const kept = Buffer.from(hash, "hex");
    return kept.length === MAC_BYTES && timingSafeEqual(kept, presented);
  };
  const [known = null] = tokenHashes.filter(isIt);
  return known;
}
