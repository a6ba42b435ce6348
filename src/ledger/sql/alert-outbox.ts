import type { Database } from "better-sqlite3";
import type { UnixMs } from "../../core/time.ts";
import type { AlertMessage, MessageTry, NewAlertMessage } from "../alert-ledger.ts";

/** Messages that are to go out, and what became of them. The writing ones run inside the group commit. */
export interface AlertOutbox {
  add(message: NewAlertMessage, now: UnixMs): void;
  due(now: UnixMs, limit: number): AlertMessage[];
  record(id: string, tried: MessageTry): void;
  /** A message on its way that is about one alert only goes out no more. */
  takeBack(id: string, now: UnixMs): void;
  isFull(): boolean;
}

/** Messages that wait at once: when nobody takes them, further ones would only be older news. */
const WAITING_MAX = 500;

export function createAlertOutbox(db: Database): AlertOutbox {
  const insert = db.prepare(
    "INSERT INTO alert_messages (id, body, created_at, next_try_at) VALUES (:id, :body, :now, :now)",
  );
  const due = db.prepare<[{ now: UnixMs; limit: number }], AlertMessage>(`
    SELECT id, body, created_at, tries FROM alert_messages
    WHERE next_try_at <= :now ORDER BY next_try_at, seq LIMIT :limit`);
  const waiting = db
    .prepare<[], number>("SELECT count(*) FROM alert_messages WHERE next_try_at IS NOT NULL")
    .pluck();
  // One taken back meanwhile stays so.
  const record = db.prepare(`
    UPDATE alert_messages SET tries = tries + 1, next_try_at = :next_try_at, outcome = :outcome,
      ended_at = iif(:outcome IS NULL, NULL, :at), error = :error
    WHERE id = :id AND next_try_at IS NOT NULL`);
  const takeBack = db.prepare(`
    UPDATE alert_messages SET next_try_at = NULL, outcome = 'superseded', ended_at = :now
    WHERE id = :id AND next_try_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM alerts WHERE message_id = :id)`);
  return {
    add: ({ id, body }, now) => void insert.run({ id, body, now }),
    due: (now, limit) => due.all({ now, limit }),
    record: (id, tried) => void record.run({ id, ...tried }),
    takeBack: (id, now) => void takeBack.run({ id, now }),
    isFull: () => (waiting.get() ?? 0) >= WAITING_MAX,
  };
}
