import type { Ticket } from "../core/ticket.ts";
import { printable, printableOrNull } from "./printable.ts";
import { fill, type Words } from "./words/words.ts";

/** Items printed on one slip; what is beyond is counted. */
export const ITEMS_MAX = 40;
/** Characters of all items together: buyers write options and notes, and paper must not flood. */
export const ITEMS_CHARS_MAX = 6000;
/** Options printed under one item. */
export const OPTIONS_MAX = 20;

export interface ItemContent {
  /** Null: the store did not say. */
  quantity: string | null;
  name: string;
  /** Variant, options, SKU and note, one printable line each. */
  details: string[];
  amount: string | null;
}

type TicketItem = Ticket["items"][number];

/** @param order under what name to look up the items that do not fit */
export function itemsContent(
  items: readonly TicketItem[],
  order: string,
  words: Words,
): { items: ItemContent[]; more_items: string | null } {
  const shown: ItemContent[] = [];
  let chars = 0;
  for (const item of items.slice(0, ITEMS_MAX)) {
    const content = itemContent(item, words);
    chars += content.name.length + content.details.reduce((sum, detail) => sum + detail.length, 0);
    if (chars > ITEMS_CHARS_MAX && shown.length > 0) break;
    shown.push(content);
  }
  const more = items.length - shown.length;
  return {
    items: shown,
    more_items: more === 0 ? null : fill(words.more_items, { n: String(more), order }),
  };
}

function itemContent(item: TicketItem, words: Words): ItemContent {
  const options = item.options.map(optionText).filter((option) => option !== null);
  const more = options.length - OPTIONS_MAX;
  const sku = printableOrNull(item.sku);
  const note = printableOrNull(item.note);
  return {
    quantity: printableOrNull(item.quantity),
    name: printableOrNull(item.name) ?? words.unnamed,
    details: [
      printableOrNull(item.variant),
      ...options.slice(0, OPTIONS_MAX),
      more > 0 ? fill(words.more_options, { n: String(more) }) : null,
      note === null ? null : `${words.item_note}: ${note}`,
      sku === null ? null : `SKU ${sku}`,
    ].filter((detail) => detail !== null),
    amount: printableOrNull(item.amount),
  };
}

function optionText(option: TicketItem["options"][number]): string | null {
  const name = printableOrNull(option.name);
  const value = printable(option.value);
  if (name === null) return value === "" ? null : value;
  return value === "" ? name : `${name}: ${value}`;
}
