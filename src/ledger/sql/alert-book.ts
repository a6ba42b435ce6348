import { REPEAT_AFTER_MS, type Alert } from "../../core/alert.ts";
import type { UnixMs } from "../../core/time.ts";
import type { AlertFilter, AlertsDue, NewAlertMessage } from "../alert-ledger.ts";
import { alertOf, isKnown, SELECT_ALERT, seqOf, type AlertRow } from "./alert-rows.ts";
import type { AlertOutbox } from "./alert-outbox.ts";
import { prepare, type Work } from "./statement.ts";

/** What stands written about alerts, and what was told. */
export interface AlertBook {
  list(filter: AlertFilter): Work<Alert[]>;
  due(now: UnixMs, limit: number): Work<AlertsDue>;
  /** Run inside the group commit. */
  tell(
    seen: readonly Pick<Alert, "id" | "closed_at" | "told_at">[],
    message: NewAlertMessage,
    now: UnixMs,
  ): Work<boolean>;
}

export function createAlertBook(outbox: AlertOutbox): AlertBook {
  const BY_SEQ = `${SELECT_ALERT} WHERE seq = ?`;
  const bySeq = prepare<[number], AlertRow>(BY_SEQ, `${BY_SEQ} FOR UPDATE`);
  // Not again while the last message about it is on its way; its end is told in that one's place.
  const toTell = prepare<{ now: UnixMs; limit: number }, AlertRow>(`
    ${SELECT_ALERT}
    WHERE tell_at <= :now AND (closed_at IS NOT NULL OR NOT EXISTS (
      SELECT 1 FROM alert_messages WHERE id = message_id AND next_try_at IS NOT NULL))
    ORDER BY tell_at, seq LIMIT :limit`);
  const told = prepare<object>(`
    UPDATE alerts SET told_at = :now, told_times = told_times + 1, tell_at = :tell_at, message_id = :message_id
    WHERE seq = :seq`);
  const endTold = prepare<object>(
    "UPDATE alerts SET tell_at = NULL, message_id = :message_id WHERE seq = :seq",
  );

  function* tellOne(
    { seq, closed_at, message_id, told_times }: AlertRow,
    id: string,
    now: UnixMs,
  ): Work<void> {
    if (closed_at === null) {
      const wait = REPEAT_AFTER_MS[Math.min(told_times, REPEAT_AFTER_MS.length - 1)] ?? 0;
      yield* told.put({ seq, now, tell_at: now + wait, message_id: id });
      return;
    }
    yield* endTold.put({ seq, message_id: id });
    if (message_id !== null) yield* outbox.takeBack(message_id, now);
  }

  return {
    list: createList(),
    *due(now, limit) {
      const rows = (yield* outbox.isFull()) ? [] : yield* toTell.all({ now, limit });
      return { to_tell: rows.filter(isKnown).map(alertOf), messages: yield* outbox.due(now, limit) };
    },
    *tell(seen, message, now) {
      if (yield* outbox.isFull()) return false;
      const rows: AlertRow[] = [];
      for (const { id, closed_at, told_at } of seen) {
        const row = yield* bySeq.get(seqOf(id) ?? -1);
        if (row?.closed_at !== closed_at || row.told_at !== told_at || row.tell_at === null) continue;
        rows.push(row);
      }
      if (rows.length === 0) return false;
      yield* outbox.add(message, now);
      for (const row of rows) yield* tellOne(row, message.id, now);
      return true;
    },
  };
}

function createList(): (filter: AlertFilter) => Work<Alert[]> {
  // Which is wanted decides the index: of closed ones there may be many.
  const list = (from: string, condition: string) =>
    prepare<object, AlertRow>(`
      ${SELECT_ALERT} ${from}
      WHERE ${condition} AND seq < :before AND (CAST(:type AS TEXT) IS NULL OR type = :type) ORDER BY seq DESC LIMIT :limit`);
  const open = list("INDEXED BY alerts_open", "closed_at IS NULL");
  const closed = list("", "closed_at IS NOT NULL");
  const all = list("", "true");
  return function* ({ state, type = null, before, limit }) {
    const statement = state === "open" ? open : state === "closed" ? closed : all;
    const from = before === undefined ? Number.MAX_SAFE_INTEGER : (seqOf(before) ?? 0);
    const rows = yield* statement.all({ type, before: from, limit });
    return rows.filter(isKnown).map(alertOf);
  };
}
