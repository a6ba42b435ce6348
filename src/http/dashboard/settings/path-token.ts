import { createHmac, randomBytes } from "node:crypto";

const NONCE_BYTES = 24;

/** Goes with a form that will make a token, unseen. */
export function newNonce(): string {
  return randomBytes(NONCE_BYTES).toString("base64url");
}

/**
 * FastPOD's token for the end of an address. Made from the form's own random part, so that the same form sent twice
 * makes one address and shows it again; keyed, so that the form does not give it away.
 */
export function pathTokenOf(key: Buffer, store: string, nonce: string): string {
  return createHmac("sha256", key).update(`path token ${store} ${nonce}`).digest("base64url");
}

/** A form without its random part is none of ours: it gets one of its own. */
export function nonceIn(form: ReadonlyMap<string, string>): string {
  const nonce = form.get("nonce") ?? "";
  return /^[\w-]{32}$/.test(nonce) ? nonce : newNonce();
}
