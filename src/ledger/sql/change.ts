import { ownWordsOf, withoutBuyer, withoutStrangersWords } from "../../core/buyer.ts";
import type { Delivery, Transition } from "../../core/delivery.ts";
import { orderKey } from "../../core/order-key.ts";
import type { ActResult, AttemptRecord, Change, ConfirmationRecord, HistoryEntry } from "../ledger.ts";
import type { ActKeys } from "./act-keys.ts";
import { concernsAlerts, type AlertWriter } from "./alerts.ts";
import { insertOf } from "./insert-of.ts";
import { pack, packOrNull } from "./pack.ts";
import { buyerText, searchText, type DeliveryReader } from "./rows.ts";
import { prepare, type ColumnType, type Statement, type Work } from "./statement.ts";

/** Writes transitions and history; run inside the group commit. */
export interface DeliveryWriter {
  /** @param before the row as it is now, read in this transaction */
  apply(seq: number, before: Delivery, transition: Transition, at: number, by: string): Work<Delivery>;
  tell(seq: number, entry: HistoryEntry): Work<void>;
}

export function createDeliveryWriter(alerts: Pick<AlertWriter, "follow">): DeliveryWriter {
  const update = createUpdate();
  const updateTicket = prepare<[seq: number, ticket: Buffer, buyer: string | null]>(
    // It may be pruned: a `void` delivery can be revived after any time.
    `INSERT INTO tickets (delivery_seq, ticket, buyer) VALUES (?, ?, ?)
     ON CONFLICT (delivery_seq) DO UPDATE SET ticket = excluded.ticket, buyer = excluded.buyer`,
  );
  const insertHistory = insertInto("history", { at: "bigint", state: "text", by: "text", note: "text" });

  function tell(seq: number, entry: HistoryEntry): Work<void> {
    return insertHistory(seq, entry);
  }

  return {
    tell,
    *apply(seq, before, transition, at, by) {
      const { set, note } = before.forgotten_at === null ? transition : withoutBuyerIn(transition);
      const after = { ...before, ...set };
      yield* update(seq, before, after);
      if (set.ticket !== undefined) {
        yield* updateTicket.put(seq, pack(JSON.stringify(set.ticket)), buyerText(set.ticket));
      }
      if (note !== null) yield* tell(seq, { at, state: after.state, by, note });
      if (concernsAlerts(before, after)) yield* alerts.follow(before, after, at);
      return after;
    },
  };
}

/** Of an order that is forgotten also what the store says of it later is kept without its buyer. */
function withoutBuyerIn({ set, note }: Transition): Transition {
  return {
    set: {
      ...set,
      ...(set.reason === undefined ? {} : { reason: null }),
      ...(set.ticket === undefined ? {} : { ticket: withoutBuyer(set.ticket) }),
    },
    note,
  };
}

/** What a transition may set, each in the column of its name. */
const COLUMNS = {
  state: "text",
  attention: "text",
  order_name: "text",
  cancelled_at: "bigint",
  reason: "text",
  retry_step: "bigint",
  unknown_count: "bigint",
  may_be_repeat: "bigint",
  denied_count: "bigint",
  endpoint: "text",
  next_attempt_at: "bigint",
  lease_until: "bigint",
  useful_until: "bigint",
  confirm_by: "bigint",
  accepted_at: "bigint",
  printed_at: "bigint",
  last_error: "text",
} as const satisfies Record<Exclude<keyof Transition["set"], "ticket">, ColumnType>;
const NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
/** What is found by what a transition may set. */
const SEARCHED = { order_name_key: "text", search: "text" } as const;

/**
 * @returns what writes the columns that differ and no other: SQLite takes a row out of every index whose columns are
 *   named, and puts it back
 */
