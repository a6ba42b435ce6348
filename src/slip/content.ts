import { WORDS } from "./words/index.ts";
import { buyerContent, buyerTexts, hiderOf, withoutHiddenBuyer, type BuyerContent } from "./buyer.ts";
import { fill, labelled, type Words } from "./words/words.ts";
import type { PrinterSettings } from "../core/settings.ts";
import { isLate, type SlipMarks, type Ticket } from "../core/ticket.ts";
import { itemsContent, type ItemContent } from "./items.ts";
import { durationText, momentText, OFFSET } from "./moment.ts";
import { amountsContent, paymentContent, type AmountContent } from "./payment.ts";
import { ID_COLUMNS_MAX, NAME_COLUMNS_MAX, TEXT_COLUMNS_MAX, typesetter, type Typeset } from "./typeset.ts";
import { GLUE } from "./width.ts";

/** The settings of a printer that decide how a slip reads. */
export type SlipStyle = Pick<PrinterSettings, "language" | "columns" | "time_zone" | "customer">;

/** What one attempt must say beyond its order. */
export interface MarkContent {
  /** The contract's word for it (CONTRACT, "Delivery to Goodcom"), by which an operator finds any slip. */
  contract: string;
  /** The kitchen's word. */
  word: string;
  details: string[];
}

/**
 * Everything a slip says, in words, printable and in reading order, before any layout. The one source of the
 * plain slip, the picture, Goodcom's markup and Goodcom's `order_json`, so that none of them says less than
 * another or something else. Null and empty: nothing to say.
 */
export interface SlipContent {
  /** Null for an order. */
  test: MarkContent | null;
  headline: string;
  order: string;
  /** The order with its label: `Order #1001`. */
  order_labelled: string;
  command: string;
  /** A repeat, late, a reprint. */
  marks: MarkContent[];
  /** Whose order it is. */
  store: string | null;
  cancelled: string;
  cancelled_known: boolean;
  reason: string | null;
  /** Of a printer's test: fills one line, where the printer's `columns` are right. */
  ruler: string | null;
  /** Said where the store sent no items: the order is cancelled all the same. */
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
  /** The same for a slip, its label before the first. */
  buyer_texts: string[];
  ordered: string | null;
  /** When this slip went out. */
  sent: string | null;
  /** Set where it is not the name already. */
  order_id: string | null;
  problems: string | null;
  slip: string | null;
  /** The contract's words for the test and the marks, as the foot says them: `REPRINT 2, LATE`. */
  foot_marks: string | null;
  /** The headline and the order once more: a slip of which only the lower half is seen is no order to make. */
  end: string;
}

export function slipContent(whole: Ticket, marks: SlipMarks, style: SlipStyle): SlipContent {
  const hide = hiderOf(whole.buyer, style.customer);
  const ticket = withoutHiddenBuyer(whole, hide);
  const words = WORDS[style.language];
  const typeset = typesetter(style.language);
  const order = orderName(ticket, typeset);
  const orderId = typeset.text(ticket.order_id, ID_COLUMNS_MAX);
  const { items, more_items } = itemsContent(ticket.items, order, {
    words,
    typeset,
    hide,
    columns: style.columns,
  });
  const deliveryId = typeset.text(marks.delivery_id, ID_COLUMNS_MAX);
  const buyer = buyerContent(ticket.buyer, style.customer, typeset);
  const test = testContent(ticket, words);
  const attempt = marksContent(ticket, marks, words, style.time_zone);
  const told = (label: string, text: string | null): string | null => {
    const line = typeset.text(text, TEXT_COLUMNS_MAX);
    return line === null ? null : labelled(words, label, line);
  };
  return {
    test,
    headline: words.order_cancelled,
    order,
    order_labelled: `${words.order} ${order}`,
    command: words.do_not_make,
    marks: attempt,
    store: storeContent(ticket, typeset),
    ...cancelledContent(ticket, words, style.time_zone),
    reason: told(words.reason, ticket.reason ?? (ticket.kind === "test" ? null : words.not_given)),
    ruler: ticket.kind === "test" && ticket.platform === null ? ruler(style.columns) : null,
    bare: bareContent(ticket, order, words),
    items,
    more_items,
    notes: [
      told(words.merchant_note, ticket.merchant_note),
      told(words.buyer_note, ticket.buyer_note),
    ].filter((note) => note !== null),
    handover: handoverContent(ticket, words, typeset),
    ...paymentContent(ticket, words, typeset),
    ...amountsContent(ticket, words, typeset),
    buyer,
    buyer_texts: buyerTexts(buyer, words),
    ordered: momentContent(words.ordered, ticket.created_at, ticket, words, style.time_zone),
    sent: momentContent(words.sent, marks.sent_at, ticket, words, style.time_zone),
    order_id: orderId === null || orderId === order ? null : `${words.order_id} ${orderId}`,
    problems: ticket.problems.length > 0 ? words.problems : null,
    slip: deliveryId === null ? null : `${words.slip} ${deliveryId}`,
    foot_marks: footMarks(test === null ? attempt : [test, ...attempt]),
    end: `${words.order_cancelled} ${order}`,
  };
}

/** `----5---10---15`: each number ends at its column. */
function ruler(columns: number): string {
  const marks = Array.from({ length: Math.floor(columns / RULER_STEP) }, (_, index) =>
    String((index + 1) * RULER_STEP).padStart(RULER_STEP, "-"),
  );
  return marks.join("").padEnd(columns, "-");
}

