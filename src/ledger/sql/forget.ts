import { buyersTexts, withoutBuyer, withoutStrangersWords } from "../../core/buyer.ts";
import type { Delivery } from "../../core/delivery.ts";
import { hideBuyer, hideWords } from "../../core/hide-buyer.ts";
import { hideBehindOurWords } from "../../core/our-words.ts";
import type { UnixMs } from "../../core/time.ts";
import type { HistoryEntry } from "../ledger.ts";
import { pack } from "./pack.ts";
import { searchText, ticketIn } from "./rows.ts";
import { prepare, type Work } from "./statement.ts";

/** What is done about one match of an erasure; run inside the group commit. */
export interface Forgetter {
  /**
   * The delivery, all its reprints, or the one it is a reprint of: what was ordered stays, so that a slip still
   * prints. @returns how many rows
   */
  delivery(seq: number, how: Forgetting): Work<number>;
  /** The body of a webhook. @returns whether there was one */
  body(webhookSeq: number): Work<boolean>;
}

export interface Forgetting {
  now: UnixMs;
  by: string;
  /** What else of the buyer is known than what the tickets say. */
  told: readonly string[];
}

const FORGOTTEN_NOTE = "the buyer's data was erased";
const NO_RAW = pack("{}");
/** In the place of a damaged ticket, which may hold the buyer in pieces: it is as damaged, and holds nothing. */
const NO_TICKET = Buffer.alloc(0);

type Row = Pick<Delivery, "id" | "state" | "order_id" | "order_name" | "reason" | "last_error"> & {
  seq: number;
  ticket: Buffer | null;
};

/** @param tell writes a line of history */
export function createForgetter(tell: (seq: number, entry: HistoryEntry) => Work<void>): Forgetter {
  const FAMILY = `
    WITH named (first) AS (SELECT coalesce(reprint_of, id) FROM deliveries WHERE seq = ?)
    SELECT seq, id, state, order_id, order_name, reason, last_error, ticket
    FROM deliveries LEFT JOIN tickets ON delivery_seq = seq
    WHERE seq IN (
      SELECT seq FROM deliveries WHERE id = (SELECT first FROM named)
      UNION SELECT seq FROM deliveries WHERE reprint_of = (SELECT first FROM named))`;
  const LOCKED = `${FAMILY} ORDER BY seq FOR UPDATE OF deliveries`;
  const lock = prepare<[number]>(null, LOCKED);
  const family = prepare<[number], Row>(FAMILY, LOCKED);
  const updateTicket = prepare<[Buffer, number]>(
    "UPDATE tickets SET ticket = ?, buyer = NULL WHERE delivery_seq = ?",
  );
  const firstBody = prepare<[string], number>(
    "SELECT webhooks.seq FROM deliveries JOIN webhooks ON webhooks.id = webhook_id WHERE deliveries.id = ?",
  ).pluck();
  const update = prepare<object>(`
    UPDATE deliveries SET reason = NULL, last_error = :last_error, search = :search, forgotten_at = :now
    WHERE seq = :seq`);
  const body = createBodyRemover();
  const beside = createBesides();

  function* forgetOne(row: Row, hide: (text: string) => string, { now, by }: Forgetting): Work<void> {
    const { seq, id, state, order_id, order_name } = row;
    if (row.ticket !== null) {
      const ticket = ticketIn(row.ticket);
      yield* updateTicket.put(ticket === null ? NO_TICKET : pack(JSON.stringify(withoutBuyer(ticket))), seq);
    }
    const webhookSeq = yield* firstBody.get(id);
    if (webhookSeq !== undefined) yield* body(webhookSeq);
    yield* beside(seq, id, hide);
    yield* update.put({
      seq,
      now,
      last_error: row.last_error && hide(row.last_error),
      search: searchText({ id, order_id, order_name, reason: null }),
    });
    yield* tell(seq, { at: now, state, by, note: FORGOTTEN_NOTE });
  }

  return {
    body,
    *delivery(seq, how) {
      // Whoever held one of them may have added a reprint: only a look that begins afterwards finds it.
      yield* lock.all(seq);
      const rows = yield* family.all(seq);
      const hide = hiderFor(rows, how.told);
      for (const row of rows) yield* forgetOne(row, hide, how);
      return rows.length;
    },
  };
}

/** @returns what takes out of a text all that the tickets tell of the buyer */
function hiderFor(rows: readonly Row[], told: readonly string[]): (text: string) => string {
  const tickets = rows.flatMap(({ ticket }) => (ticket === null ? [] : (ticketIn(ticket) ?? [])));
  if (tickets.length === 0) return withoutStrangersWords;
  const words = [...told, ...rows.flatMap(({ reason }) => reason ?? []), ...tickets.flatMap(buyersTexts)];
  const hide = (text: string): string => hideWords(tickets.reduce(hideBuyer, text), words);
  return (text) => hideBehindOurWords(text, hide);
}

/** Overwritten where it stands before it goes: what SQLite moves about when rows go is nothing then. */
function createBodyRemover(): (webhookSeq: number) => Work<boolean> {
  const blank = prepare<[number]>(
    "UPDATE webhook_bodies SET body = zeroblob(length(body)) WHERE webhook_seq = ?",
    null,
  );
  const remove = prepare<[number]>("DELETE FROM webhook_bodies WHERE webhook_seq = ?");
  return function* (webhookSeq) {
    yield* blank.put(webhookSeq);
    return (yield* remove.run(webhookSeq)) > 0;
  };
}

interface Line {
  seq: number;
  text: string;
}

/** What stands beside a delivery: tries, callbacks, history, alerts, and messages about these. */
function createBesides(): (seq: number, id: string, hide: (text: string) => string) => Work<void> {
  const attempts = prepare<[number]>(
    "UPDATE attempts SET request = NULL, response = NULL WHERE delivery_seq = ?",
  );
  const confirmations = prepare<[Buffer, number]>(
    "UPDATE confirmations SET raw = ?, message = NULL, time = NULL WHERE delivery_seq = ?",
  );
  const lines = [
    ["attempts", "detail", "delivery_seq"],
    ["history", "note", "delivery_seq"],
    ["alerts", "reason", "delivery_id"],
  ].map(([table, column, key]) => ({
    key,
    select: prepare<[number | string], Line>(
      `SELECT seq, ${column} AS text FROM ${table} WHERE ${key} = ? ORDER BY seq`,
    ),
    update: prepare<[string, number]>(`UPDATE ${table} SET ${column} = ? WHERE seq = ?`),
  }));
  const messages = prepare<[string], Line>(
    "SELECT seq, body AS text FROM alert_messages WHERE instr(body, ?) > 0",
  );
  const updateMessage = prepare<[string, number]>("UPDATE alert_messages SET body = ? WHERE seq = ?");

  return function* (seq, id, hide) {
    yield* attempts.put(seq);
    yield* confirmations.put(NO_RAW, seq);
    let isAlerted = false;
    for (const { key, select, update } of lines) {
      const found = yield* select.all(key === "delivery_id" ? id : seq);
      isAlerted ||= key === "delivery_id" && found.length > 0;
      // Of an outage's thousands of attempts most say the same.
      const hidden = new Map([...new Set(found.map(({ text }) => text))].map((text) => [text, hide(text)]));
      for (const line of found) {
        const text = hidden.get(line.text) ?? "";
        if (text !== line.text) yield* update.put(text, line.seq);
      }
    }
    // Who was never alerted about is in no message, and these are not found by an index.
    if (!isAlerted) return;
    for (const message of yield* messages.all(id)) {
      yield* updateMessage.put(hideInJson(message.text, hide), message.seq);
    }
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
