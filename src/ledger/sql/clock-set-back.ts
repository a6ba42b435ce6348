import type { UnixMs } from "../../core/time.ts";
import { prepare, type Work } from "./statement.ts";

/** Run inside the group commit, and again for as long as the clock is behind what it has said: it changes no row twice. */
export type SetClockBack = (now: UnixMs) => Work<void>;

/**
 * What is told when a moment has come, and was noted by a clock that was ahead: it comes as long after now as it was
 * meant to come after what it follows, which was no later than now.
 */
export function createSetClockBack(): SetClockBack {
  const statements = [
    `UPDATE deliveries INDEXED BY deliveries_confirm
     SET confirm_by = :now + confirm_by - accepted_at, accepted_at = :now
     WHERE state = 'accepted' AND confirm_by > :now AND accepted_at > :now`,
    `UPDATE alerts
     SET tell_at = :now + tell_at - coalesce(told_at, raised_at),
       raised_at = CASE WHEN raised_at > :now THEN :now ELSE raised_at END,
       told_at = CASE WHEN told_at > :now THEN :now ELSE told_at END
     WHERE closed_at IS NULL AND tell_at > :now AND coalesce(told_at, raised_at) > :now`,
    `UPDATE alert_messages SET next_try_at = :now, created_at = :now
     WHERE next_try_at > :now AND created_at > :now`,
  ].map((sql) => prepare<object>(sql));
  return function* (now) {
    for (const statement of statements) yield* statement.put({ now });
  };
}
