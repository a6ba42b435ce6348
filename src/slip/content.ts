import { WORDS } from "./words/index.ts";
import { fill, type Words } from "./words/words.ts";
import type { PrinterSettings } from "../core/settings.ts";
import type { SlipMarks, Ticket } from "../core/ticket.ts";
import { itemsContent, type ItemContent } from "./items.ts";
import { momentText } from "./moment.ts";
import { amountsContent, paymentContent, type AmountContent } from "./payment.ts";
import { printableOrNull } from "./printable.ts";
import { GLUE } from "./width.ts";

/** The settings of a printer that decide how a slip reads. */
export type SlipStyle = Pick<PrinterSettings, "language" | "columns" | "time_zone" | "customer">;

/** The buyer as far as the printer's `customer` setting lets him onto paper. */
export interface BuyerContent {
  name: string | null;
  phone: string | null;
  address: string | null;
  town: string | null;
}

/**
 * Everything a slip says, in words, printable and in reading order, before any layout. The one source of the
 * plain slip, the picture, Goodcom's markup and Goodcom's `order_json`, so that none of them says less than
 * another or something else. Null and empty: nothing to say.
 */
export interface SlipContent {
  /** The word and what it means, for a test; empty for an order. */
  test: string[];
  headline: string;
  order: string;
  /** The order with its label: `Order #1001`. */
  order_labelled: string;
  command: string;
  /** What this attempt must say (a repeat, late, a reprint): each as its rows at the top of the slip. */
  marks: string[][];
  cancelled: string;
  cancelled_known: boolean;
  reason: string | null;
  /** Said where the store sent nothing that could be made: the order is cancelled, and that is all. */
  bare: string[];
  items: ItemContent[];
  more_items: string | null;
  notes: string[];
  handover: string | null;
  /** State and method in words: `PAID, Credit card`. */
  payment: string | null;
  payment_method: string | null;
  refund: string | null;
  amounts: AmountContent[];
  /** Set where no total names the currency. */
  currency: string | null;
  buyer: BuyerContent;
  buyer_label: string;
  ordered: string | null;
  store: string | null;
  /** Set where it is not the name already. */
  order_id: string | null;
  problems: string | null;
  slip: string | null;
}

export function slipContent(ticket: Ticket, marks: SlipMarks, style: SlipStyle): SlipContent {
  const words = WORDS[style.language];
  const order = orderName(ticket);
  const orderId = printableOrNull(ticket.order_id);
  const { items, more_items } = itemsContent(ticket.items, order, words);
  const isBare = items.length === 0 && ticket.kind === "cancellation";
  const deliveryId = printableOrNull(marks.delivery_id);
  return {
    test: ticket.kind === "test" ? [withContractWord("TEST", words.test), words.not_real] : [],
    headline: words.order_cancelled,
    order,
    order_labelled: `${words.order} ${order}`,
    command: words.do_not_make,
    marks: marksContent(ticket, marks, words, style.time_zone),
    ...cancelledContent(ticket, words, style.time_zone),
    reason: labelled(words.reason, ticket.reason),
    bare: isBare ? [fill(words.order_n_cancelled, { n: order }), words.nothing_more] : [],
    items,
    more_items,
    notes: [
      labelled(words.merchant_note, ticket.merchant_note),
      labelled(words.buyer_note, ticket.buyer_note),
    ].filter((note) => note !== null),
    handover: handoverContent(ticket, words),
    ...paymentContent(ticket, words),
    ...amountsContent(ticket, words),
    buyer: buyerContent(ticket.buyer, style.customer),
    buyer_label: words.buyer,
    ordered: labelled(
      words.ordered,
      momentText(ticket.created_at, style.time_zone, `${words.date}${GLUE}{h}:{i}`),
      " ",
    ),
    store: storeContent(ticket),
    order_id: orderId === null || orderId === order ? null : `${words.order_id} ${orderId}`,
    problems: ticket.problems.length > 0 ? words.problems : null,
    slip: deliveryId === null ? null : `${words.slip} ${deliveryId}`,
  };
}