function createUpdate(): (seq: number, before: Delivery, after: Delivery) => Work<void> {
  const statements = new Map<string, Statement<object, unknown>>();

  function updateOf(types: Record<string, ColumnType>): Statement<object, unknown> {
    const columns = Object.keys(types);
    const key = columns.join(" ");
    const known = statements.get(key);
    if (known !== undefined) return known;
    const prepared = prepare<object>(
      `UPDATE deliveries SET ${columns.map((name) => `${name} = :${name}`).join(", ")} WHERE seq = :seq`,
      {
        types: { ...types, seq: "bigint" },
        sql: `
          UPDATE deliveries SET ${columns.map((name) => `${name} = given.${name}`).join(", ")}
          FROM given WHERE deliveries.seq = given.seq`,
      },
    );
    statements.set(key, prepared);
    return prepared;
  }

  return function* (seq, before, after) {
    const changed = NAMES.filter((name) => before[name] !== after[name]);
    if (changed.length === 0) return;
    const types = Object.fromEntries(changed.map((name) => [name, COLUMNS[name]]));
    const row = { ...after, seq, may_be_repeat: after.may_be_repeat ? 1 : 0 };
    if (before.order_name === after.order_name && before.reason === after.reason) {
      yield* updateOf(types).put(row);
      return;
    }
    const searched = { order_name_key: orderKey(after.order_name), search: searchText(after) };
    yield* updateOf({ ...types, ...SEARCHED }).put({ ...row, ...searched });
  };
}

/** @returns `Ledger.change`, to be run inside the group commit */
export function createChange(
  reader: DeliveryReader,
  writer: DeliveryWriter,
  keys: ActKeys,
): (id: string, change: Change) => Work<Delivery> {
  const record = createRecorder();
  const heed = createHeedOtherSlips();

  function* unseen(id: string): Work<{ seq: number; isStill: boolean }> {
    return { seq: yield* reader.requireSeq(id), isStill: false };
  }

  return function* (id, change) {
    const { seen, once, at } = change;
    const { seq, isStill } = yield* seen === undefined ? unseen(id) : reader.requireStill(id, seen);
    yield* keys.open(once, at);
    const delivery = isStill && seen !== undefined ? seen : yield* reader.bySeq(seq);
    const kept = keptOf(change, delivery);
    const transition = kept.tell(change.decide(delivery));
    const isSo = transition !== null || change.is_supposed !== true;
    if (kept.attempt !== undefined && isSo) yield* record.attempt(seq, kept.attempt);
    // A cloud may call back for as long as it does not like the answer.
    if (kept.confirmation !== undefined && (transition !== null || (yield* record.hasRoom(seq)))) {
      yield* record.confirmation(seq, kept.confirmation);
    }
    if (transition === null) return delivery;
    const heeded = transition.heeds_other_slips === true ? yield* heed(delivery, transition) : transition;
    const after = yield* writer.apply(seq, delivery, heeded, at, change.by);
    yield* keys.remember(once, actOn(after), at);
    return after;
  };
}

const SENT = "(state IN ('sending', 'accepted', 'printed', 'rejected') OR may_be_repeat = 1)";
export const SENT_BESIDE = `
  SELECT 1 FROM deliveries
  WHERE seq IN (
      SELECT seq FROM deliveries WHERE id = :first
      UNION SELECT seq FROM deliveries WHERE reprint_of = :first)
    AND id <> :id AND ${SENT}
  LIMIT 1`;

/** @returns what marks a slip that goes out again where a reprint of its order, or what was reprinted, may have printed */
function createHeedOtherSlips(): (delivery: Delivery, transition: Transition) => Work<Transition> {
  const sentBeside = prepare<{ first: string; id: string }>(SENT_BESIDE);
  return function* ({ id, reprint_of }, transition) {
    if ((yield* sentBeside.get({ first: reprint_of ?? id, id })) === undefined) return transition;
    return { ...transition, set: { ...transition.set, may_be_repeat: true } };
  };
}

interface Kept {
  attempt: AttemptRecord | undefined;
  confirmation: ConfirmationRecord | undefined;
  tell: (transition: Transition | null) => Transition | null;
}

/**
 * What a change leaves of a delivery whose buyer is erased: of what a cloud, a store or people at the printer say only
 * our own words, for they may know the buyer for ever. What was sent stays where it was made without the buyer; which
 * clock was ahead does not count.
 */
