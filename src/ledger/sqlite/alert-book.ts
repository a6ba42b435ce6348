import type { Database } from "better-sqlite3";
import {
  ALERT_OF_ATTENTION,
  GATHERED_QUIET_MS,
  OPEN_MS_MAX,
  REPEAT_AFTER_MS,
  type Alert,
  type AlertType,
} from "../../core/alert.ts";
import type { Attention } from "../../core/delivery.ts";
import type { UnixMs } from "../../core/time.ts";
import type { AlertFilter, AlertsDue, NewAlertMessage } from "../alert-ledger.ts";
import { alertOf, isKnown, SELECT_ALERT, seqOf, type AlertRow } from "./alert-rows.ts";
import type { AlertWriter } from "./alerts.ts";
import type { AlertOutbox } from "./alert-outbox.ts";

/** What stands written about alerts, and what was told. The writing ones run inside the group commit. */
export interface AlertBook {
  list(filter: AlertFilter): Alert[];
  due(now: UnixMs, limit: number): AlertsDue;
  tell(seen: readonly Pick<Alert, "id" | "closed_at">[], message: NewAlertMessage, now: UnixMs): boolean;
  /** Matters that `sweep` would close now. */
  sweepable(now: UnixMs): { matter: string; ended: string; quiet: boolean }[];
  sweep(now: UnixMs): number;
}

/** What nobody's change closes when it is too old, or one of many. */
const OF_ONE_ORDER: readonly AlertType[] = [...Object.values(ALERT_OF_ATTENTION), "webhook.quarantined"];
const ATTENTION_OF = Object.fromEntries(
  Object.entries(ALERT_OF_ATTENTION).map(([attention, type]) => [type, attention]),
) as Partial<Record<AlertType, Attention>>;

export function createAlertBook(
  db: Database,
  writer: Pick<AlertWriter, "close">,
  outbox: AlertOutbox,
): AlertBook {
  const list = createList(db);
  const bySeq = db.prepare<[number], AlertRow>(`${SELECT_ALERT} WHERE seq = ?`);
  // Not again while the last message about it is on its way; its end is told in that one's place.
  const toTell = db.prepare<[{ now: UnixMs; limit: number }], AlertRow>(`
    ${SELECT_ALERT}
    WHERE tell_at <= :now AND (closed_at IS NOT NULL OR NOT EXISTS (
      SELECT 1 FROM alert_messages WHERE id = message_id AND next_try_at IS NOT NULL))
    ORDER BY tell_at, seq LIMIT :limit`);
  const told = db.prepare(`
    UPDATE alerts SET told_at = :now, told_times = told_times + 1, tell_at = :tell_at, message_id = :message_id
    WHERE seq = :seq`);
  const endTold = db.prepare("UPDATE alerts SET tell_at = NULL, message_id = :message_id WHERE seq = :seq");
  const open = db.prepare<[], AlertRow>(`${SELECT_ALERT} WHERE closed_at IS NULL`);
  const isQuarantined = db
    .prepare<[string, string], 1>(
      "SELECT 1 FROM webhooks WHERE status = 'quarantined' AND id BETWEEN ? AND ? LIMIT 1",
    )
    .pluck();
  const needsAttention = db
    .prepare<[string, string, string], 1>(
      `SELECT 1 FROM deliveries INDEXED BY deliveries_attention
       WHERE attention IS NOT NULL AND id BETWEEN ? AND ? AND attention = ? LIMIT 1`,
    )
    .pluck();

  function isAnyLeft({ type, first_id, last_id }: AlertRow): boolean {
    if (first_id === null || last_id === null) return false;
    const attention = ATTENTION_OF[type];
    if (attention !== undefined) return needsAttention.get(first_id, last_id, attention) === 1;
    return isQuarantined.get(first_id, last_id) === 1;
  }

  function endOf(row: AlertRow, now: UnixMs): { ended: string; quiet: boolean } | null {
    const isOfOrder = OF_ONE_ORDER.includes(row.type);
    if (isOfOrder && now - row.raised_at > OPEN_MS_MAX) {
      return { ended: "nobody has settled it, and by now it is of no use", quiet: true };
    }
    if (row.gathered === 0) return null;
    if (isOfOrder) return isAnyLeft(row) ? null : { ended: "all of them are settled", quiet: false };
    return now - row.latest_at > GATHERED_QUIET_MS
      ? { ended: "for an hour no further one came", quiet: false }
      : null;
  }

  const book: AlertBook = {
    list,
    due: (now, limit) => ({
      to_tell: outbox.isFull() ? [] : toTell.all({ now, limit }).filter(isKnown).map(alertOf),
      messages: outbox.due(now, limit),
    }),

    tell(seen, message, now) {
      if (outbox.isFull()) return false;
      const rows = seen.flatMap(({ id, closed_at }) => {
        const row = bySeq.get(seqOf(id) ?? -1);
        return row?.closed_at === closed_at && row.tell_at !== null ? [row] : [];
      });
      if (rows.length === 0) return false;
      outbox.add(message, now);
      for (const row of rows) {
        const { seq, message_id } = row;
        if (row.closed_at === null) {
          const wait = REPEAT_AFTER_MS[Math.min(row.told_times, REPEAT_AFTER_MS.length - 1)] ?? 0;
          told.run({ seq, now, tell_at: now + wait, message_id: message.id });
          continue;
        }
        endTold.run({ seq, message_id: message.id });
        if (message_id !== null) outbox.takeBack(message_id, now);
      }
      return true;
    },

    sweepable: (now) =>
      open.all().flatMap((row) => {
        const end = isKnown(row) ? endOf(row, now) : null;
        return end === null ? [] : [{ matter: row.matter, ...end }];
      }),
    sweep(now) {
      const ends = book.sweepable(now);
      for (const { matter, ended, quiet } of ends)
        writer.close(matter, now, ended, quiet ? "untold" : "told");
      return ends.length;
    },
  };
  return book;
}

function createList(db: Database): (filter: AlertFilter) => Alert[] {
  // Which is wanted decides the index: of closed ones there may be many.
  const all = db.prepare<[object], AlertRow>(
    `${SELECT_ALERT} WHERE seq < :before AND (:type IS NULL OR type = :type) ORDER BY seq DESC LIMIT :limit`,
  );
  const open = db.prepare<[object], AlertRow>(`
    ${SELECT_ALERT} INDEXED BY alerts_open
    WHERE closed_at IS NULL AND seq < :before AND (:type IS NULL OR type = :type) ORDER BY seq DESC LIMIT :limit`);
  const closed = db.prepare<[object], AlertRow>(`
    ${SELECT_ALERT}
    WHERE closed_at IS NOT NULL AND seq < :before AND (:type IS NULL OR type = :type) ORDER BY seq DESC LIMIT :limit`);
  return ({ state, type = null, before, limit }) => {
    const statement = state === "open" ? open : state === "closed" ? closed : all;
    const from = before === undefined ? Number.MAX_SAFE_INTEGER : (seqOf(before) ?? 0);
    return statement.all({ type, before: from, limit }).filter(isKnown).map(alertOf);
  };
}
