import type { UnixMs } from "../../core/time.ts";
import type { EndedSession, SessionLedger } from "../session-ledger.ts";
import type { Driver } from "./driver.ts";
import { prepare, type Work } from "./statement.ts";

export function createSessionLedger(driver: Pick<Driver, "read" | "write">): SessionLedger {
  const forget = prepare<[UnixMs]>("DELETE FROM ended_sessions WHERE ends_at <= ?");
  const put = prepare<EndedSession>(
    "INSERT INTO ended_sessions (id, ends_at) VALUES (:id, :ends_at) ON CONFLICT (id) DO NOTHING",
  );
  const latest = prepare<[UnixMs, number], EndedSession>(
    "SELECT id, ends_at FROM ended_sessions WHERE ends_at > ? ORDER BY ends_at DESC LIMIT ?",
  );
  function* end({ id, ends_at }: EndedSession, now: UnixMs): Work<void> {
    yield* forget.put(now);
    yield* put.put({ id, ends_at });
  }
  return {
    endSession: (session, now) => driver.write(() => end(session, now)),
    endedSessions: async (now, limit) => (await driver.read(() => latest.all(now, limit))).reverse(),
  };
}
