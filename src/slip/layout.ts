import type { MarkContent, SlipContent } from "./content.ts";
import { bigDigits } from "./digits.ts";
import { printed, textWidth } from "./width.ts";
import { PARTED, wrap } from "./wrap.ts";

/** Huge letters take four columns, large ones three, big ones two; tall ones are as wide as any, and twice as high. */
export type BannerSize = "huge" | "large" | "big" | "tall";

export interface BannerRow {
  text: string;
  size: BannerSize;
}

/** One line of paper. Texts fit: no line is wider than the columns it was laid out for. */
export type Line =
  | { kind: "rule" }
  /** A rule with words in it, to be seen on half a slip. */
  | { kind: "heading"; text: string; size: BannerSize }
  /** The framed box at the top: each row fits between the frame's two columns; `plain`: in letters of one size. */
  | { kind: "banner"; rows: BannerRow[]; plain: string[] }
  /** A warning across the whole width. */
  | { kind: "mark"; text: string; size: BannerSize | "small" }
  /** `right` stands in the column of amounts. */
  | { kind: "row"; left: string; right: string | null; strong: boolean };

export interface Layout {
  lines: Line[];
  columns: number;
  /** Width of the column of amounts; 0 when there is none. */
  amountColumns: number;
}

/** The frame of the banner, at both sides. */
export const FRAME_COLUMNS = 2;
/** The `!!` at both ends of a mark. */
export const MARK_ENDS_COLUMNS = 4;
/** With a space between. */
const MARK_COLUMNS = MARK_ENDS_COLUMNS + 2;

/** A dash and a space at both ends. */
const HEADING_COLUMNS = 4;

const QUANTITY_COLUMNS_MAX = 8;
const DETAIL_INDENT = "    ";
const HANGING = "  ";

/** @param columns of the paper, 20 or more */
export function layOut(content: SlipContent, columns: number): Layout {
  const amountColumns = amountWidth(content, columns);
  const leftColumns = amountColumns === 0 ? columns : columns - amountColumns - 1;

  const row = (text: string | null, strong = false): Line[] =>
    text === null ? [] : hanging(text, columns).map((left) => lineOf(left, strong));

  const priced = (lead: string, text: string, amount: string | null, strong: boolean): Line[] => {
    const hasColumn = amount !== null && textWidth(amount) <= amountColumns;
    const indent = " ".repeat(textWidth(lead));
    const room = (hasColumn ? leftColumns : columns) - indent.length;
    // The amount stands beside the first line alone.
    const lines: Line[] = wrap(text, room, room + indent.length - columns).map((part, index) => ({
      kind: "row",
      left: (index === 0 ? lead : indent) + part,
      right: hasColumn && index === 0 ? printed(amount) : null,
      strong,
    }));
    // One that is too wide for the column has a line of its own, and ends where the others end.
    return hasColumn || amount === null ? lines : [...lines, ...ended(amount, columns, strong)];
  };

  const items = content.items.flatMap((item): Line[] => {
    const lead = `${printed(item.quantity ?? "?")} x `;
    const isShort = textWidth(lead) <= QUANTITY_COLUMNS_MAX;
    const name = isShort ? item.name : `${lead}${item.name}`;
    const indent = isShort ? " ".repeat(textWidth(lead)) : DETAIL_INDENT;
    const under = (text: string | null, strong: boolean) =>
      text === null ? [] : priced(indent, text, null, strong);
    return [
      ...priced(isShort ? lead : "", name, item.amount, true),
      ...item.details.flatMap((detail) => under(detail, false)),
      ...under(item.note, true),
      ...under(item.sku, false),
    ];
  });
  const amounts = content.amounts.flatMap(({ name, label, amount }) =>
    priced("", label, name === "discount" ? deducted(amount) : amount, name === "total"),
  );

  const itemRows = [...items, ...row(content.more_items, true)];
  const sections: Line[][] = [
    [
      // Several stores may have the same number, and one kitchen.
      ...row(content.store, true),
      ...row(content.cancelled, true),
      ...row(content.reason, true),
      ...row(content.ordered),
      ...row(content.ruler),
      ...content.bare.flatMap((text) => row(text, true)),
    ],
    itemRows,
    [...content.notes.flatMap((note) => row(note)), ...row(content.handover)],
    [...row(content.payment, true), ...row(content.refund, true), ...amounts, ...row(content.currency)],
    buyerLines(content.buyer_texts, columns).map((left) => lineOf(left, false)),
    [...[content.order_id, content.problems, content.sent, content.slip], content.foot_marks].flatMap(
      (text) => row(text),
    ),
  ];
  const body = sections
    .filter((section) => section.length > 0)
    .flatMap((section, index): Line[] => {
      if (section === itemRows) return [...headings(content.command, columns), ...section];
      return index === 0 ? section : [{ kind: "rule" }, ...section];
    });
  const top = [banner(content, columns), ...marks(content.marks, columns)];
  return { lines: [...top, ...body, ...endMarks(content, columns)], columns, amountColumns };
}

function banner(content: SlipContent, columns: number): Line {
  const inner = columns - FRAME_COLUMNS;
  const tests = content.test === null ? [] : [content.test.word, ...content.test.details];
  const test = tests.join(": ");
  const heads = [...(textWidth(test) <= inner - 2 ? [test] : tests), content.headline].filter(
    (text) => text !== "",
  );
  const plain = (text: string): string[] => wrap(text, inner - 2);
  return {
    kind: "banner",
    rows: [
      ...heads.flatMap((text) => bannerRows(text, inner)),
      ...orderRows(content.order, columns),
      ...bannerRows(content.command, inner),
    ],
    plain: [
      ...heads.flatMap(plain),
      ...orderTexts(content.order, columns),
      ...bigDigits(content.order, inner - 1),
      ...plain(content.command),
    ],
  };
}

