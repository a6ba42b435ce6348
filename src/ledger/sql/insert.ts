import { withoutBuyer } from "../../core/buyer.ts";
import type { Delivery } from "../../core/delivery.ts";
import { orderKey } from "../../core/order-key.ts";
import type { Act, NewDelivery } from "../ledger.ts";
import type { DeliveryWriter } from "./change.ts";
import { insertOf } from "./insert-of.ts";
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
  const { insertRow, insertTicket } = createStatements();

  return function* (delivery, origin, { at, by }, note, packedTicket) {
    const { ticket, ...told } = origin.forgotten_at === null ? delivery : forgottenDelivery(delivery);
    const mayBeRepeat = yield* restored.mayBeRepeat(delivery);
    const row: Record<Column, string | number | null> = {
      ...told,
      ...origin,
      traceparent: told.traceparent ?? null,
      order_id_key: orderKey(told.order_id),
      order_name_key: orderKey(told.order_name),
      search: searchText(told),
      next_attempt_at: told.created_at,
      created_apart: isApart(told.id, told.created_at) ? 1 : 0,
      may_be_repeat: mayBeRepeat ? 1 : 0,
    };
    const seq = yield* insertRow.insert(...COLUMNS.map((column) => row[column]));
    if (seq === undefined) return null;
    yield* insertTicket.put(seq, packedTicket ?? pack(JSON.stringify(ticket)), buyerText(ticket));
    const { state } = delivery;
    yield* writer.tell(seq, { at, state, by, note: mayBeRepeat ? `${note}; ${OF_BEFORE}` : note });
    return seq;
  };
}

const TYPES = {
  id: "text",
  kind: "text",
  state: "text",
  platform: "text",
  store: "text",
  printer: "text",
  order_id: "text",
  order_name: "text",
  order_id_key: "text",
  order_name_key: "text",
  search: "text",
  cancelled_at: "bigint",
  reason: "text",
  webhook_id: "text",
  reprint_of: "text",
  reprint_number: "bigint",
  next_attempt_at: "bigint",
  useful_until: "bigint",
  created_at: "bigint",
  created_apart: "bigint",
  may_be_repeat: "bigint",
  traceparent: "text",
  forgotten_at: "bigint",
} as const;
type Column = keyof typeof TYPES;
const COLUMNS = Object.keys(TYPES) as Column[];

function createStatements() {
  const INSERT = insertOf("deliveries", TYPES);
  const ONCE = "ON CONFLICT (store, order_id) WHERE kind = 'cancellation' DO NOTHING";
  const insertRow = prepare<(string | number | null)[]>(`${INSERT.sqlite} ${ONCE}`, {
    types: TYPES,
    sql: `
      WITH made AS (${INSERT.postgres} ${ONCE} RETURNING seq, id)
      SELECT nth, seq FROM made JOIN given USING (id)`,
  });
  const TICKET = { delivery_seq: "bigint", ticket: "bytea", buyer: "text" } as const;
  const ticketInsert = insertOf("tickets", TICKET);
  const insertTicket = prepare<[seq: number, ticket: Buffer, buyer: string | null]>(ticketInsert.sqlite, {
    types: TICKET,
    sql: ticketInsert.postgres,
  });
  return { insertRow, insertTicket };
}
