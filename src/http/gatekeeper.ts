import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { ACTOR_NAME_CHARS_MAX } from "../core/actor.ts";
import { cleanLine } from "../core/text.ts";
import type { Clock } from "../core/time.ts";
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
}

/** Who may do what: two tokens, and the browser sessions that were opened with them. */
export interface Gatekeeper {
  /** Compares in constant time. */
  roleOf(token: string): Role | null;
  /** @throws HttpProblem `unauthorized` */
  callerOf(req: IncomingMessage): Caller;
  /**
   * Opens a session of its own, whatever cookie came: what was set before signing in is never taken over.
   * @param name what the person calls themselves; empty: nothing
   * @returns the `Set-Cookie` value that signs a browser in
   */
  signIn(role: Role, name?: string): string;
  /**
   * Ends the session of this request here, so that a copy of its cookie opens nothing, until this process ends.
   * @returns the `Set-Cookie` value that takes the cookie out of the browser
   */
  signOut(req: IncomingMessage): string;
  /** @throws HttpProblem `forbidden` when the role may not act, or another site's page asks */
  mayAct(req: IncomingMessage, caller: Caller): void;
  /** @throws HttpProblem `forbidden` when a browser says that another site's page sent this */
  isOurPage(req: IncomingMessage): void;
}

interface Session {
  id: string;
  role: Role;
  /** Empty: none was given. */
  name: string;
  endsAt: number;
}

/** What is sealed: role, end, id, the name as base64url if there is one. Then the seal. */
const SESSION = /^((admin|viewer)\.(\d{1,15})\.([\w-]{22})(?:\.([\w-]{1,300}))?)\.([\w-]{43})$/;
const ID_BYTES = 16;

/** Ended sessions remembered at once; of more the one that was ended first is forgotten. */
const ENDED_MAX = 10_000;

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

  /** By id, those that were ended before their time, with that time. */
  const ended = new Map<string, number>();

  /** The token's digest is signed too: a new token ends the sessions of the old one. */
  function sealOf(told: string, role: Role): string {
    return createHmac("sha256", deps.session_key)
      .update(`session.${told}`)
      .update(digests[role])
      .digest("base64url");
  }

  function sessionOf(req: IncomingMessage): Session | null {
    const found = SESSION.exec(cookieOf(req, cookie) ?? "");
    if (found === null) return null;
    const [, told = "", word, endsAt, id = "", code = "", seal = ""] = found;
    const role = word === "admin" ? "admin" : "viewer";
    if (role === "viewer" && deps.viewer_token === null) return null;
    // As text, for base64 has more than one way to write the same bytes.
    if (!timingSafeEqual(Buffer.from(seal), Buffer.from(sealOf(told, role)))) return null;
    const name = Buffer.from(code, "base64url").toString("utf8");
    const session = { id, role, name, endsAt: Number(endsAt) } satisfies Session;
    return clock.now() < session.endsAt && !ended.has(id) ? session : null;
  }

  function end({ id, endsAt }: Session): void {
    for (const [other, over] of ended) if (over <= clock.now()) ended.delete(other);
    ended.set(id, endsAt);
    const first = ended.keys().next();
    if (ended.size > ENDED_MAX && first.done === false) ended.delete(first.value);
  }

  const gatekeeper: Gatekeeper = {
    roleOf,
    callerOf(req) {
      const { authorization } = req.headers;
      const session = authorization === undefined ? sessionOf(req) : null;
      const role = authorization === undefined ? session?.role : roleOf(bearerOf(authorization));
      if (role === null || role === undefined) {
        const detail =
          "Send `Authorization: Bearer` with RELAY_ADMIN_TOKEN, or sign in to the dashboard at /sign-in.";
        throw new HttpProblem("unauthorized", detail, CHALLENGE);
      }
      const by = authorization === undefined ? "session" : "bearer";
      return { role, by, name: session === null || session.name === "" ? null : session.name };
    },
    signIn(role, name = "") {
      const code = nameCode(cleanLine(name, ACTOR_NAME_CHARS_MAX));
      const id = randomBytes(ID_BYTES).toString("base64url");
      const told = `${role}.${clock.now() + deps.sessionMs}.${id}${code === "" ? "" : `.${code}`}`;
      const maxAgeS = Math.floor(deps.sessionMs / 1000);
      return `${cookie}=${told}.${sealOf(told, role)}; ${attributes}; Max-Age=${maxAgeS}`;
    },
    signOut(req) {
      const session = sessionOf(req);
      if (session !== null) end(session);
      return `${cookie}=; ${attributes}; Max-Age=0`;
    },
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
