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

/** Takes a buyer out of what somebody typed. */
export type Hide = <Text extends string | null>(text: Text) => Text;

/** @returns what takes out of people's words as much as the setting keeps from paper */
export function hiderOf(buyer: Ticket["buyer"], customer: Customer): Hide {
  if (customer === "full") return (text) => text;
  const hidden = customer === "none" ? buyer : { ...buyer, name: null };
  return <Text extends string | null>(text: Text) =>
    (text === null ? null : withoutBuyerIn(text, hidden)) as Text;
}

/**
 * What the setting keeps from paper is also taken out of what people typed: notes, the reason, the words beside a
 * choice (items.ts does it to the items that it sets). The merchant's own words for a dish stay whole: by them the cook
 * knows which not to make.
 */
export function withoutHiddenBuyer(ticket: Ticket, hide: Hide): Ticket {
  return {
    ...ticket,
    reason: hide(ticket.reason),
    merchant_note: hide(ticket.merchant_note),
    buyer_note: hide(ticket.buyer_note),
    shipping_method: hide(ticket.shipping_method),
    payment_method: hide(ticket.payment_method),
  };
}
