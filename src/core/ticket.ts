import type { Cancellation, PlatformName } from "./cancellation.ts";
import type { StoreSettings } from "./settings.ts";
import type { UnixMs } from "./time.ts";

/**
 * What the kitchen must read, in no vendor's words and no language: the one source of `order_json`,
 * `order_txt` and the pictures, so that they cannot disagree. Kept with the delivery, so that a slip can be
 * printed again when the webhook's body is long gone.
 */
export interface Ticket extends Omit<Cancellation, "order_name" | "cancelled_at" | "test"> {
  /** `test`: a slip that concerns no order at all, or an order the store itself calls a test. */
  kind: "cancellation" | "test";
  /** Null, as is the store: no store's, but an operator's test slip. */
  platform: PlatformName | null;
  store: string | null;
  /** Goes to Goodcom as `order_id` and `OrderId`: the store's id or name of the order, by `order_id_from`. */
  order_id: string;
  /** What people call the order; the id where the store gave no name. */
  order_name: string;
  /** When it was cancelled; where the store did not say, when we heard (then `cancelled_at_known` is false). */
  cancelled_at: UnixMs;
  cancelled_at_known: boolean;
  /** Fields that could not be understood: the slip says what is known, and the delivery is flagged. */
  problems: string[];
}

/** What one slip says beyond its ticket: a repeat, lateness, a reprint. Decided anew for every attempt. */
export interface SlipMarks {
  /** An earlier attempt may have printed: `MAY BE A REPEAT`. */
  may_be_repeat: boolean;
  /** When this slip goes out (or went out). It may wait long in the cloud, or in a printer without paper. */
  sent_at: UnixMs;
  /** 1 and up for an operator's wanted further slip: `REPRINT n`; null for the first. */
  reprint: number | null;
  /** Printed at the foot, so that a slip in the hand leads to its row in the ledger. */
  delivery_id: string;
}

const LATE_AFTER_MS = 10 * 60 * 1000;

/** Contract: "a slip sent more than 10 min after the cancellation carries LATE with both times". */
export function isLate(ticket: Pick<Ticket, "cancelled_at">, marks: Pick<SlipMarks, "sent_at">): boolean {
  return marks.sent_at - ticket.cancelled_at > LATE_AFTER_MS;
}

/**
 * @param receivedAt when the relay heard of it: stands in where the store gave no time of cancellation
 */
export function ticketOf(cancellation: Cancellation, store: StoreSettings, receivedAt: UnixMs): Ticket {
  const { order_id, order_name, cancelled_at, test, ...told } = cancellation;
  return {
    ...told,
    kind: test ? "test" : "cancellation",
    platform: store.platform,
    store: store.name,
    order_id: store.order_id_from === "name" ? (order_name ?? order_id) : order_id,
    order_name: order_name ?? order_id,
    cancelled_at: cancelled_at ?? receivedAt,
    cancelled_at_known: cancelled_at !== null,
  };
}

/**
 * @param sentAt when this slip goes out (or went out)
 * @param mayBeRepeat whether an earlier attempt may have printed
 */
export function marksOf(
  delivery: { id: string; reprint_number: number | null },
  sentAt: UnixMs,
  mayBeRepeat: boolean,
): SlipMarks {
  return {
    may_be_repeat: mayBeRepeat,
    sent_at: sentAt,
    reprint: delivery.reprint_number,
    delivery_id: delivery.id,
  };
}

const NO_AMOUNTS: Ticket["amounts"] = {
  subtotal: null,
  discount: null,
  delivery: null,
  delivery_tax: null,
  extra: null,
  tip: null,
  tax: null,
  total: null,
  refunded: null,
};

/** Among a ticket's `problems`: what was kept of it can no longer be read. */
const DAMAGED = "damaged";

export function isDamagedTicket({ problems }: Pick<Ticket, "problems">): boolean {
  return problems.includes(DAMAGED);
}

/** The least that is still a slip, `ORDER n CANCELLED`: for a ticket that cannot be laid out, or is pruned or damaged. */
export function bareTicket(
  ticket: Pick<
    Ticket,
    | "kind"
    | "platform"
    | "store"
    | "order_id"
    | "order_name"
    | "cancelled_at"
    | "cancelled_at_known"
    | "problems"
  >,
  why: "layout" | "pruned" | typeof DAMAGED,
): Ticket {
  return {
    ...testTicket("", ticket.cancelled_at),
    kind: ticket.kind,
    platform: ticket.platform,
    store: ticket.store,
    order_id: ticket.order_id,
    order_name: ticket.order_name,
    cancelled_at_known: ticket.cancelled_at_known,
    reason: null,
    problems: [...ticket.problems, why],
  };
}

/** The ticket of an operator's test slip: unmistakably no order. */
export function testTicket(printer: string, at: UnixMs): Ticket {
  return {
    kind: "test",
    platform: null,
    store: null,
    order_id: `TEST-${String(at)}`,
    order_name: "TEST",
    created_at: null,
    cancelled_at: at,
    cancelled_at_known: true,
    reason: `Test slip for printer ${printer}`,
    merchant_note: null,
    buyer_note: null,
    handover: null,
    shipping_method: null,
    payment: null,
    payment_method: null,
    currency: null,
    amounts: NO_AMOUNTS,
    buyer: { name: null, phone: null, address: null, town: null },
    items: [],
    problems: [],
  };
}
