import { graphemes } from "./segments.ts";

/**
 * Widths on paper. A thermal printer sets text in cells: Latin letters take one, CJK and full-width forms two,
 * combining marks none. Ranges: Unicode 17, EastAsianWidth W and F. Characters of ambiguous width count one.
 */
const WIDE = new RegExp(
  "[\\u1100-\\u115f\\u231a\\u231b\\u2329\\u232a\\u2e80-\\u303e\\u3041-\\u3247\\u3250-\\u4dbf\\u4e00-\\ua4cf" +
    "\\ua960-\\ua97f\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe10-\\ufe19\\ufe30-\\ufe6f\\uff01-\\uff60\\uffe0-\\uffe6" +
    "\\u{16fe0}-\\u{18dff}\\u{1aff0}-\\u{1b2ff}\\u{1d300}-\\u{1d376}\\u{1f000}-\\u{1faff}\\u{20000}-\\u{3fffd}" +
    "\\p{Emoji_Presentation}]",
  "u",
);
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cc}\p{Cf}]/u;

/** A space at which no line breaks (a date and its time); printed as a space. Never in a stranger's text. */
export const GLUE = "\u00a0";

/** A grapheme wider than this (a chain of Hangul jamo can be endless) is taken apart. */
const CELL_COLUMNS_MAX = 4;

/** What is printed in one place: a letter with its marks. */
export interface Cell {
  text: string;
  columns: number;
}

/** Of one column each, and without marks. */
export const NARROW = /^[\x20-\x7e]*$/;
/**
 * Characters of which each is a grapheme by itself, whatever its neighbours in this set: Latin letters, kana, the
 * common ideographs, Hangul syllables, full-width forms. They need no segmenter, which is many times slower.
 */
const SIMPLE =
  /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u024f\u3001-\u3029\u3041-\u3096\u30a1-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]*$/;
const FIRST_WIDE_OF_SIMPLE = 0x3001;

function columnsOfSimple(char: string): number {
  return char.charCodeAt(0) < FIRST_WIDE_OF_SIMPLE ? 1 : 2;
}

export function cells(text: string): Cell[] {
  if (NARROW.test(text)) return Array.from(text, (char) => ({ text: char, columns: 1 }));
  if (SIMPLE.test(text)) return Array.from(text, (char) => ({ text: char, columns: columnsOfSimple(char) }));
  return graphemes(text).flatMap(({ segment }) => {
    const columns = columnsOf(segment);
    if (columns <= CELL_COLUMNS_MAX) return [{ text: segment, columns }];
    return Array.from(segment, (char) => ({ text: char, columns: columnsOf(char) }));
  });
}

/** @returns how many columns the text takes on paper */
export function textWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  if (!SIMPLE.test(text)) return width(cells(text));
  let columns = 0;
  for (const char of text) columns += columnsOfSimple(char);
  return columns;
}

/**
 * @param end of a text that was cut
 * @returns the text, or as much of it as leaves room for `end` in `columns`
 */
export function cut(text: string, columns: number, end: string): string {
  if (text.length * 2 <= columns || textWidth(text) <= columns) return text;
  let taken = "";
  let width = textWidth(end);
  for (const cell of cells(text)) {
    width += cell.columns;
    if (width > columns) break;
    taken += cell.text;
  }
  // No four dots in a row.
  return taken.replace(/[\s.]+$/, "") + end;
}

function columnsOf(text: string): number {
  let columns = 0;
  for (const char of text) columns += NO_WIDTH.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return columns;
}

/** Whether it is a letter of a wide script; a narrow one is as wide where its vowel stands beside it. */
export function isWide({ text, columns }: Cell): boolean {
  // One character alone has no vowel beside it.
  return columns > 1 && (text.length === 1 || WIDE.test(text));
}

/** @returns how many columns the cells take together */
export function width(line: readonly Cell[]): number {
  return line.reduce((sum, cell) => sum + cell.columns, 0);
}

/** @returns the text with nothing but spaces between words, and none around */
export function printed(text: string): string {
  return text.replaceAll(GLUE, " ").trim();
}