/** As large as there is room for; a long id in two rows. */
function orderRows(order: string, columns: number): BannerRow[] {
  const inner = columns - FRAME_COLUMNS;
  if (textWidth(order) * 4 <= inner) return [{ text: order, size: "huge" }];
  if (textWidth(order) * 3 <= inner) return [{ text: order, size: "large" }];
  const big = bigOrder(order, columns);
  if (big !== null) return big.map((text) => ({ text, size: "big" }));
  return orderTexts(order, columns).map((text) => ({ text, size: "tall" }));
}

/** @returns at most two rows of big letters; null where it takes more */
function bigOrder(order: string, columns: number): string[] | null {
  const big = wrap(order, Math.floor((columns - FRAME_COLUMNS) / 2));
  // A long number in two halves, rather than two digits under fifteen; not where its own signs part it.
  const isCut = big.join("") === order && !big.slice(0, -1).every((row) => PARTED.test(row));
  const halves = isCut ? wrap(order, Math.ceil(textWidth(order) / big.length)) : big;
  const rows = halves.length <= 2 ? halves : big;
  return rows.length <= 2 ? rows : null;
}

/** In letters of one column. Head and foot part it alike, so that one look finds the same number at both. */
function orderTexts(order: string, columns: number): string[] {
  const room = columns - MARK_COLUMNS;
  if (textWidth(order) <= room) return [order];
  return bigOrder(order, columns) ?? wrap(order, room);
}

/** Big, in two rows if need be, where no word has to be broken; else tall. */
function bannerRows(text: string, inner: number): BannerRow[] {
  const big = wrap(text, Math.floor(inner / 2));
  if (big.length <= 2 && big.join(" ") === text) return big.map((part) => ({ text: part, size: "big" }));
  return wrap(text, inner - 2).map((part) => ({ text: part, size: "tall" }));
}

function marks(shown: readonly Pick<MarkContent, "word" | "details">[], columns: number): Line[] {
  const room = columns - MARK_COLUMNS;
  return shown.flatMap(({ word, details }) => [
    ...wrap(word, room).map((text): Line => ({ kind: "mark", text, size: barSize(text, columns) })),
    ...details
      .flatMap((detail) => wrap(detail, room))
      .map((text): Line => ({ kind: "mark", text, size: "small" })),
  ]);
}

/** The order once more. Of a number in several rows none is larger than another. */
function endMarks({ end, headline, order }: SlipContent, columns: number): Line[] {
  if (textWidth(end) <= columns - MARK_COLUMNS) return marks([{ word: end, details: [] }], columns);
  const rows = orderTexts(order, columns);
  const size = rows.every((row) => barSize(row, columns) === "big") ? "big" : "tall";
  return [
    ...marks([{ word: headline, details: [] }], columns),
    ...rows.map((text): Line => ({ kind: "mark", text, size })),
  ];
}

function headings(words: string, columns: number): Line[] {
  return wrap(words, columns - HEADING_COLUMNS).map((text) => {
    return { kind: "heading", text, size: barSize(text, columns) };
  });
}

/** White on black, as large as it fits with a column at both ends. */
function barSize(text: string, columns: number): "big" | "tall" {
  return textWidth(text) * 2 <= columns - 2 ? "big" : "tall";
}

/** The widest amount, so that all end in one column; one that would take half the paper gets its own line. */
function amountWidth(content: SlipContent, columns: number): number {
  const amounts = [
    ...content.items.map((item) => item.amount),
    ...content.amounts.map(({ name, amount }) => (name === "discount" ? deducted(amount) : amount)),
  ];
  const widths = amounts.map((amount) => (amount === null ? 0 : textWidth(amount)));
  return Math.max(0, ...widths.filter((width) => width <= columns / 2));
}

function deducted(amount: string): string {
  return amount.startsWith("-") ? amount : `-${amount}`;
}

/** All but the first line indented. */
function buyerLines([first, ...others]: readonly string[], columns: number): string[] {
  if (first === undefined) return [];
  const under = others.flatMap((text) => wrap(text, columns - HANGING.length));
  return [...hanging(first, columns), ...under.map((text) => HANGING + text)];
}

/** A text's lines: where it goes on, it is indented, so that a stranger's words never begin a line of the slip. */
function hanging(text: string, columns: number): string[] {
  const lines = wrap(text, columns, HANGING.length);
  return lines.map((line, index) => (index === 0 ? line : HANGING + line));
}

/** At the right edge, as far as there is room. */
function ended(text: string, columns: number, strong: boolean): Line[] {
  const room = " ".repeat(Math.max(0, columns - textWidth(text)));
  return hanging(text, columns).map((line, index) => lineOf(index === 0 ? room + line : line, strong));
}

function lineOf(left: string, strong: boolean): Line {
  return { kind: "row", left, right: null, strong };
}

/** @returns the text in the middle of `columns`, padded on both sides; the odd space comes last */
export function centred(text: string, columns: number): string {
  const room = Math.max(0, columns - textWidth(text));
  const before = Math.floor(room / 2);
  return " ".repeat(before) + text + " ".repeat(room - before);
}
