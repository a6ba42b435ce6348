import type { Ticket } from "../core/ticket.ts";
import { ID_COLUMNS_MAX, NAME_COLUMNS_MAX, TEXT_COLUMNS_MAX, type Typeset } from "./typeset.ts";
import { textWidth, wrap } from "./width.ts";
import { fill, labelled, type Words } from "./words/words.ts";

/** Lines of paper that all items take together; what is beyond is counted. */
const ITEMS_LINES_MAX = 60;
/** Lines of one item, after which its options are counted: buyers write them, and paper must not flood. */
const ITEM_LINES_MAX = 30;

export interface ItemContent {
  /** Null: the store did not say. */
  quantity: string | null;
  name: string;
  /** Variant and options, one printable line each. */
  details: string[];
  note: string | null;
  sku: string | null;
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
  const contents = items.slice(0, ITEMS_LINES_MAX).map((item) => itemContent(item, words, typeset, columns));
  const whole = fitting(contents, columns);
  // Where not all fits, a cook is better served by the names of more dishes than by the codes of a few.
  const shown =
    whole.length === items.length
      ? whole
      : fitting(
          contents.map((content) => ({ ...content, sku: null })),
          columns,
        );
  const more = items.length - shown.length;
  return {
    items: shown,
    more_items: more === 0 ? null : fill(words.more_items, { n: String(more), order }),
  };
}

/** As many as have room, the first whatever its length. */
function fitting(contents: readonly ItemContent[], columns: number): ItemContent[] {
  let lines = 0;
  const end = contents.findIndex((content, index) => {
    lines += linesOf([nameOf(content), ...detailsOf(content)], columns) + amountLines(content, columns);
    return lines > ITEMS_LINES_MAX && index > 0;
  });
  return end === -1 ? [...contents] : contents.slice(0, end);
}

/** With its quantity where that is too long to stand beside it. */
function nameOf({ quantity, name }: ItemContent): string {
  return quantity !== null && textWidth(quantity) > BESIDE_COLUMNS / 2 ? `${quantity} x ${name}` : name;
}

/** Of an amount that is too wide to stand beside the name. */
function amountLines({ amount }: ItemContent, columns: number): number {
  const width = amount === null ? 0 : textWidth(amount);
  return width * 2 > columns ? Math.ceil(width / (columns - BESIDE_COLUMNS)) : 0;
}

/** All that stands under an item's name. */
export function detailsOf({ details, note, sku }: ItemContent): string[] {
  return [...details, note, sku].filter((detail) => detail !== null);
}

function itemContent(item: TicketItem, words: Words, typeset: Typeset, columns: number): ItemContent {
  const said = typeset.text(item.note, TEXT_COLUMNS_MAX);
  const note = said === null ? null : labelled(words, words.item_note, said);
  const code = typeset.text(item.sku, ID_COLUMNS_MAX);
  const sku = code === null ? null : `SKU ${code}`;
  const name = typeset.text(item.name, NAME_COLUMNS_MAX) ?? words.unnamed;
  const variant = typeset.text(item.variant, NAME_COLUMNS_MAX);
  const details = variant === null ? [] : [variant];
  const room = ITEM_LINES_MAX - linesOf([name, ...details, note ?? "", sku ?? ""], columns);
  return {
    quantity: typeset.amount(item.quantity),
    name,
    details: [...details, ...optionTexts(item.options, words, typeset, columns, room)],
    note,
    sku,
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
  const value = typeset.text(option.value, TEXT_COLUMNS_MAX);
  return name === null || value === null ? (name ?? value) : labelled(words, name, value);
}

/** Columns that stand beside an item's texts: the quantity or the indent, and most amounts. */
const BESIDE_COLUMNS = 12;

function linesOf(texts: readonly string[], columns: number): number {
  const room = columns - BESIDE_COLUMNS;
  // Most are short: no letter takes more than two columns a code unit.
  return texts.reduce((sum, text) => sum + (text.length * 2 <= room ? 1 : wrap(text, room).length), 0);
}
