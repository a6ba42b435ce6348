import { columnsByTable } from "../slip/east-asian-width.ts";
import { bannerFields, bodyFields, markFields } from "./read-fields.ts";
import { itemField, scan } from "./read-scan.ts";
import { nothingRead, type SlipRead } from "./read-slip.ts";
import { literal, ORDER, type Vocabulary } from "./read-words.ts";

/** A line under the banner, whatever it was marked up with; a rule's text is empty where it says nothing. */
export interface PaperLine {
  kind: "mark" | "rule" | "row";
  text: string;
}

/** A slip's rows, by where they stand. */
interface PaperRead {
  marks: string[];
  /** Between the rules; with what the rule above says. */
  sections: { caption: string; rows: string[] }[];
  /** The marks at the very end. */
  end: string[];
}

function paperOf(lines: readonly PaperLine[]): PaperRead {
  const isMark = ({ kind }: PaperLine) => kind === "mark";
  const first = lines.findIndex((line) => !isMark(line));
  const afterLast = lines.findLastIndex((line) => !isMark(line)) + 1;
  const sections = [{ caption: "", rows: [] as string[] }];
  for (const { kind, text } of lines.slice(first, afterLast)) {
    if (kind === "mark") throw new Error(`a mark among the rows: ${text}`);
    if (kind === "rule") sections.push({ caption: text, rows: [] });
    else sections.at(-1)!.rows.push(text);
  }
  const texts = (some: readonly PaperLine[]) => some.map(({ text }) => text);
  return { marks: texts(lines.slice(0, first)), sections, end: texts(lines.slice(afterLast)) };
}

/**
 * @param columns of the paper: amounts end there
 * @param plain what the vendor's replacement characters stand for
 */
export function readPaper(
  banner: readonly string[],
  lines: readonly PaperLine[],
  vocabulary: Vocabulary,
  columns: number,
  plain = (text: string) => text,
): SlipRead {
  const slip = nothingRead();
  const said = new Set<string>();
  const paper = paperOf(lines);
  scan(slip, plain(joined(banner)), bannerFields(vocabulary), said);
  scan(slip, plain(joined(paper.marks)), markFields(vocabulary), said);
  const fields = [...bodyFields(vocabulary), itemField(vocabulary)];
  for (const [index, { caption, rows }] of paper.sections.entries()) {
    const itemsBefore = slip.items.length;
    const isInner = index > 0 && index < paper.sections.length - 1;
    const told = isInner
      ? rows.map((row, at) => amountFirst(row, rows[at - 1] ?? "", vocabulary, columns))
      : rows.filter((row) => !isRuler(row, columns));
    scan(slip, plain(joined(told)), fields, said);
    expectCaption(caption, slip.items.length > itemsBefore, vocabulary);
  }
  expectEnd(plain(joined(paper.end)), slip.order, vocabulary);
  if (slip.order_id === "") slip.order_id = slip.order;
  return slip;
}

/** The rule before the items, and no other, says what not to do with them: half a slip may be all that is seen. */
function expectCaption(caption: string, hasItems: boolean, { words }: Vocabulary): void {
  const expected = hasItems ? literal(words.do_not_make) : "";
  if (!new RegExp(`^${expected}$`).test(caption)) throw new Error(`a rule says «${caption}»`);
}

/** The last lines say once more what happened, and to which order. */
function expectEnd(end: string, order: string, { words }: Vocabulary): void {
  const said = new RegExp(`^${literal(words.order_cancelled)}\\s*(${ORDER})$`).exec(end)?.[1];
  if (said !== order) throw new Error(`order ${order} ends with «${end}»`);
}

/** Rows of one text: a line breaks at a space, or between characters that are written without spaces. */
function joined(rows: readonly string[]): string {
  return rows
    .map((row) => row.trim())
    .filter((row) => row !== "")
    .reduce((text, row) => {
      const last = Array.from(text).at(-1) ?? "";
      const first = Array.from(row)[0] ?? "";
      return text === "" || isSpaceless(last) || isSpaceless(first) ? text + row : `${text} ${row}`;
    }, "");
}

function isSpaceless(char: string): boolean {
  if (/\p{Script=Hangul}/u.test(char)) return false;
  return columnsByTable(char) === 2 || /\p{Script=Thai}/u.test(char);
}

/** A measure of the paper on a printer's own test slip; it says nothing of an order. */
function isRuler(row: string, columns: number): boolean {
  return row.length === columns && /^----5(?:---?\d\d?)+-*$/.test(row);
}

/** The one sentence in which an amount may stand at the paper's edge by chance. */
function isRefund(row: string, words: Vocabulary["words"]): boolean {
  const [label = ""] = words.refund_of.split("{");
  return new RegExp(`^(?:${literal(words.refund)}|${literal(label)})\\s*-?\\d`).test(row);
}

/**
 * `2 x Qwz  16.00` is `⟦16.00⟧ 2 x Qwz`, for the name goes on in the next row; an amount that is too wide for its
 * column has the row under the name, `⟪16.00⟫`.
 */
function amountFirst(row: string, before: string, vocabulary: Vocabulary, columns: number): string {
  const { amount, words } = vocabulary;
  if (new RegExp(`^${amount}$`).test(row.trim())) {
    return before.endsWith("﹟") || isRefund(before, words) ? row : `⟪${row.trim()}⟫`;
  }
  if (columnsByTable(row) !== columns || isRefund(row, words)) return row;
  const found = new RegExp(`^(\\s*(?:[\\d.,\\s?]+ x )?\\D*?)\\s+(${amount})$`).exec(row);
  return found === null ? row : `⟦${found[2] ?? ""}⟧ ${found[1] ?? ""}`;
}
