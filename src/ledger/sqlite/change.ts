import type { Database } from "better-sqlite3";
import type { Delivery, Transition } from "../../core/delivery.ts";
import type { AttemptRecord, Change, ConfirmationRecord, HistoryEntry } from "../ledger.ts";
import { pack, packOrNull } from "./pack.ts";
import { orderKey, searchText, type DeliveryReader } from "./rows.ts";

/** Writes transitions and history; run inside the group commit. */
export interface DeliveryWriter {
  /** @param before the row as it is now, read in this transaction */
  apply(seq: number, before: Delivery, transition: Transition, at: number, by: string): Delivery;
  tell(seq: number, entry: HistoryEntry): void;
}

export function createDeliveryWriter(db: Database): DeliveryWriter {
  const update = db.prepare(`
    UPDATE deliveries SET state = :state, attention = :attention, order_name = :order_name,
      order_name_key = :order_name_key, search = :search, cancelled_at = :cancelled_at, reason = :reason,
      retry_step = :retry_step, unknown_count = :unknown_count, may_be_repeat = :may_be_repeat,
      denied_count = :denied_count, endpoint = :endpoint, next_attempt_at = :next_attempt_at,
      lease_until = :lease_until, useful_until = :useful_until, confirm_by = :confirm_by,
      accepted_at = :accepted_at, printed_at = :printed_at, last_error = :last_error
    WHERE seq = :seq`);
  const updateTicket = db.prepare(
    // It may be pruned: a `void` delivery can be revived after any time.
    "INSERT INTO tickets (delivery_seq, ticket) VALUES (?, ?) ON CONFLICT (delivery_seq) DO UPDATE SET ticket = excluded.ticket",
  );
  const insertHistory = db.prepare(
    "INSERT INTO history (delivery_seq, at, state, by, note) VALUES (:seq, :at, :state, :by, :note)",
  );

  function tell(seq: number, entry: HistoryEntry): void {
    insertHistory.run({ seq, ...entry });
  }

  return {
    tell,
    apply(seq, before, { set, note }, at, by) {
      const after = { ...before, ...set };
      const { ticket, ...told } = after;
      update.run({
        ...told,
        seq,
        may_be_repeat: after.may_be_repeat ? 1 : 0,
        order_name_key: orderKey(after.order_name),
        search: searchText(after),
      });
      if (set.ticket !== undefined) updateTicket.run(seq, pack(JSON.stringify(ticket)));
      if (note !== null) tell(seq, { at, state: after.state, by, note });
      return after;
    },
  };
}

/** @returns `Ledger.change`, to be run inside the group commit */
export function createChange(
  db: Database,
  reader: DeliveryReader,
  writer: DeliveryWriter,
): (id: string, change: Change) => Delivery {
  const record = createRecorder(db);
  return (id, change) => {
    const seq = reader.requireSeq(id);
    const { seen } = change;
    const delivery = seen !== undefined && reader.isStill(seq, seen) ? seen : reader.bySeq(seq);
    if (change.attempt !== undefined) record.attempt(seq, change.attempt);
    if (change.confirmation !== undefined) record.confirmation(seq, change.confirmation);
    const transition = change.decide(delivery);
    return transition === null ? delivery : writer.apply(seq, delivery, transition, change.at, change.by);
  };
}

function createRecorder(db: Database): {
  attempt(seq: number, attempt: AttemptRecord): void;
  confirmation(seq: number, confirmation: ConfirmationRecord): void;
} {
  const insertAttempt = db.prepare(`
    INSERT INTO attempts (delivery_seq, kind, number, signed_at, started_at, finished_at, outcome, detail, http_status,
      request, response, clock_skew_ms)
    VALUES (:seq, :kind, :number, :signed_at, :started_at, :finished_at, :outcome, :detail, :http_status, :request,
      :response, :clock_skew_ms)`);
  const nextNumber = db
    .prepare<[number, string], number>(
      "SELECT coalesce(max(number), 0) + 1 FROM attempts WHERE delivery_seq = ? AND kind = ?",
    )
    .pluck();
  const insertConfirmation = db.prepare(`
    INSERT INTO confirmations (delivery_seq, at, verdict, message, time, raw)
    VALUES (:seq, :at, :verdict, :message, :time, :raw)`);
  return {
    attempt(seq, attempt) {
      insertAttempt.run({
        ...attempt,
        seq,
        number: attempt.number > 0 ? attempt.number : (nextNumber.get(seq, attempt.kind) ?? 1),
        request: packOrNull(attempt.request),
        response: packOrNull(attempt.response),
      });
    },
    confirmation: (seq, confirmation) =>
      void insertConfirmation.run({ ...confirmation, seq, raw: pack(confirmation.raw) }),
  };
}
