import type { Delivery } from "../../core/delivery.ts";
import { RelayError } from "../../core/errors.ts";
import { folded } from "../../core/order-key.ts";
import { bareTicket, type Ticket } from "../../core/ticket.ts";
import { fingerprintOf } from "../fingerprint.ts";
import type { Webhook } from "../ledger.ts";
import { DAMAGED_TEXT, unlessDamaged } from "./damage.ts";
import { unpackText } from "./pack.ts";
import { prepare, type Work } from "./statement.ts";

/** A row of `deliveries` with its ticket. */
export interface DeliveryRow extends Omit<Delivery, "ticket" | "may_be_repeat"> {
  may_be_repeat: 0 | 1;
  /** Null: pruned. */
  ticket: Buffer | null;
}

const COLUMNS = `id, kind, state, attention, platform, store, printer, order_id, order_name, cancelled_at, reason,
    webhook_id, reprint_of, reprint_number, attempt_count, signed_at, retry_step, unknown_count, may_be_repeat,
    denied_count, endpoint, next_attempt_at, lease_until, useful_until, confirm_by, created_at, accepted_at,
    printed_at, last_error, traceparent, forgotten_at`;

/** Every read of deliveries starts with this; what follows it is a WHERE, an ORDER BY, a LIMIT. */
export const SELECT_DELIVERY = `
  SELECT ${COLUMNS}, ticket
  FROM deliveries LEFT JOIN tickets ON delivery_seq = seq`;

/** Never fails for one row: a slip is always printed, and no row stands in the way of the others. */
export function deliveryOf(row: DeliveryRow): Delivery {
  return {
    ...row,
    may_be_repeat: row.may_be_repeat === 1,
    ticket:
      row.ticket === null
        ? ticketWithout(row, "pruned")
        : (ticketIn(row.ticket) ?? ticketWithout(row, "damaged")),
  };
}

/** @returns null when it is damaged */
export function ticketIn(packed: Buffer): Ticket | null {
  return unlessDamaged(() => JSON.parse(unpackText(packed)) as Ticket);
}

/** What the delivery itself still tells: enough for `ORDER n CANCELLED`. */
function ticketWithout(row: DeliveryRow, why: "pruned" | "damaged"): Ticket {
  const known = {
    kind: row.kind === "test" ? ("test" as const) : ("cancellation" as const),
    platform: row.platform,
    store: row.store,
    order_id: row.order_id,
    order_name: row.order_name,
    cancelled_at: row.cancelled_at ?? row.created_at,
    cancelled_at_known: row.cancelled_at !== null,
    problems: [],
  };
  return bareTicket(known, why);
}

/** Reads one delivery as it is now. */
export interface DeliveryReader {
  /** @returns the row's place in the ledger, null when there is no such delivery */
  seqOf(id: string): Work<number | null>;
  /** Nobody else changes the row before this transaction ends. @throws `not_found` */
  requireSeq(id: string): Work<number>;
  bySeq(seq: number): Work<Delivery>;
  /**
   * As `requireSeq`, and whether the row is still as somebody saw it; its ticket is not looked at (`fingerprintOf` says
   * why). @throws `not_found`
   */
  requireStill(id: string, seen: Delivery): Work<{ seq: number; isStill: boolean }>;
}

export function createDeliveryReader(): DeliveryReader {
  const SEQ_BY_ID = "SELECT seq FROM deliveries WHERE id = ?";
  const seqById = prepare<[string], number>(SEQ_BY_ID).pluck();
  const lockById = prepare<[string], number>(SEQ_BY_ID, `${SEQ_BY_ID} FOR UPDATE`).pluck();
  const bySeq = prepare<[number], DeliveryRow>(`${SELECT_DELIVERY} WHERE seq = ?`, {
    types: { given_seq: "bigint" },
    sql: `
      SELECT nth, ${COLUMNS}, ticket
      FROM given JOIN deliveries ON seq = given_seq LEFT JOIN tickets ON delivery_seq = seq`,
  });
  const lockRowById = prepare<[string], { seq: number } & Omit<DeliveryRow, "ticket">>(
    `SELECT seq, ${COLUMNS} FROM deliveries WHERE id = ?`,
    {
      types: { given_id: "text" },
      sql: `
        SELECT nth, seq, ${COLUMNS} FROM given JOIN deliveries ON id = given_id
        ORDER BY nth FOR UPDATE OF deliveries`,
    },
  );
  return {
    *seqOf(id) {
      return (yield* seqById.get(id)) ?? null;
    },
    *requireSeq(id) {
      const seq = yield* lockById.get(id);
      if (seq === undefined) throw notFound(id);
      return seq;
    },
    *bySeq(seq) {
      const row = yield* bySeq.get(seq);
      if (row === undefined) throw new Error(`delivery row ${seq} has gone`);
      return deliveryOf(row);
    },
    *requireStill(id, seen) {
      const found = yield* lockRowById.get(id);
      if (found === undefined) throw notFound(id);
      const { seq, ...row } = found;
      const now = { ...row, may_be_repeat: row.may_be_repeat === 1 };
      return { seq, isStill: fingerprintOf(now) === fingerprintOf(seen) };
    },
  };
}

function notFound(id: string): RelayError {
  return new RelayError("not_found", `there is no delivery ${id}`);
}

export type WebhookRow = Omit<Webhook, "headers"> & { headers: string };

export const SELECT_WEBHOOK = `
  SELECT id, status, reason, platform, store, platform_webhook_id, topic, headers, delivery_id, body_bytes,
    received_at, origin
  FROM webhooks`;

export function webhookOf(row: WebhookRow): Webhook {
  const headers = unlessDamaged(() => JSON.parse(row.headers) as Record<string, string>);
  return { ...row, headers: headers ?? { damaged: DAMAGED_TEXT } };
}

/** What `q` is looked for in. SQLite's own LIKE folds only A to Z; this folds every script. */
export function searchText(told: Pick<Delivery, "id" | "order_id" | "order_name" | "reason">): string {
  return [told.id, told.order_id, told.order_name, told.reason ?? ""].map(folded).join("\n");
}

/**
 * What a buyer is found by: the name, and the phone's digits, one a line. Kept beside the ticket, which goes after its
 * retention; nothing but a search reads it.
 */
export function buyerText({ buyer }: Pick<Ticket, "buyer">): string | null {
  const name = folded(buyer.name ?? "");
  const lines = [name, ...unspaced(name), digitsOf(buyer.phone ?? "")].filter((line) => line !== "");
  return lines.length === 0 ? null : lines.join("\n");
}

/** Chinese, Japanese and Korean names are written without a blank, family name first; shops put one in, either way round. */
function unspaced(name: string): string[] {
  const parts = name.split(" ");
  const isTwo = parts.length === 2 && /^[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}ー ]+$/u.test(name);
  return isTwo ? [parts.join(""), parts.toReversed().join("")] : [];
}

export function digitsOf(text: string): string {
  return folded(text).replace(/\D/g, "");
}
