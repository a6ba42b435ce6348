import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ACTOR_NAME_CHARS_MAX } from "../core/actor.ts";
import { cleanLine } from "../core/text.ts";
import type { Clock } from "../core/time.ts";
import type { OperatorLog } from "./operator-log.ts";
import { HttpProblem } from "./problem.ts";
import { cookieOf } from "./request.ts";

/** `admin` reads and acts, `viewer` reads. */
export type Role = "admin" | "viewer";

export interface Caller {
  role: Role;
  /** Browsers send a session's cookie by themselves, so an act by one must prove that our own page asked. */
  by: "bearer" | "session";
  /** What the person who signed in called themselves; null: nothing, or a token came instead. */
  name: string | null;
}

export interface GatekeeperDeps {
  admin_token: string;
  viewer_token: string | null;
  /** Signs the session cookies; 32 bytes. */
  session_key: Buffer;
  public_url: string;
  clock: Clock;
  sessionMs: number;
  /** Told of whoever is turned away. */
  log: Pick<OperatorLog, "refused">;
}

/** Who may do what: two tokens, and the browser sessions that were opened with them. */
export interface Gatekeeper {
  /** Compares in constant time. */
  roleOf(token: string): Role | null;
  /** @throws HttpProblem `unauthorized` */
  callerOf(req: IncomingMessage): Caller;
  /** The `Set-Cookie` value that signs a browser in, and the one that signs it out. */
  /** @param name what the person calls themselves; empty: nothing */
  signIn(role: Role, name?: string): string;
  signOut(): string;
  /** @throws HttpProblem `forbidden` when the role may not act, or another site's page asks */
  mayAct(req: IncomingMessage, caller: Caller): void;
  /** @throws HttpProblem `forbidden` when a browser says that another site's page sent this */
  isOurPage(req: IncomingMessage): void;
}

interface Session {
  role: Role;
  /** Empty: none was given. */
  name: string;
  endsAt: number;
}

/** Role, end, the name as base64url if there is one, seal. */
const SESSION = /^(admin|viewer)\.(\d{1,15})\.(?:([\w-]{1,300})\.)?([\w-]{43})$/;

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
  function sealOf({ role, name, endsAt }: Session): Buffer {
    return createHmac("sha256", deps.session_key)
      .update(`session.${role}.${endsAt}.${name === "" ? "" : `${nameCode(name)}.`}`)
      .update(digests[role])
      .digest();
  }

  function sessionOf(req: IncomingMessage): Session | null {
    const [, role, endsAt, code = "", seal = ""] = SESSION.exec(cookieOf(req, cookie) ?? "") ?? [];
    if (role === undefined || (role === "viewer" && deps.viewer_token === null)) return null;
    const session: Session = {
      role: role === "admin" ? "admin" : "viewer",
      name: Buffer.from(code, "base64url").toString("utf8"),
      endsAt: Number(endsAt),
    };
    const isOurs = timingSafeEqual(Buffer.from(seal, "base64url"), sealOf(session));
    return isOurs && clock.now() < session.endsAt ? session : null;
  }

  const gatekeeper: Gatekeeper = {
    roleOf,
    callerOf(req) {
      const { authorization } = req.headers;
      const session = authorization === undefined ? sessionOf(req) : null;
      const role = authorization === undefined ? session?.role : roleOf(bearerOf(authorization));
      if (role === null || role === undefined) {
        // A cookie that has ended is nobody's attempt.
        throw notSignedIn(authorization === undefined ? null : deps.log.refused(req, "wrong_token"));
      }
      const by = authorization === undefined ? "session" : "bearer";
      return { role, by, name: session === null || session.name === "" ? null : session.name };
    },
    signIn(role, name = "") {
      const session = {
        role,
        name: cleanLine(name, ACTOR_NAME_CHARS_MAX),
        endsAt: clock.now() + deps.sessionMs,
      };
      const told = session.name === "" ? "" : `${nameCode(session.name)}.`;
      const value = `${role}.${session.endsAt}.${told}${sealOf(session).toString("base64url")}`;
      return `${cookie}=${value}; ${attributes}; Max-Age=${Math.floor(deps.sessionMs / 1000)}`;
    },
    signOut: () => `${cookie}=; ${attributes}; Max-Age=0`,
    mayAct(req, caller) {
      if (caller.role !== "admin") {
        deps.log.refused(req, "viewer_acted");
        throw new HttpProblem("forbidden", "The viewer token reads and never acts: use RELAY_ADMIN_TOKEN.");
      }
      if (caller.by === "session") gatekeeper.isOurPage(req);
    },
    isOurPage(req) {
      if (!isOurs(req, deps.public_url)) {
        deps.log.refused(req, "other_site");
        throw new HttpProblem("forbidden", "This did not come from the dashboard's own page: do it there.");
      }
    },
  };
  return gatekeeper;
}

/** @param waitS how long the network is to wait, of which too many wrong tokens came */
function notSignedIn(waitS: number | null): HttpProblem {
  if (waitS !== null) {
    const detail = "Too many wrong tokens from your network. The right one is taken all the same.";
    return new HttpProblem("too_many_requests", detail, { "Retry-After": String(waitS) });
  }
  const detail =
    "Send `Authorization: Bearer` with RELAY_ADMIN_TOKEN, or sign in to the dashboard at /sign-in.";
  return new HttpProblem("unauthorized", detail, CHALLENGE);
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

/** A cookie takes no letter beyond ASCII. */
function nameCode(name: string): string {
  return Buffer.from(name, "utf8").toString("base64url");
}

function bearerOf(authorization: string): string {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? "";
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
