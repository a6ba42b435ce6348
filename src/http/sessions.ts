import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { ACTOR_NAME_CHARS_MAX } from "../core/actor.ts";
import { cleanLine } from "../core/text.ts";
import type { Clock, UnixMs } from "../core/time.ts";
import type { EndedSession } from "../ledger/session-ledger.ts";

/** `admin` reads and acts, `viewer` reads. */
export type Role = "admin" | "viewer";

export interface Session {
  id: string;
  role: Role;
  /** Empty: none was given. */
  name: string;
  endsAt: UnixMs;
}

/** Browser sessions. All that one is stands in its sealed cookie; what is remembered here is which have been ended. */
export interface Sessions {
  /**
   * One of its own at each call.
   * @param name what the person calls themselves; empty: nothing
   * @returns the cookie's value
   */
  open(role: Role, name: string): string;
  /** @returns null for whatever is none, any more or yet */
  read(value: string): Session | null;
  /** A copy of its cookie opens nothing from now on. */
  end(session: Session): void;
  /** Those that were ended elsewhere, too. */
  learn(ended: readonly EndedSession[]): void;
}

interface SessionsDeps {
  /** Seals; 32 bytes. */
  session_key: Buffer;
  /** Of the token that the role is opened with. */
  digests: Readonly<Record<Role, Buffer>>;
  clock: Pick<Clock, "now">;
  sessionMs: number;
  /** What is remembered of before this process. */
  ended_sessions: readonly EndedSession[];
}

/** What is sealed: role, end, id, the name as base64url if there is one. Then the seal. */
const SESSION = /^((admin|viewer)\.(\d{1,15})\.([\w-]{22})(?:\.([\w-]{1,300}))?)\.([\w-]{43})$/;
const ID_BYTES = 16;

/** Ended sessions remembered at once; of more the one that was ended first is forgotten. */
export const ENDED_MAX = 10_000;

export function createSessions({
  session_key,
  digests,
  clock,
  sessionMs,
  ended_sessions,
}: SessionsDeps): Sessions {
  /** By id, those that were ended before their time, with that time. */
  const ended = new Map<string, UnixMs>(ended_sessions.map(({ id, ends_at }) => [id, ends_at]));

  /** The token's digest is sealed too: a new token ends the sessions of the old one. */
  function sealOf(told: string, role: Role): string {
    return createHmac("sha256", session_key)
      .update(`session.${told}`)
      .update(digests[role])
      .digest("base64url");
  }

  function remember(sessions: readonly EndedSession[]): void {
    for (const [other, over] of ended) if (over <= clock.now()) ended.delete(other);
    for (const { id, ends_at } of sessions) {
      ended.set(id, ends_at);
      const first = ended.keys().next();
      if (ended.size > ENDED_MAX && first.done === false) ended.delete(first.value);
    }
  }

  return {
    open(role, name) {
      // A cookie takes no letter beyond ASCII.
      const code = Buffer.from(cleanLine(name, ACTOR_NAME_CHARS_MAX), "utf8").toString("base64url");
      const id = randomBytes(ID_BYTES).toString("base64url");
      const told = `${role}.${clock.now() + sessionMs}.${id}${code === "" ? "" : `.${code}`}`;
      return `${told}.${sealOf(told, role)}`;
    },
    read(value) {
      const found = SESSION.exec(value);
      if (found === null) return null;
      const [, told = "", word, endsAt, id = "", code = "", seal = ""] = found;
      const role = word === "admin" ? "admin" : "viewer";
      // As text, for base64 has more than one way to write the same bytes.
      if (!timingSafeEqual(Buffer.from(seal), Buffer.from(sealOf(told, role)))) return null;
      const name = Buffer.from(code, "base64url").toString("utf8");
      const isOver = clock.now() >= Number(endsAt) || ended.has(id);
      return isOver ? null : { id, role, name, endsAt: Number(endsAt) };
    },
    end: ({ id, endsAt }) => remember([{ id, ends_at: endsAt }]),
    learn: remember,
  };
}
