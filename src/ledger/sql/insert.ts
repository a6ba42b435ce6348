import { withoutBuyer } from "../../core/buyer.ts";
import type { Delivery } from "../../core/delivery.ts";
import { orderKey } from "../../core/order-key.ts";
import type { Act, NewDelivery } from "../ledger.ts";
import type { DeliveryWriter } from "./change.ts";
import { isApart } from "./id-time.ts";
import { pack } from "./pack.ts";
import type { RestoredLedger } from "./restored.ts";
import { buyerText, searchText } from "./rows.ts";
import { either, prepare, type Work } from "./statement.ts";

const OF_BEFORE = "of before the ledger was restored, may have printed";

type Origin = Pick<Delivery, "webhook_id" | "reprint_of" | "reprint_number" | "forgotten_at">;

function forgottenDelivery(delivery: NewDelivery): NewDelivery {
  return { ...delivery, reason: null, ticket: withoutBuyer(delivery.ticket) };
}

/**
 * @returns what inserts a delivery, due at once, with its ticket and first line of history: its row, or null when
 * that store's order has a cancellation already. The unique index decides, never a look before. `packedTicket`: where
 * that is done already; never for a reprint, whose ticket may have to be without its buyer.
 */
export function createInsert(
  writer: DeliveryWriter,
  restored: Pick<RestoredLedger, "mayBeRepeat">,
): (
  delivery: NewDelivery,
  origin: Origin,
  { at, by }: Pick<Act, "at" | "by">,
  note: string,
  packedTicket?: Buffer,
) => Work<number | null> {
  const { oneByOne, atOnce } = createStatements(writer);

  return function* (delivery, origin, { at, by }, note, packedTicket) {
    const { ticket, ...told } = origin.forgotten_at === null ? delivery : forgottenDelivery(delivery);
    const mayBeRepeat = yield* restored.mayBeRepeat(delivery);
    const row: NewRow = {
      ...told,
      ...origin,
      traceparent: told.traceparent ?? null,
      order_id_key: orderKey(told.order_id),
      order_name_key: orderKey(told.order_name),
      search: searchText(told),
      created_apart: isApart(told.id, told.created_at) ? 1 : 0,
      may_be_repeat: mayBeRepeat ? 1 : 0,
      ticket: packedTicket ?? pack(JSON.stringify(ticket)),
      buyer: buyerText(ticket),
      at,
      by,
      note: mayBeRepeat ? `${note}; ${OF_BEFORE}` : note,
    };
    const seq = yield* either({ sqlite: () => oneByOne(row), postgres: () => atOnce.get(row) });
    return seq ?? null;
  };
}

/** The columns of `deliveries`, and beside them the ticket and the first line of history. */
type NewRow = Omit<NewDelivery, "ticket"> &
  Origin &
  Record<"order_id_key" | "order_name_key" | "search", string> &
  Record<"created_apart" | "may_be_repeat", 0 | 1> &
  Pick<Act, "at" | "by"> & { ticket: Buffer; buyer: string | null; note: string };

function createStatements(writer: DeliveryWriter) {
  const INSERT = `
    INSERT INTO deliveries (id, kind, state, platform, store, printer, order_id, order_name, order_id_key,
      order_name_key, search, cancelled_at, reason, webhook_id, reprint_of, reprint_number, next_attempt_at,
      useful_until, created_at, created_apart, may_be_repeat, traceparent, forgotten_at)
    VALUES (:id, :kind, :state, :platform, :store, :printer, :order_id, :order_name, :order_id_key,
      :order_name_key, :search, :cancelled_at, :reason, :webhook_id, :reprint_of, :reprint_number, :created_at,
      :useful_until, :created_at, :created_apart, :may_be_repeat, :traceparent, :forgotten_at)
    ON CONFLICT (store, order_id) WHERE kind = 'cancellation' DO NOTHING
    RETURNING seq`;
  const insert = prepare<object, number>(INSERT).pluck();
  const insertTicket = prepare<[seq: number, ticket: Buffer, buyer: string | null]>(
    "INSERT INTO tickets (delivery_seq, ticket, buyer) VALUES (?, ?, ?)",
  );
  /** In one round trip, and for less than half of what three cost. */
  const atOnce = prepare<object, number>(
    null,
    `WITH made AS (${INSERT}),
       kept AS (
         INSERT INTO tickets (delivery_seq, ticket, buyer)
         SELECT seq, CAST(:ticket AS BYTEA), CAST(:buyer AS TEXT) FROM made),
       told AS (
         INSERT INTO history (delivery_seq, at, state, by, note)
         SELECT seq, CAST(:at AS BIGINT), CAST(:state AS TEXT), CAST(:by AS TEXT), CAST(:note AS TEXT) FROM made)
     SELECT seq FROM made`,
  ).pluck();

  function* oneByOne(row: NewRow): Work<number | undefined> {
    const seq = yield* insert.get(row);
    if (seq === undefined) return undefined;
    yield* insertTicket.put(seq, row.ticket, row.buyer);
    yield* writer.tell(seq, row);
    return seq;
  }
  return { oneByOne, atOnce };
}
