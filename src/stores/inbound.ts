import { randomBytes } from "node:crypto";
import type { PlatformName } from "../core/cancellation.ts";
import { isLoopback } from "../core/settings.ts";
import type { Inbound } from "../relay.ts";

/** As long as a path token needs to be: 32 bytes, 43 characters of base64url. */
const TOKEN_BYTES = 32;

export interface InboundDeps {
  /** RELAY_PUBLIC_URL, without a slash at its end. */
  publicUrl: string;
  /** For stores on this machine, which can call what nobody else can: tests and the demo. */
  allowLoopback: boolean;
  path: (platform: PlatformName, store: string, token: string) => string;
  hashToken: (token: string) => string;
}

export function createInbound({ publicUrl, allowLoopback, path, hashToken }: InboundDeps): Inbound {
  return {
    unreachable: allowLoopback ? null : whyUnreachable(new URL(publicUrl)),
    address: ({ platform, name }, token) => publicUrl + path(platform, name, token),
    makeToken: () => randomBytes(TOKEN_BYTES).toString("base64url"),
    hashToken,
  };
}

/** Stores call https addresses only, and from the internet. */
function whyUnreachable({ protocol, hostname, origin }: URL): string | null {
  if (protocol !== "https:") {
    return `stores call https addresses only, and RELAY_PUBLIC_URL is ${origin}: set it to this relay's public https address`;
  }
  if (isLoopback(hostname)) {
    return `RELAY_PUBLIC_URL (${origin}) is this machine alone: set it to an https address that the store can reach`;
  }
  return null;
}
