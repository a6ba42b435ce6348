import type { Database } from "better-sqlite3";
import type { UnixMs } from "../../core/time.ts";
import type { EndedSession, SessionLedger } from "../session-ledger.ts";
import type { GroupCommit } from "./group-commit.ts";

export function createSessionLedger(
  db: Database,
  group: GroupCommit,
  read: <Result>(query: () => Result) => Promise<Result>,
): SessionLedger {
  const forget = db.prepare<[UnixMs]>("DELETE FROM ended_sessions WHERE ends_at <= ?");
  const put = db.prepare<EndedSession>(
    "INSERT INTO ended_sessions (id, ends_at) VALUES (:id, :ends_at) ON CONFLICT (id) DO NOTHING",
  );
  const latest = db.prepare<[UnixMs, number], EndedSession>(
    "SELECT id, ends_at FROM ended_sessions WHERE ends_at > ? ORDER BY ends_at DESC LIMIT ?",
  );
  return {
    endSession: ({ id, ends_at }, now) =>
      group.write(() => {
        forget.run(now);
        put.run({ id, ends_at });
      }),
    endedSessions: (now, limit) => read(() => latest.all(now, limit).reverse()),
  };
}