function keptOf({ attempt, confirmation, with_buyer = true }: Change, { forgotten_at }: Delivery): Kept {
  if (forgotten_at === null || (attempt === undefined && confirmation === undefined))
    return { attempt, confirmation, tell: (transition) => transition };
  const detail = attempt && ownWordsOf(attempt);
  return {
    attempt: attempt && {
      ...attempt,
      detail: detail ?? "",
      request: with_buyer ? null : attempt.request,
      response: null,
    },
    confirmation: confirmation && { ...confirmation, message: null, time: null, raw: "{}" },
    tell: (transition) => transition && withoutWords(transition, attempt?.detail, detail),
  };
}

/**
 * @param said what was said, as the attempt has it
 * @param own what is kept of it
 */
function withoutWords({ set, note }: Transition, said: string | undefined, own = ""): Transition {
  const untold = (text: string): string =>
    said !== undefined && said !== "" && text.includes(said)
      ? text.replaceAll(said, () => own)
      : withoutStrangersWords(text);
  return {
    set: { ...set, ...(typeof set.last_error === "string" ? { last_error: untold(set.last_error) } : {}) },
    note: note && untold(note),
  };
}

/** What is remembered of an act: nothing of the ticket, which holds the buyer. */
export function actOn(delivery: Delivery): ActResult {
  return { delivery: { ...delivery, ticket: undefined } as Omit<Delivery, "ticket"> };
}

/** Of one delivery, beside those that changed it. */
const CONFIRMATIONS_MAX = 20;

function createRecorder(): {
  attempt(seq: number, attempt: AttemptRecord): Work<void>;
  confirmation(seq: number, confirmation: ConfirmationRecord): Work<void>;
  /** Whether one more confirmation is kept that changes nothing. */
  hasRoom(seq: number): Work<boolean>;
} {
  const insertAttempt = insertInto("attempts", {
    kind: "text",
    number: "bigint",
    signed_at: "bigint",
    started_at: "bigint",
    finished_at: "bigint",
    outcome: "text",
    detail: "text",
    http_status: "bigint",
    request: "bytea",
    response: "bytea",
    clock_skew_ms: "bigint",
  });
  const nextNumber = prepare<[number, string], number>(
    "SELECT coalesce(max(number), 0) + 1 FROM attempts WHERE delivery_seq = ? AND kind = ?",
  ).pluck();
  const countConfirmations = prepare<[number, number], number>(
    "SELECT count(*) FROM (SELECT 1 FROM confirmations WHERE delivery_seq = ? LIMIT ?) AS few",
  ).pluck();
  const insertConfirmation = insertInto("confirmations", {
    at: "bigint",
    verdict: "text",
    message: "text",
    time: "text",
    raw: "bytea",
  });
  return {
    *attempt(seq, attempt) {
      const { number, kind } = attempt;
      yield* insertAttempt(seq, {
        ...attempt,
        number: number > 0 ? number : ((yield* nextNumber.get(seq, kind)) ?? 1),
        request: packOrNull(attempt.request),
        response: packOrNull(attempt.response),
      });
    },
    *hasRoom(seq) {
      return (yield* countConfirmations.get(seq, CONFIRMATIONS_MAX)) !== CONFIRMATIONS_MAX;
    },
    confirmation: (seq, confirmation) =>
      insertConfirmation(seq, { ...confirmation, raw: pack(confirmation.raw) }),
  };
}

/** What belongs to a delivery. @param types of the columns, beside that of the delivery's `seq` */
function insertInto<Column extends string>(
  table: "attempts" | "confirmations" | "history",
  types: Record<Column, ColumnType>,
): (seq: number, row: Record<Column, string | number | Buffer | null>) => Work<void> {
  const columns = Object.keys(types) as Column[];
  const all = { delivery_seq: "bigint", ...types } as const;
  const INSERT = insertOf(table, all);
  const statement = prepare<(string | number | Buffer | null)[]>(INSERT.sqlite, {
    types: all,
    sql: INSERT.postgres,
  });
  return (seq, row) => statement.put(seq, ...columns.map((column) => row[column]));
}
