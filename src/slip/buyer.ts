import { withoutBuyerIn } from "../core/buyer-in-text.ts";
import type { PrinterSettings } from "../core/settings.ts";
import type { Ticket } from "../core/ticket.ts";
import { ID_COLUMNS_MAX, NAME_COLUMNS_MAX, type Typeset } from "./typeset.ts";
import { labelled, type Words } from "./words/words.ts";

/** How much of the buyer a printer lets onto paper. */
type Customer = PrinterSettings["customer"];

/** The buyer as far as the printer's `customer` setting lets him onto paper. */
export interface BuyerContent {
  name: string | null;
  phone: string | null;
  address: string | null;
  town: string | null;
}

/** Fewer digits than this are no telephone number whose end would hide the rest. */
const SHORT_PHONE_DIGITS_MIN = 6;
const SHORT_PHONE_DIGITS = 3;

export function buyerContent(buyer: Ticket["buyer"], customer: Customer, typeset: Typeset): BuyerContent {
  if (customer === "none") return { name: null, phone: null, address: null, town: null };
  const name = typeset.text(buyer.name, NAME_COLUMNS_MAX);
  const phone = typeset.text(buyer.phone, ID_COLUMNS_MAX);
  if (customer === "full") {
    const address = typeset.text(buyer.address, NAME_COLUMNS_MAX);
    return { name, phone, address, town: typeset.text(buyer.town, NAME_COLUMNS_MAX) };
  }
  const digits = phone?.replace(/\D/g, "") ?? "";
  const short = digits.length < SHORT_PHONE_DIGITS_MIN ? null : `...${digits.slice(-SHORT_PHONE_DIGITS)}`;
  return { name, phone: short, address: null, town: null };
}

export function buyerTexts({ name, phone, address, town }: BuyerContent, words: Words): string[] {
  const [first, ...others] = [name, phone, address, town].filter((text) => text !== null);
  return first === undefined ? [] : [labelled(words, words.buyer, first), ...others];
}

/**
 * What the setting keeps from paper is also taken out of what people typed: notes, the reason, the words beside a
 * choice. The merchant's own words for a dish stay whole: by them the cook knows which not to make.
 */
export function withoutHiddenBuyer(ticket: Ticket, customer: Customer): Ticket {
  if (customer === "full") return ticket;
  const hidden = customer === "none" ? ticket.buyer : { ...ticket.buyer, name: null };
  const typed = <Text extends string | null>(text: Text): Text =>
    (text === null ? null : withoutBuyerIn(text, hidden)) as Text;
  return {
    ...ticket,
    reason: typed(ticket.reason),
    merchant_note: typed(ticket.merchant_note),
    buyer_note: typed(ticket.buyer_note),
    shipping_method: typed(ticket.shipping_method),
    payment_method: typed(ticket.payment_method),
    items: ticket.items.map((item) => ({
      ...item,
      note: typed(item.note),
      options: item.options.map(({ name, value }) => ({ name, value: name === null ? value : typed(value) })),
    })),
  };
}
