import { columnsByTable } from "../slip/east-asian-width.ts";
import { bannerFields, bodyFields, markFields } from "./read-fields.ts";
import { itemField, scan } from "./read-scan.ts";
import { nothingRead, type SlipRead } from "./read-slip.ts";
import { literal, type Vocabulary } from "./read-words.ts";

/** A slip as its rows, whatever they were marked up with. */
export interface PaperRead {
  banner: string[];
  marks: string[];
  /** Between the rules. */
  sections: string[][];
}

/**
 * @param columns of the paper: amounts end there
 * @param plain what the vendor's replacement characters stand for
 */
export function readPaper(
  paper: PaperRead,
  vocabulary: Vocabulary,
  columns: number,
  plain = (text: string) => text,
): SlipRead {
  const slip = nothingRead();
  const said = new Set<string>();
  scan(slip, plain(joined(paper.banner)), bannerFields(vocabulary), said);
  scan(slip, plain(joined(paper.marks)), markFields(vocabulary), said);
  const fields = [...bodyFields(vocabulary), itemField(vocabulary)];
  for (const [index, rows] of paper.sections.entries()) {
    const isInner = index > 0 && index < paper.sections.length - 1;
    const told = isInner
      ? rows.map((row, at) => amountFirst(row, rows[at - 1] ?? "", vocabulary, columns))
      : rows.filter((row) => !isRuler(row, columns));
    scan(slip, plain(joined(told)), fields, said);
  }
  if (slip.order_id === "") slip.order_id = slip.order;
  return slip;
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
