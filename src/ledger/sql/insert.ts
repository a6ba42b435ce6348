import { withoutBuyer } from "../../core/buyer.ts";
import type { Delivery } from "../../core/delivery.ts";
import { orderKey } from "../../core/order-key.ts";
import type { Act, NewDelivery } from "../ledger.ts";
import type { DeliveryWriter } from "./change.ts";
import { isApart } from "./id-time.ts";
import { pack } from "./pack.ts";
import type { RestoredLedger } from "./restored.ts";
import { buyerText, searchText } from "./rows.ts";
import { prepare, type Work } from "./statement.ts";

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
  const insertDelivery = prepare<object, number>(`
    INSERT INTO deliveries (id, kind, state, platform, store, printer, order_id, order_name, order_id_key,
      order_name_key, search, cancelled_at, reason, webhook_id, reprint_of, reprint_number, next_attempt_at,
      useful_until, created_at, created_apart, may_be_repeat, traceparent, forgotten_at)
    VALUES (:id, :kind, :state, :platform, :store, :printer, :order_id, :order_name, :order_id_key,
      :order_name_key, :search, :cancelled_at, :reason, :webhook_id, :reprint_of, :reprint_number, :created_at,
      :useful_until, :created_at, :created_apart, :may_be_repeat, :traceparent, :forgotten_at)
    ON CONFLICT (store, order_id) WHERE kind = 'cancellation' DO NOTHING
    RETURNING seq`).pluck();
  const insertTicket = prepare<[seq: number, ticket: Buffer, buyer: string | null]>(
    "INSERT INTO tickets (delivery_seq, ticket, buyer) VALUES (?, ?, ?)",
  );

  return function* (delivery, origin, { at, by }, note, packedTicket) {
    const { ticket, ...told } = origin.forgotten_at === null ? delivery : forgottenDelivery(delivery);
    const mayBeRepeat = yield* restored.mayBeRepeat(delivery);
    const seq = yield* insertDelivery.get({
      ...told,
      ...origin,
      traceparent: told.traceparent ?? null,
      order_id_key: orderKey(told.order_id),
      order_name_key: orderKey(told.order_name),
      search: searchText(told),
      created_apart: isApart(told.id, told.created_at) ? 1 : 0,
      may_be_repeat: mayBeRepeat ? 1 : 0,
    });
    if (seq === undefined) return null;
    yield* insertTicket.put(seq, packedTicket ?? pack(JSON.stringify(ticket)), buyerText(ticket));
    yield* writer.tell(seq, {
      at,
      state: delivery.state,
      by,
      note: mayBeRepeat ? `${note}; ${OF_BEFORE}` : note,
    });
    return seq;
  };
}
