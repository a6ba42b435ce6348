import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Clock } from "../core/time.ts";
import { HttpProblem } from "./problem.ts";
import { cookieOf } from "./request.ts";

/** `admin` reads and acts, `viewer` reads. */
export type Role = "admin" | "viewer";

export interface Caller {
  role: Role;
  /** Browsers send a session's cookie by themselves, so an act by one must prove that our own page asked. */
  by: "bearer" | "session";
}

export interface GatekeeperDeps {
  admin_token: string;
  viewer_token: string | null;
  /** Signs the session cookies; 32 bytes. */
  session_key: Buffer;
  public_url: string;
  clock: Clock;
  sessionMs: number;
}

/** Who may do what: two tokens, and the browser sessions that were opened with them. */
export interface Gatekeeper {
  /** Compares in constant time. */
  roleOf(token: string): Role | null;
  /** @throws HttpProblem `unauthorized` */
  callerOf(req: IncomingMessage): Caller;
  /** The `Set-Cookie` value that signs a browser in, and the one that signs it out. */
  signIn(role: Role): string;
  signOut(): string;
  /** @throws HttpProblem `forbidden` when the role may not act, or another site's page asks */
  mayAct(req: IncomingMessage, caller: Caller): void;
  /** @throws HttpProblem `forbidden` when a browser says that another site's page sent this */
  isOurPage(req: IncomingMessage): void;
}

const CHALLENGE = { "WWW-Authenticate": 'Bearer realm="goodcom-relay"' };

export function createGatekeeper(deps: GatekeeperDeps): Gatekeeper {
  const { clock } = deps;
  const digests = { admin: sha256(deps.admin_token), viewer: sha256(deps.viewer_token ?? "") };
  const secure = deps.public_url.startsWith("https:");
  // The prefix makes browsers hold us to Secure and to this very host (RFC 6265bis, 4.1.3.2).
  const cookie = secure ? "__Host-relay_session" : "relay_session";
  const attributes = `Path=/; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;

  function roleOf(token: string): Role | null {
    const digest = sha256(token);
    // Both are always compared: how long it takes says nothing about which came close.
    const isAdmin = timingSafeEqual(digest, digests.admin);
    const isViewer = timingSafeEqual(digest, digests.viewer) && deps.viewer_token !== null;
    return isAdmin ? "admin" : isViewer ? "viewer" : null;
  }

  /** The token's digest is signed too: a new token ends the sessions of the old one. */
  function sealOf(role: Role, endsAt: number): Buffer {
    return createHmac("sha256", deps.session_key)
      .update(`session.${role}.${endsAt}.`)
      .update(digests[role])
      .digest();
  }

  function sessionOf(req: IncomingMessage): Role | null {
    const match = /^(admin|viewer)\.(\d{1,15})\.([\w-]{43})$/.exec(cookieOf(req, cookie) ?? "");
    if (match === null) return null;
    const role: Role = match[1] === "admin" ? "admin" : "viewer";
    if (role === "viewer" && deps.viewer_token === null) return null;
    const endsAt = Number(match[2]);
    const seal = Buffer.from(match[3] ?? "", "base64url");
    return timingSafeEqual(seal, sealOf(role, endsAt)) && clock.now() < endsAt ? role : null;
  }

  const gatekeeper: Gatekeeper = {
    roleOf,
    callerOf(req) {
      const { authorization } = req.headers;
      const role = authorization === undefined ? sessionOf(req) : roleOf(bearerOf(authorization));
      if (role === null) {
        const detail =
          "Send `Authorization: Bearer` with RELAY_ADMIN_TOKEN, or sign in to the dashboard at /sign-in.";
        throw new HttpProblem("unauthorized", detail, CHALLENGE);
      }
      return { role, by: authorization === undefined ? "session" : "bearer" };
    },
    signIn(role) {
      const endsAt = clock.now() + deps.sessionMs;
      const value = `${role}.${endsAt}.${sealOf(role, endsAt).toString("base64url")}`;
      return `${cookie}=${value}; ${attributes}; Max-Age=${Math.floor(deps.sessionMs / 1000)}`;
    },
    signOut: () => `${cookie}=; ${attributes}; Max-Age=0`,
    mayAct(req, caller) {
      if (caller.role !== "admin") {
        throw new HttpProblem("forbidden", "The viewer token reads and never acts: use RELAY_ADMIN_TOKEN.");
      }
      if (caller.by === "session") gatekeeper.isOurPage(req);
    },
    isOurPage(req) {
      if (!isOurs(req, deps.public_url)) {
        throw new HttpProblem("forbidden", "This did not come from the dashboard's own page: do it there.");
      }
    },
  };
  return gatekeeper;
}

/**
 * `Sec-Fetch-Site` where the browser sends it (https and loopback); else `Origin`, which every browser sends with
 * a POST. Neither: no browser we know, so no.
 */
function isOurs(req: IncomingMessage, publicUrl: string): boolean {
  const site = req.headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  const { origin, host } = req.headers;
  if (origin === undefined || !URL.canParse(origin)) return false;
  // A proxy may have changed either the scheme or the Host on the way.
  return origin === new URL(publicUrl).origin || new URL(origin).host === host;
}

function bearerOf(authorization: string): string {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? "";
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