const RULER_STEP = 5;

/** @returns the same content with `change` applied to every text in it */
export function mapTexts<T>(content: T, change: (text: string) => string): T {
  if (typeof content === "string") return change(content) as T;
  if (Array.isArray(content)) return content.map((entry: unknown) => mapTexts(entry, change)) as T;
  if (typeof content !== "object" || content === null) return content;
  const entries = Object.entries(content).map(([key, entry]) => [key, mapTexts<unknown>(entry, change)]);
  return Object.fromEntries(entries) as T;
}

function orderName(ticket: Ticket, typeset: Typeset): string {
  return (
    typeset.text(ticket.order_name, ID_COLUMNS_MAX) ?? typeset.text(ticket.order_id, ID_COLUMNS_MAX) ?? "?"
  );
}

function bareContent(ticket: Ticket, order: string, words: Words): string[] {
  if (ticket.kind === "test" || ticket.items.length > 0) return [];
  const { reason, merchant_note, buyer_note, payment, payment_method, handover, shipping_method } = ticket;
  const told = [reason, merchant_note, buyer_note, payment, payment_method, handover, shipping_method];
  const figures = [...Object.values(ticket.amounts), ...Object.values(ticket.buyer)];
  const isAll = [...told, ...figures].every((fact) => fact === null);
  return [fill(words.order_n_cancelled, { n: order }), isAll ? words.nothing_more : words.no_items];
}

function testContent(ticket: Ticket, words: Words): MarkContent | null {
  return ticket.kind === "test" ? { contract: "TEST", word: words.test, details: [words.not_real] } : null;
}

function marksContent(ticket: Ticket, marks: SlipMarks, words: Words, timeZone: string): MarkContent[] {
  const shown: MarkContent[] = [];
  if (marks.reprint !== null) {
    const n = String(marks.reprint);
    shown.push({ contract: `REPRINT ${n}`, word: `${words.reprint} ${n}`, details: [] });
  }
  if (marks.may_be_repeat) {
    shown.push({ contract: "MAY BE A REPEAT", word: words.may_be_repeat, details: [] });
  }
  if (isLate(ticket, marks)) {
    const details = lateDetails(ticket.cancelled_at, marks.sent_at, words, timeZone);
    shown.push({ contract: "LATE", word: words.late, details });
  }
  return shown;
}

/**
 * How late, and both times; with their days where these differ, so that yesterday's slip is not read as today's, and
 * with their years where the days alone would put the sending first. In a night in which clocks are set, each with its own.
 */
function lateDetails(cancelledAt: number, sentAt: number, words: Words, timeZone: string): string[] {
  const text = (at: number, template: string): string =>
    momentText(at, timeZone, template, words.months) ?? "?";
  const isSame = (template: string): boolean => text(cancelledAt, template) === text(sentAt, template);
  const withDay = dayAndTime(isSame(YEAR) ? words.day : words.date);
  const time = isSame(OFFSET) ? TIME : `${TIME}${GLUE}${OFFSET}`;
  const template = isSame(words.date) ? time : withDay;
  return [
    fill(words.ago, { for: durationText(sentAt - cancelledAt, words) }),
    fill(words.late_cancelled, { at: text(cancelledAt, template) }),
    fill(words.late_sent, { at: text(sentAt, template) }),
  ];
}

function footMarks(marks: readonly MarkContent[]): string | null {
  // None of them is broken by the line's end: an operator searches for it.
  return marks.length === 0 ? null : marks.map(({ contract }) => contract.replaceAll(" ", GLUE)).join(", ");
}

const TIME = "{h}:{i}";
const YEAR = "{y}";

/** On one line, wherever it stands. */
function dayAndTime(day: string): string {
  return `${day} ${TIME}`.replaceAll(" ", GLUE);
}

function cancelledContent(ticket: Ticket, words: Words, timeZone: string) {
  const template = ticket.cancelled_at_known ? words.cancelled : words.cancelled_before;
  const at = momentText(ticket.cancelled_at, timeZone, dayAndTime(words.date), words.months) ?? "?";
  return { cancelled: fill(template, { at }), cancelled_known: ticket.cancelled_at_known };
}

/** Without its day where that is the day of the cancellation, as it nearly always is. */
function momentContent(
  template: string,
  at: number | null,
  { cancelled_at }: Ticket,
  words: Words,
  timeZone: string,
): string | null {
  const text = (moment: number | null, form: string) => momentText(moment, timeZone, form, words.months);
  const isSameDay = text(at, words.date) === text(cancelled_at, words.date);
  const said = text(at, isSameDay ? TIME : dayAndTime(words.date));
  return said === null ? null : fill(template, { at: said });
}

function handoverContent(ticket: Ticket, words: Words, typeset: Typeset): string | null {
  const method = typeset.text(ticket.shipping_method, NAME_COLUMNS_MAX);
  if (ticket.handover === null) return method === null ? null : labelled(words, words.shipping, method);
  return method === null ? words[ticket.handover] : labelled(words, words[ticket.handover], method);
}

function storeContent(ticket: Ticket, typeset: Typeset): string | null {
  const store = typeset.text(ticket.store, ID_COLUMNS_MAX);
  if (store === null || ticket.platform === null) return store ?? ticket.platform;
  return `${store} (${ticket.platform})`;
}
