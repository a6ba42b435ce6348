import type { PaymentState } from "../core/cancellation.ts";
import type { Ticket } from "../core/ticket.ts";
import { NAME_COLUMNS_MAX, type Typeset } from "./typeset.ts";
import { fill, labelled, type Words } from "./words/words.ts";

/** In the order in which a bill is read. */
const AMOUNT_ORDER = [
  "subtotal",
  "discount",
  "delivery",
  "delivery_tax",
  "extra",
  "tip",
  "tax",
  "total",
] as const;
type AmountName = (typeof AMOUNT_ORDER)[number];

export interface AmountContent {
  name: AmountName;
  label: string;
  /** The store's own figure. */
  amount: string;
}

const ZERO = /^[+-]?[0.,]*$/;

/** What was charged, in the store's own figures: zero ones are left out, save a total. */
export function amountsContent(
  ticket: Ticket,
  words: Words,
  typeset: Typeset,
): { amounts: AmountContent[]; currency: string | null } {
  const currency = typeset.text(ticket.currency, NAME_COLUMNS_MAX);
  const amounts: AmountContent[] = [];
  for (const name of AMOUNT_ORDER) {
    const amount = typeset.amount(ticket.amounts[name]);
    if (amount === null || (name !== "total" && ZERO.test(amount))) continue;
    const label = words.amounts[name];
    amounts.push({
      name,
      label: name === "total" && currency !== null ? `${label} ${currency}` : label,
      amount,
    });
  }
  const isNamed = amounts.at(-1)?.name === "total";
  const hasMoney =
    amounts.length > 0 ||
    ticket.amounts.refunded !== null ||
    ticket.items.some((item) => item.amount !== null);
  return {
    amounts,
    currency: currency === null || isNamed || !hasMoney ? null : labelled(words, words.currency, currency),
  };
}

/** Who paid how, and what goes back to them, in words. */
export function paymentContent(
  ticket: Ticket,
  words: Words,
  typeset: Typeset,
): { payment: string | null; payment_method: string | null; refund: string | null } {
  const state = ticket.payment === null ? null : words.payment[ticket.payment];
  // Stores send codes: credit_card.
  const method = typeset.text(ticket.payment_method?.replaceAll("_", " ") ?? null, NAME_COLUMNS_MAX);
  return {
    payment: paymentText(state, method, words),
    payment_method: method,
    refund: refundText(ticket, words, typeset),
  };
}

function paymentText(state: string | null, method: string | null, words: Words): string | null {
  if (state === null) return method === null ? null : labelled(words, words.paid_by, method);
  return method === null ? state : `${state} (${method})`;
}

/** Money came in: that none of it went back is worth a line. */
const HAS_PAID: ReadonlySet<PaymentState | null> = new Set<PaymentState>([
  "paid",
  "partially_paid",
  "refunding",
  "refunded",
  "partially_refunded",
]);

function refundText({ amounts, payment }: Ticket, words: Words, typeset: Typeset): string | null {
  const refund = typeset.amount(amounts.refunded);
  const total = typeset.amount(amounts.total);
  if (refund === null) return null;
  if (ZERO.test(refund) && (!HAS_PAID.has(payment) || (total !== null && ZERO.test(total)))) return null;
  return total === null ? `${words.refund} ${refund}` : fill(words.refund_of, { refund, total });
}
