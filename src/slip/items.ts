import type { Ticket } from "../core/ticket.ts";
import { ID_COLUMNS_MAX, NAME_COLUMNS_MAX, type Typeset } from "./typeset.ts";
import { wrap } from "./width.ts";
import { fill, labelled, type Words } from "./words/words.ts";

/** Lines of paper that all items take together; what is beyond is counted. */
export const ITEMS_LINES_MAX = 60;
/** Lines of one item, after which its options are counted: buyers write them, and paper must not flood. */
export const ITEM_LINES_MAX = 20;

export interface ItemContent {
  /** Null: the store did not say. */
  quantity: string | null;
  name: string;
  /** Variant, options, note and SKU, one printable line each. */
  details: string[];
  amount: string | null;
}

type TicketItem = Ticket["items"][number];

/**
 * @param order under what name to look up the items that do not fit
 * @param columns of the paper
 */
export function itemsContent(
  items: readonly TicketItem[],
  order: string,
  words: Words,
  typeset: Typeset,
  columns: number,
): { items: ItemContent[]; more_items: string | null } {
  const shown: ItemContent[] = [];
  let lines = 0;
  for (const item of items) {
    const content = itemContent(item, words, typeset, columns);
    lines += linesOf([content.name, ...content.details], columns);
    if (lines > ITEMS_LINES_MAX && shown.length > 0) break;
    shown.push(content);
  }
  const more = items.length - shown.length;
  return {
    items: shown,
    more_items: more === 0 ? null : fill(words.more_items, { n: String(more), order }),
  };
}

function itemContent(item: TicketItem, words: Words, typeset: Typeset, columns: number): ItemContent {
  const note = typeset.text(item.note, NAME_COLUMNS_MAX);
  const sku = typeset.text(item.sku, ID_COLUMNS_MAX);
  const name = typeset.text(item.name, NAME_COLUMNS_MAX) ?? words.unnamed;
  const variant = listed(typeset.text(item.variant, NAME_COLUMNS_MAX));
  const last = [...listed(note && labelled(words, words.item_note, note)), ...listed(sku && `SKU ${sku}`)];
  const room = ITEM_LINES_MAX - linesOf([name, ...variant, ...last], columns);
  return {
    quantity: typeset.amount(item.quantity),
    name,
    details: [...variant, ...optionTexts(item.options, words, typeset, columns, room), ...last],
    amount: typeset.amount(item.amount),
  };
}

/** As many options as have room, then how many have not. */
function optionTexts(
  options: TicketItem["options"],
  words: Words,
  typeset: Typeset,
  columns: number,
  room: number,
): string[] {
  const texts: string[] = [];
  let lines = 0;
  for (const [index, option] of options.entries()) {
    const text = optionText(option, words, typeset);
    if (text === null) continue;
    lines += linesOf([text], columns);
    if (lines > room) return [...texts, fill(words.more_options, { n: String(options.length - index) })];
    texts.push(text);
  }
  return texts;
}

function optionText(option: TicketItem["options"][number], words: Words, typeset: Typeset): string | null {
  const name = typeset.text(option.name, NAME_COLUMNS_MAX);
  const value = typeset.text(option.value, NAME_COLUMNS_MAX);
  return name === null || value === null ? (name ?? value) : labelled(words, name, value);
}

/** Columns that stand beside an item's texts: the quantity or the indent, and most amounts. */
const BESIDE_COLUMNS = 12;

function linesOf(texts: readonly string[], columns: number): number {
  const room = columns - BESIDE_COLUMNS;
  // Most are short: no letter takes more than two columns a code unit.
  return texts.reduce((sum, text) => sum + (text.length * 2 <= room ? 1 : wrap(text, room).length), 0);
}

function listed(text: string | null): string[] {
  return text === null ? [] : [text];
}
