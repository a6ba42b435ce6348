import { randomBytes } from "node:crypto";
import { isLoopback, whyUnreachable } from "../core/address.ts";
import type { StoreSettings } from "../core/settings.ts";
import { webhookPath } from "../core/webhook.ts";

/** Where the stores call. */
export interface Inbound {
  /** Why this store cannot reach RELAY_PUBLIC_URL, and what to do; null: it could. */
  unreachable(store: Pick<StoreSettings, "api">): string | null;
  /** @param token FastPOD's, at its end; elsewhere it is not in the address */
  address(store: StoreSettings, token: string): string;
  makeToken(): string;
  /** SHA-256 in hex: the only form in which path tokens are kept. */
  hashToken(token: string): string;
}

/** As long as a path token needs to be: 32 bytes, 43 characters of base64url. */
const TOKEN_BYTES = 32;

export interface InboundDeps {
  /** RELAY_PUBLIC_URL, without a slash at its end. */
  publicUrl: string;
  hashToken: (token: string) => string;
}

export function createInbound({ publicUrl, hashToken }: InboundDeps): Inbound {
  return {
    unreachable: ({ api }) => (isHere(api) ? null : whyUnreachable(publicUrl)),
    address: (store, token) => publicUrl + webhookPath(store, token),
    makeToken: () => randomBytes(TOKEN_BYTES).toString("base64url"),
    hashToken,
  };
}

/** A store on this machine can call what nobody else can: a simulator, a test. */
function isHere(api: StoreSettings["api"]): boolean {
  return api !== null && isLoopback(new URL(api.url).hostname);
}
