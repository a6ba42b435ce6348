import type { Ticket } from "../core/ticket.ts";
import { printableOrNull } from "./printable.ts";
import { fill, type Words } from "./words/words.ts";

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
  /** As the store sent it. */
  amount: string;
}

const ZERO = /^[+-]?[0.,]*$/;

/** What was charged, in the store's own figures: zero ones are left out, save a total. */
export function amountsContent(
  ticket: Ticket,
  words: Words,
): { amounts: AmountContent[]; currency: string | null } {
  const currency = printableOrNull(ticket.currency);
  const amounts: AmountContent[] = [];
  for (const name of AMOUNT_ORDER) {
    const amount = printableOrNull(ticket.amounts[name]);
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
    currency: currency === null || isNamed || !hasMoney ? null : `${words.currency}: ${currency}`,
  };
}

/** Who paid how, and what goes back to them, in words. */
export function paymentContent(
  ticket: Ticket,
  words: Words,
): { payment: string | null; payment_method: string | null; refund: string | null } {
  const state = ticket.payment === null ? null : words.payment[ticket.payment];
  const method = printableOrNull(ticket.payment_method);
  return {
    payment: paymentText(state, method, words),
    payment_method: method,
    refund: refundText(ticket.amounts, words),
  };
}

function paymentText(state: string | null, method: string | null, words: Words): string | null {
  if (state === null) return method === null ? null : `${words.paid_by}: ${method}`;
  return method === null ? state : `${state}, ${method}`;
}

function refundText(amounts: Ticket["amounts"], words: Words): string | null {
  const refund = printableOrNull(amounts.refunded);
  if (refund === null || ZERO.test(refund)) return null;
  const total = printableOrNull(amounts.total);
  return total === null ? `${words.refund} ${refund}` : fill(words.refund_of, { refund, total });
}
