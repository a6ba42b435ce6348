import type { UnixMs } from "../core/time.ts";

/** A browser's session that was ended before its time. */
export interface EndedSession {
  id: string;
  /** When it would have ended by itself. */
  ends_at: UnixMs;
}

/** The part of the ledger about sessions: which are none any more (all else of one stands in its cookie). */
export interface SessionLedger {
  /** Those whose time has passed are forgotten meanwhile. One that is known already stays as it is. */
  endSession(session: EndedSession, now: UnixMs): Promise<void>;
  /** Those whose time has not passed, the latest to end last; of more than `limit` the latest. */
  endedSessions(now: UnixMs, limit: number): Promise<EndedSession[]>;
}