/** @returns the same content with `change` applied to every text in it */
export function mapTexts<T>(content: T, change: (text: string) => string): T {
  if (typeof content === "string") return change(content) as T;
  if (Array.isArray(content)) return content.map((entry: unknown) => mapTexts(entry, change)) as T;
  if (typeof content !== "object" || content === null) return content;
  const entries = Object.entries(content).map(([key, entry]) => [key, mapTexts<unknown>(entry, change)]);
  return Object.fromEntries(entries) as T;
}

function orderName(ticket: Ticket): string {
  return printableOrNull(ticket.order_name) ?? printableOrNull(ticket.order_id) ?? "?";
}

/** Between a word of the contract and the kitchen's own: where the two do not fit one line, it breaks here. */
export const CONTRACT_WORD_END = " / ";

/** The contract's own word first, so that an operator reads any slip; the kitchen's word beside it. */
function withContractWord(contract: string, native: string): string {
  return contract === native ? contract : contract + CONTRACT_WORD_END + native;
}

function labelled(label: string, text: string | null, between = ": "): string | null {
  const line = printableOrNull(text);
  return line === null ? null : `${label}${between}${line}`;
}

function marksContent(ticket: Ticket, marks: SlipMarks, words: Words, timeZone: string): string[][] {
  const lines: string[][] = [];
  if (marks.reprint !== null) {
    lines.push([withContractWord("REPRINT", words.reprint).replace("REPRINT", `REPRINT ${marks.reprint}`)]);
  }
  if (marks.may_be_repeat) lines.push([withContractWord("MAY BE A REPEAT", words.may_be_repeat)]);
  if (marks.late_sent_at !== null) {
    const times = lateTimes(ticket.cancelled_at, marks.late_sent_at, words, timeZone);
    lines.push([withContractWord("LATE", words.late), ...times]);
  }
  return lines;
}

/** Both times; with their days where these differ, so that yesterday's slip is not read as today's. */
function lateTimes(cancelledAt: number, sentAt: number, words: Words, timeZone: string): string[] {
  const text = (at: number, template: string): string => momentText(at, timeZone, template) ?? "?";
  const isSameDay = text(cancelledAt, words.date) === text(sentAt, words.date);
  const template = isSameDay ? "{h}:{i}" : `${words.day}${GLUE}{h}:{i}`;
  return [
    fill(words.late_cancelled, { at: text(cancelledAt, template) }),
    fill(words.late_sent, { at: text(sentAt, template) }),
  ];
}

function cancelledContent(ticket: Ticket, words: Words, timeZone: string) {
  const label = ticket.cancelled_at_known ? words.cancelled : words.cancelled_before;
  const at = momentText(ticket.cancelled_at, timeZone, `${words.date}${GLUE}{h}:{i}`) ?? "?";
  return { cancelled: `${label} ${at}`, cancelled_known: ticket.cancelled_at_known };
}

function handoverContent(ticket: Ticket, words: Words): string | null {
  const method = printableOrNull(ticket.shipping_method);
  if (ticket.handover === null) return labelled(words.shipping, method);
  return method === null ? words[ticket.handover] : `${words[ticket.handover]}: ${method}`;
}

/** Fewer digits than this are no telephone number whose end would hide the rest. */
const SHORT_PHONE_DIGITS_MIN = 6;
const SHORT_PHONE_DIGITS = 3;

function buyerContent(buyer: Ticket["buyer"], customer: SlipStyle["customer"]): BuyerContent {
  if (customer === "none") return { name: null, phone: null, address: null, town: null };
  const name = printableOrNull(buyer.name);
  const phone = printableOrNull(buyer.phone);
  if (customer === "full") {
    return { name, phone, address: printableOrNull(buyer.address), town: printableOrNull(buyer.town) };
  }
  const digits = phone?.replace(/\D/g, "") ?? "";
  const short = digits.length < SHORT_PHONE_DIGITS_MIN ? null : `...${digits.slice(-SHORT_PHONE_DIGITS)}`;
  return { name, phone: short, address: null, town: null };
}

function storeContent(ticket: Ticket): string | null {
  const store = printableOrNull(ticket.store);
  if (store === null || ticket.platform === null) return store ?? ticket.platform;
  return `${store} (${ticket.platform})`;
}
