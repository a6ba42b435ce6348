import type { UnixMs } from "../../core/time.ts";
import type { AlertMessage, MessageTry, NewAlertMessage } from "../alert-ledger.ts";

import { prepare, type Work } from "./statement.ts";

/** Messages that are to go out, and what became of them. The writing ones run inside the group commit. */
export interface AlertOutbox {
  add(message: NewAlertMessage, now: UnixMs): Work<void>;
  due(now: UnixMs, limit: number): Work<AlertMessage[]>;
  record(id: string, tried: MessageTry): Work<void>;
  /** A message on its way that is about one alert only goes out no more. */
  takeBack(id: string, now: UnixMs): Work<void>;
  isFull(): Work<boolean>;
}

/** Messages that wait at once: when nobody takes them, further ones would only be older news. */
const WAITING_MAX = 500;

export function createAlertOutbox(): AlertOutbox {
  const insert = prepare<object>(
    "INSERT INTO alert_messages (id, body, created_at, next_try_at) VALUES (:id, :body, :now, :now)",
  );
  const due = prepare<{ now: UnixMs; limit: number }, AlertMessage>(`
    SELECT id, body, tries FROM alert_messages
    WHERE next_try_at <= :now ORDER BY next_try_at, seq LIMIT :limit`);
  const waiting = prepare<[], number>(
    "SELECT count(*) FROM alert_messages WHERE next_try_at IS NOT NULL",
  ).pluck();
  // One taken back meanwhile stays so.
  const record = prepare<object>(`
    UPDATE alert_messages SET tries = tries + 1, next_try_at = :next_try_at, outcome = :outcome,
      ended_at = CASE WHEN CAST(:outcome AS TEXT) IS NULL THEN NULL ELSE CAST(:at AS BIGINT) END, error = :error
    WHERE id = :id AND next_try_at IS NOT NULL`);
  const takeBack = prepare<object>(`
    UPDATE alert_messages SET next_try_at = NULL, outcome = 'superseded', ended_at = :now
    WHERE id = :id AND next_try_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM alerts WHERE message_id = :id)`);
  return {
    add: ({ id, body }, now) => insert.put({ id, body, now }),
    due: (now, limit) => due.all({ now, limit }),
    record: (id, tried) => record.put({ id, ...tried }),
    takeBack: (id, now) => takeBack.put({ id, now }),
    *isFull() {
      return ((yield* waiting.get()) ?? 0) >= WAITING_MAX;
    },
  };
}
