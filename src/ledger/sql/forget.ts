import type { Database } from "better-sqlite3";
import { buyersTexts, withoutBuyer, withoutStrangersWords } from "../../core/buyer.ts";
import type { Delivery } from "../../core/delivery.ts";
import { hideBuyer, hideWords } from "../../core/hide-buyer.ts";
import type { Ticket } from "../../core/ticket.ts";
import type { UnixMs } from "../../core/time.ts";
import type { HistoryEntry } from "../ledger.ts";
import { pack, unpackText } from "./pack.ts";
import { searchText } from "./rows.ts";

/** What is done about one match of an erasure; run inside the group commit. */
export interface Forgetter {
  /**
   * The delivery, all its reprints, or the one it is a reprint of: what was ordered stays, so that a slip still
   * prints. @returns how many rows
   */
  delivery(seq: number, how: Forgetting): number;
  /** The body of a webhook. @returns whether there was one */
  body(webhookSeq: number): boolean;
}

export interface Forgetting {
  now: UnixMs;
  by: string;
  /** What else of the buyer is known than what the tickets say. */
  told: readonly string[];
}

export const FORGOTTEN_NOTE = "the buyer's data was erased";
const NO_RAW = pack("{}");

type Row = Pick<Delivery, "id" | "state" | "order_id" | "order_name" | "reason" | "last_error"> & {
  seq: number;
  ticket: Buffer | null;
};

/** @param tell writes a line of history */
export function createForgetter(db: Database, tell: (seq: number, entry: HistoryEntry) => void): Forgetter {
  const family = db.prepare<[number], Row>(`
    WITH named (first) AS (SELECT coalesce(reprint_of, id) FROM deliveries WHERE seq = ?)
    SELECT seq, id, state, order_id, order_name, reason, last_error, ticket
    FROM deliveries LEFT JOIN tickets ON delivery_seq = seq
    WHERE seq IN (
      SELECT seq FROM deliveries WHERE id = (SELECT first FROM named)
      UNION SELECT seq FROM deliveries WHERE reprint_of = (SELECT first FROM named))`);
  const updateTicket = db.prepare("UPDATE tickets SET ticket = ?, buyer = NULL WHERE delivery_seq = ?");
  const firstBody = db
    .prepare<[string], number>(
      "SELECT webhooks.seq FROM deliveries JOIN webhooks ON webhooks.id = webhook_id WHERE deliveries.id = ?",
    )
    .pluck();
  const update = db.prepare(`
    UPDATE deliveries SET reason = NULL, last_error = :last_error, search = :search, forgotten_at = :now
    WHERE seq = :seq`);
  const body = createBodyRemover(db);
  const beside = createBesides(db);

  function forgetOne(row: Row, hide: (text: string) => string, { now, by }: Forgetting): void {
    const { seq, id, state, order_id, order_name } = row;
    if (row.ticket !== null) {
      updateTicket.run(pack(JSON.stringify(withoutBuyer(JSON.parse(unpackText(row.ticket)) as Ticket))), seq);
    }
    const webhookSeq = firstBody.get(id);
    if (webhookSeq !== undefined) body(webhookSeq);
    beside(seq, id, hide);
    update.run({
      seq,
      now,
      last_error: row.last_error && hide(row.last_error),
      search: searchText({ id, order_id, order_name, reason: null }),
    });
    tell(seq, { at: now, state, by, note: FORGOTTEN_NOTE });
  }

  return {
    body,
    delivery(seq, how) {
      const rows = family.all(seq);
      const hide = hiderFor(rows, how.told);
      for (const row of rows) forgetOne(row, hide, how);
      return rows.length;
    },
  };
}

/** @returns what takes out of a text all that the tickets tell of the buyer */
function hiderFor(rows: readonly Row[], told: readonly string[]): (text: string) => string {
  const tickets = rows.flatMap(({ ticket }) =>
    ticket === null ? [] : [JSON.parse(unpackText(ticket)) as Ticket],
  );
  if (tickets.length === 0) return withoutStrangersWords;
  const words = [...told, ...rows.flatMap(({ reason }) => reason ?? []), ...tickets.flatMap(buyersTexts)];
  return (text) => hideWords(tickets.reduce(hideBuyer, text), words);
}

/** Overwritten where it stands before it goes: what SQLite moves about when rows go is nothing then. */
function createBodyRemover(db: Database): (webhookSeq: number) => boolean {
  const blank = db.prepare("UPDATE webhook_bodies SET body = zeroblob(length(body)) WHERE webhook_seq = ?");
  const remove = db.prepare("DELETE FROM webhook_bodies WHERE webhook_seq = ?");
  return (webhookSeq) => {
    blank.run(webhookSeq);
    return remove.run(webhookSeq).changes > 0;
  };
}

interface Line {
  seq: number;
  text: string;
}

/** What stands beside a delivery: tries, callbacks, history, alerts, and messages about these. */
function createBesides(db: Database): (seq: number, id: string, hide: (text: string) => string) => void {
  const attempts = db.prepare("UPDATE attempts SET request = NULL, response = NULL WHERE delivery_seq = ?");
  const confirmations = db.prepare(
    "UPDATE confirmations SET raw = ?, message = NULL, time = NULL WHERE delivery_seq = ?",
  );
  const lines = [
    ["attempts", "detail", "delivery_seq"],
    ["history", "note", "delivery_seq"],
    ["alerts", "reason", "delivery_id"],
  ].map(([table, column, key]) => ({
    key,
    select: db.prepare<[number | string], Line>(
      `SELECT seq, ${column} AS text FROM ${table} WHERE ${key} = ? ORDER BY seq`,
    ),
    update: db.prepare<[string, number]>(`UPDATE ${table} SET ${column} = ? WHERE seq = ?`),
  }));
  const messages = db.prepare<[string], Line>(
    "SELECT seq, body AS text FROM alert_messages WHERE instr(body, ?) > 0",
  );
  const updateMessage = db.prepare<[string, number]>("UPDATE alert_messages SET body = ? WHERE seq = ?");

  return (seq, id, hide) => {
    attempts.run(seq);
    confirmations.run(NO_RAW, seq);
    let isAlerted = false;
    for (const { key, select, update } of lines) {
      const found = select.all(key === "delivery_id" ? id : seq);
      isAlerted ||= key === "delivery_id" && found.length > 0;
      for (const line of found) {
        const text = hide(line.text);
        if (text !== line.text) update.run(text, line.seq);
      }
    }
    // Who was never alerted about is in no message, and these are not found by an index.
    if (!isAlerted) return;
    for (const message of messages.all(id)) updateMessage.run(hideInJson(message.text, hide), message.seq);
  };
}

function hideInJson(text: string, hide: (text: string) => string): string {
  return JSON.stringify(
    JSON.parse(text, (key, value: unknown) =>
      typeof value === "string" && SAID.has(key) ? hide(value) : value,
    ),
  );
}

/** What of a message was said by others. */
const SAID = new Set(["reason", "text"]);
