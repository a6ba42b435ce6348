import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { SECOND_MS, type Clock } from "../core/time.ts";
import type { EndedSession } from "../ledger/session-ledger.ts";
import type { OperatorLog } from "./operator-log.ts";
import { HttpProblem } from "./problem.ts";
import { cookieOf } from "./request.ts";
import { createSessions, type Role, type Session, type Sessions } from "./sessions.ts";

export interface Caller {
  role: Role;
  /** Browsers send a session's cookie by themselves, so an act by one must prove that our own page asked. */
  by: "bearer" | "session";
  /** What the person who signed in called themselves; null: nothing, or a token came instead. */
  name: string | null;
  /** One text for each session, and for each token that comes as bearer: whose requests count together. */
  who: string;
}

export interface GatekeeperDeps {
  admin_token: string;
  viewer_token: string | null;
  /** Signs the session cookies; 32 bytes. */
  session_key: Buffer;
  public_url: string;
  clock: Clock;
  sessionMs: number;
  /** Those that had been ended when this process began; those that are by now; and one more, for the ledger to remember. */
  ended_sessions: readonly EndedSession[];
  endedSessions: () => Promise<readonly EndedSession[]>;
  endSession: (session: EndedSession) => Promise<void>;
  /** Calls back when another relay may have ended one; null: there is none. */
  onForeignWrite: ((listener: () => void) => () => void) | null;
  /** Aborts when nobody is let in any more. */
  closing: AbortSignal;
  /** Told of whoever is turned away, or goes. */
  log: Pick<OperatorLog, "refused" | "signedOut">;
}

/** Who may do what: two tokens, and the browser sessions that were opened with them. */
export interface Gatekeeper {
  /** Compares in constant time. */
  roleOf(token: string): Role | null;
  /** @throws HttpProblem `unauthorized` */
  callerOf(req: IncomingMessage): Caller;
  /** The same before anybody is turned away, which is told only where it is done; null: nobody we know. */
  visitorOf(req: IncomingMessage): Caller | null;
  /**
   * Opens a session of its own, whatever cookie came: what was set before signing in is never taken over.
   * @param name what the person calls themselves; empty: nothing
   * @returns the `Set-Cookie` value that signs a browser in
   */
  signIn(role: Role, name?: string): string;
  /**
   * Ends the session of this request, so that a copy of its cookie opens nothing.
   * @returns the `Set-Cookie` value that takes the cookie out of the browser, once the ledger remembers it or cannot
   */
  signOut(req: IncomingMessage): Promise<string>;
  /** @throws HttpProblem `forbidden` when the role may not act, or another site's page asks */
  mayAct(req: IncomingMessage, caller: Caller): void;
  /** @throws HttpProblem `forbidden` when a browser says that another site's page sent this */
  isOurPage(req: IncomingMessage): void;
}

const FOLLOW_EVERY_MS = SECOND_MS;
const CHALLENGE = { "WWW-Authenticate": 'Bearer realm="goodcom-relay"' };

export function createGatekeeper(deps: GatekeeperDeps): Gatekeeper {
  const digests = { admin: sha256(deps.admin_token), viewer: sha256(deps.viewer_token ?? "") };
  const secure = deps.public_url.startsWith("https:");
  // The prefix makes browsers hold us to Secure and to this very host (RFC 6265bis, 4.1.3.2).
  const cookie = secure ? "__Host-relay_session" : "relay_session";
  const attributes = `Path=/; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;

  const sessions = createSessions({ ...deps, digests });
  followOthers(deps, sessions);

  function roleOf(token: string): Role | null {
    const digest = sha256(token);
    // Both are always compared: how long it takes says nothing about which came close.
    const isAdmin = timingSafeEqual(digest, digests.admin);
    const isViewer = timingSafeEqual(digest, digests.viewer) && deps.viewer_token !== null;
    return isAdmin ? "admin" : isViewer ? "viewer" : null;
  }

  const sessionOf = (req: IncomingMessage): Session | null => sessions.read(cookieOf(req, cookie) ?? "");

  const gatekeeper: Gatekeeper = {
    roleOf,
    visitorOf(req) {
      const { authorization } = req.headers;
      if (authorization !== undefined) {
        const role = roleOf(bearerOf(authorization));
        return role === null ? null : { role, by: "bearer", name: null, who: role };
      }
      const session = sessionOf(req);
      if (session === null) return null;
      const { role, name, id } = session;
      return { role, by: "session", name: name === "" ? null : name, who: id };
    },
    callerOf(req) {
      const caller = gatekeeper.visitorOf(req);
      if (caller !== null) return caller;
      // A cookie that has ended is nobody's attempt.
      const hasToken = req.headers.authorization !== undefined;
      throw notSignedIn(hasToken ? deps.log.refused(req, "wrong_token") : null);
    },
    signIn(role, name = "") {
      const maxAgeS = Math.floor(deps.sessionMs / 1000);
      return `${cookie}=${sessions.open(role, name)}; ${attributes}; Max-Age=${maxAgeS}`;
    },
    async signOut(req) {
      const session = sessionOf(req);
      if (session !== null) {
        sessions.end(session);
        deps.log.signedOut(req, session.role, session.name);
        await deps.endSession({ id: session.id, ends_at: session.endsAt });
      }
      return `${cookie}=; ${attributes}; Max-Age=0`;
    },
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

/** At most once a second. A ledger that cannot be read now is asked again at the next notice. */
function followOthers(
  { endedSessions, onForeignWrite, clock, closing }: GatekeeperDeps,
  sessions: Sessions,
): void {
  if (onForeignWrite === null) return;
  let isResting = false;
  let isOwed = false;

  function follow(): void {
    isOwed = isResting;
    if (isResting || closing.aborted) return;
    isResting = true;
    endedSessions().then(
      (ended) => sessions.learn(ended),
      () => undefined,
    );
    clock.after(FOLLOW_EVERY_MS, () => {
      isResting = false;
      if (isOwed) follow();
    });
  }

  closing.addEventListener("abort", onForeignWrite(follow));
  // What was ended between the start of the process and now.
  follow();
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

/** A token may be any text: several words, too, and node gives a header's bytes one by one. */
function bearerOf(authorization: string): string {
  const bytes = /^Bearer +(.+)$/i.exec(authorization)?.[1] ?? "";
  return Buffer.from(bytes, "latin1").toString("utf8");
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
