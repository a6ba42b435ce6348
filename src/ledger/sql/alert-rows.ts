import { ALERT_KINDS, alertText, type Alert, type AlertType } from "../../core/alert.ts";

/** A row of `alerts`. */
export interface AlertRow extends Omit<Alert, "id" | "severity" | "state" | "text" | "gathered"> {
  seq: number;
  gathered: 0 | 1;
  first_id: string | null;
  last_id: string | null;
  latest_at: number;
  tell_at: number | null;
  told_times: number;
  message_id: string | null;
}

export const SELECT_ALERT = `
  SELECT seq, type, matter, delivery_id, webhook_id, order_id, order_name, store, printer, reason, count, first_id,
    last_id, gathered, raised_at, latest_at, tell_at, told_at, told_times, message_id, closed_at, ended
  FROM alerts`;

/** Digits of an id: more alerts than anybody will ever raise, and sorted as text they sort as numbers. */
const ID_DIGITS = 12;
const ID_PREFIX = "al_";

export function alertOf(row: AlertRow): Alert {
  const gathered = row.gathered === 1;
  return {
    id: idOf(row.seq),
    type: row.type,
    severity: ALERT_KINDS[row.type].severity,
    state: row.closed_at === null ? "open" : "closed",
    matter: row.matter,
    delivery_id: row.delivery_id,
    webhook_id: row.webhook_id,
    order_id: row.order_id,
    order_name: row.order_name,
    store: row.store,
    printer: row.printer,
    reason: row.reason,
    text: alertText({ ...row, gathered }),
    count: row.count,
    gathered,
    raised_at: row.raised_at,
    told_at: row.told_at,
    closed_at: row.closed_at,
    ended: row.ended,
  };
}

/** A row of a newer relay's type is not shown by an older one: it has no words for it. */
export function isKnown(row: AlertRow): boolean {
  return Object.hasOwn(ALERT_KINDS, row.type satisfies AlertType);
}

function idOf(seq: number): string {
  return ID_PREFIX + String(seq).padStart(ID_DIGITS, "0");
}

/** @returns null when it is no alert's id */
export function seqOf(id: string): number | null {
  const digits = id.startsWith(ID_PREFIX) ? id.slice(ID_PREFIX.length) : "";
  return /^\d{12}$/.test(digits) ? Number(digits) : null;
}
