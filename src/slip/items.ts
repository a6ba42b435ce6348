import type { Ticket } from "../core/ticket.ts";
import type { Hide } from "./buyer.ts";
import { ID_COLUMNS_MAX, NAME_COLUMNS_MAX, TEXT_COLUMNS_MAX, type Typeset } from "./typeset.ts";
import { textWidth } from "./width.ts";
import { wrap } from "./wrap.ts";
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

/** With what every item is set. */
interface Means {
  words: Words;
  typeset: Typeset;
  /** For the note, and for what is written beside a choice. */
  hide: Hide;
  /** Of the paper. */
  columns: number;
}

/** @param order under what name to look up the items that do not fit */
export function itemsContent(
  items: readonly TicketItem[],
  order: string,
  means: Means,
): { items: ItemContent[]; more_items: string | null } {
  // Where not all fits, a cook is better served by the names of more dishes than by the codes of a few.
  const { contents, skuLines } = fitting(items, means);
  const isWhole = contents.length === items.length && (items.length === 1 || skuLines <= ITEMS_LINES_MAX);
  const shown = isWhole ? contents : contents.map((content) => ({ ...content, sku: null }));
  const more = items.length - shown.length;
  return {
    items: shown,
    more_items: more === 0 ? null : fill(means.words.more_items, { n: String(more), order }),
  };
}

/**
 * As many as have room without their codes, the first whatever its length. Nothing is set of those behind: a stranger
 * sends as many as he likes.
 *
 * @returns with how many lines they take, codes and all
 */
function fitting(items: readonly TicketItem[], means: Means): { contents: ItemContent[]; skuLines: number } {
  const contents: ItemContent[] = [];
  let lines = 0;
  let skuLines = 0;
  for (const item of items) {
    const content = itemContent(item, means);
    const own = ownLines(content, means.columns);
    lines += own;
    if (lines > ITEMS_LINES_MAX && contents.length > 0) break;
    skuLines += own + (content.sku === null ? 0 : linesOf([content.sku], means.columns));
    contents.push(content);
  }
  return { contents, skuLines };
}

/** Without its code. */
function ownLines(content: ItemContent, columns: number): number {
  const texts = [nameOf(content), ...detailsOf({ ...content, sku: null })];
  return linesOf(texts, columns) + amountLines(content, columns);
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

function itemContent(item: TicketItem, means: Means): ItemContent {
  const { words, typeset, hide, columns } = means;
  const said = typeset.text(hide(item.note), TEXT_COLUMNS_MAX);
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
    details: [...details, ...optionTexts(item.options, means, room)],
    note,
    sku,
    amount: typeset.amount(item.amount),
  };
}

/** As many options as have room, then how many have not. */
function optionTexts(options: TicketItem["options"], means: Means, room: number): string[] {
  const texts: string[] = [];
  let lines = 0;
  for (const [index, option] of options.entries()) {
    const text = optionText(option, means);
    if (text === null) continue;
    lines += linesOf([text], means.columns);
    if (lines > room)
      return [...texts, fill(means.words.more_options, { n: String(options.length - index) })];
    texts.push(text);
  }
  return texts;
}

function optionText({ name, value }: TicketItem["options"][number], means: Means): string | null {
  const { words, typeset, hide } = means;
  const said = typeset.text(name, NAME_COLUMNS_MAX);
  const isTyped = name !== null;
  // Hiding costs the most, and buyers can send hundreds of values of which nothing prints.
  const told = typeset.text(value, TEXT_COLUMNS_MAX);
  const shown = told !== null && isTyped ? typeset.text(hide(value), TEXT_COLUMNS_MAX) : told;
  return said === null || shown === null ? (said ?? shown) : labelled(words, said, shown);
}

/** Columns that stand beside an item's texts: the quantity or the indent, and most amounts. */
const BESIDE_COLUMNS = 12;

function linesOf(texts: readonly string[], columns: number): number {
  const room = columns - BESIDE_COLUMNS;
  // Most are short: no letter takes more than two columns a code unit.
  return texts.reduce((sum, text) => sum + (text.length * 2 <= room ? 1 : wrap(text, room).length), 0);
}
