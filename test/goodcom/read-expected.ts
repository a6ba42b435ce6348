import type { SlipMarks, Ticket } from "../../src/core/ticket.ts";
import type { SlipStyle } from "../../src/slip/slip.ts";
import type { SlipRead } from "./read-slip.ts";

/** What must be read from a slip of this ticket: all but where a slip cuts and counts. Made from the ticket alone. */
export type Expected = Omit<SlipRead, "items" | "more_items" | "reason" | "merchant_note" | "buyer_note">;

export function expectedOf(ticket: Ticket, marks: SlipMarks, style: SlipStyle): Expected {
  const at = (moment: number) => wallClock(moment, style.time_zone);
  return {
    order: ticket.order_name,
    order_id: ticket.order_id,
    is_test: ticket.kind === "test",
    says_cancelled: true,
    says_do_not_make: true,
    reprint: marks.reprint,
    may_be_repeat: marks.may_be_repeat,
    late: isLate(ticket, marks) ? lateOf(ticket.cancelled_at, marks.sent_at, at) : null,
    contract: contractWords(ticket, marks),
    cancelled: at(ticket.cancelled_at),
    cancelled_known: ticket.cancelled_at_known,
    sent: at(marks.sent_at),
    ordered: ticket.created_at === null ? null : at(ticket.created_at),
    no_reason: ticket.reason === null && ticket.kind !== "test",
    unknown: unknownOf(ticket),
    handover: handoverOf(ticket, style.language),
    payment:
      ticket.payment === null && ticket.payment_method === null
        ? null
        : { state: ticket.payment, method: ticket.payment_method },
    refund: refundOf(ticket),
    amounts: amountsOf(ticket.amounts),
    currency: hasMoney(ticket) ? ticket.currency : null,
    buyer: buyerOf(ticket.buyer, style.customer),
    store: ticket.store,
    platform: ticket.platform,
    has_problems: ticket.problems.length > 0,
    slip: marks.delivery_id,
  };
}

/** `2026-11-24 12:04`: what Swedish looks like. */
function wallClock(moment: number, timeZone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" }).format(
    moment,
  );
}

/** The contract: "a slip sent more than 10 min after the cancellation". */
function isLate({ cancelled_at }: Ticket, { sent_at }: SlipMarks): boolean {
  return sent_at > cancelled_at + 600_000;
}

function lateOf(cancelledAt: number, sentAt: number, at: (moment: number) => string): SlipRead["late"] {
  const [cancelled, sent] = [at(cancelledAt), at(sentAt)];
  // The longest of these that both have is left out.
  const shared = ["2026-11-24 ", "2026-"].find(
    ({ length }) => cancelled.slice(0, length) === sent.slice(0, length),
  );
  const from = shared?.length ?? 0;
  const minutes = Math.floor((sentAt - cancelledAt) / 60_000);
  const hours = Math.floor(minutes / 60);
  const ago =
    hours === 0
      ? `minutes ${minutes}`
      : hours < 24
        ? span("hours", hours, minutes % 60)
        : span("days", Math.floor(hours / 24), hours % 24);
  return { ago, cancelled: cancelled.slice(from), sent: sent.slice(from) };
}

function span(name: string, large: number, small: number): string {
  return small === 0 ? `whole_${name} ${large}` : `${name} ${large} ${small}`;
}

/** That nothing more is known is said where nothing is but the order, the store and the times. */
function unknownOf(ticket: Ticket): SlipRead["unknown"] {
  const { reason, merchant_note, buyer_note, payment, payment_method, handover, shipping_method } = ticket;
  if (ticket.kind === "test" || ticket.items.length > 0) return null;
  const asked = [
    ...[reason, merchant_note, buyer_note, payment, payment_method, handover, shipping_method],
    ...Object.values({ ...ticket.amounts, ...ticket.buyer }),
  ];
  return asked.some((fact) => fact !== null) ? "items" : "all";
}

function contractWords(ticket: Ticket, marks: SlipMarks): string[] {
  return [
    ...(isLate(ticket, marks) ? ["LATE"] : []),
    ...(marks.may_be_repeat ? ["MAY BE A REPEAT"] : []),
    ...(marks.reprint === null ? [] : [`REPRINT ${String(marks.reprint)}`]),
    ...(ticket.kind === "test" ? ["TEST"] : []),
  ];
}

function handoverOf(ticket: Ticket, language: SlipStyle["language"]): SlipRead["handover"] {
  const method = ticket.shipping_method;
  if (ticket.handover !== null) return { way: ticket.handover, method };
  // Malay has one word for delivery and shipping.
  return method === null ? null : { way: language === "ms" ? "delivery" : "shipping", method };
}

const isZero = (amount: string) => Number(amount) === 0;

/** That nothing went back is said of a sum that was paid, and of nothing else. */
function refundOf({ amounts, payment }: Ticket): SlipRead["refund"] {
  const { refunded, total } = amounts;
  const cameIn = ["paid", "partially_paid", "refunding", "refunded", "partially_refunded"];
  if (refunded === null) return null;
  const wasPaid = cameIn.includes(payment ?? "") && (total === null || !isZero(total));
  if (isZero(refunded) && !wasPaid) return null;
  return { amount: refunded, of: total };
}

function amountsOf(amounts: Ticket["amounts"]): Record<string, string> {
  const said: Record<string, string> = {};
  for (const [name, amount] of Object.entries(amounts)) {
    if (amount === null || name === "refunded" || (name !== "total" && isZero(amount))) continue;
    said[name] = name === "discount" ? amount.replace("-", "") : amount;
  }
  return said;
}

function hasMoney({ amounts, items }: Ticket): boolean {
  return (
    Object.keys(amountsOf(amounts)).length > 0 ||
    amounts.refunded !== null ||
    items.some((item) => item.amount !== null)
  );
}

function buyerOf(buyer: Ticket["buyer"], customer: SlipStyle["customer"]): string[] {
  const { name, phone, address, town } = buyer;
  const told: Record<SlipStyle["customer"], (string | null)[]> = {
    full: [name, phone, address, town],
    short: [name, phone === null ? null : `...${phone.slice(-3)}`],
    none: [],
  };
  return told[customer].filter((text) => text !== null);
}

/** Columns that a name may take; and a reason, a note, an option's value. */
export const NAME_MAX = 96;
export const TEXT_MAX = 240;

/** What stands under an item: `lead` is what it is (read-slip.ts), and of an option its name. */
export interface ExpectedDetail {
  lead: string;
  text: string;
  columnsMax: number;
}

/** With all its options. */
export function expectedDetails(item: Ticket["items"][number]): ExpectedDetail[] {
  const detail = (lead: string, text: string | null, columnsMax: number): ExpectedDetail[] =>
    text === null ? [] : [{ lead, text, columnsMax }];
  return [
    ...detail("text", item.variant, NAME_MAX),
    ...item.options.flatMap(({ name, value }) =>
      detail(name === null ? "text" : `option ${name}`, value, TEXT_MAX),
    ),
    ...detail("note", item.note, TEXT_MAX),
    ...detail("sku", item.sku, NAME_MAX),
  ];
}
