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

const NARROW = /^[\x20-\x7e]*$/;
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

// Made when the first text needs them: their dictionaries take a while to load.
const graphemes = lazily(() => new Intl.Segmenter("en", { granularity: "grapheme" }));
const thaiWords = lazily(() => new Intl.Segmenter("th", { granularity: "word" }));

function lazily(make: () => Intl.Segmenter): (text: string) => Intl.SegmentData[] {
  let made: Intl.Segmenter | null = null;
  return (text) => Array.from((made ??= make()).segment(text));
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

/**
 * Breaks a text into lines: at spaces, between wide characters, and inside a word only where the word is longer
 * than a line.
 *
 * @param columns of one line, `CELL_COLUMNS_MAX` or more
 * @param hanging how many columns less the lines after the first have
 * @returns at least one line; no line is too wide, begins or ends with a space
 */
export function wrap(text: string, columns: number, hanging = 0): string[] {
  const whole = text.trim();
  if (textWidth(whole) <= columns) return [printed(whole)];
  const lines: string[] = [];
  const room = (): number => (lines.some((one) => one !== "") ? columns - hanging : columns);
  let line: Cell[] = [];
  for (const word of words(whole)) {
    if (width(line) + width(trimmed(word)) <= room()) {
      line.push(...word);
      continue;
    }
    if (line.length > 0) lines.push(join(line));
    line = [];
    for (const cell of word) {
      if (cell.text !== " " && width(line) + cell.columns > room()) {
        lines.push(join(line));
        line = [];
      }
      line.push(cell);
    }
  }
  if (line.length > 0) lines.push(join(line));
  const filled = lines.filter((candidate) => candidate !== "");
  return filled.length === 0 ? [""] : filled;
}

/** Unbreakable pieces, each with the space that follows it. */
function words(text: string): Cell[][] {
  const breaks = wordStarts(text);
  const pieces: Cell[][] = [];
  let piece: Cell[] = [];
  let offset = 0;
  for (const cell of cells(text)) {
    const last = piece.at(-1);
    const isAllowed =
      last !== undefined &&
      cell.text !== " " &&
      (last.text === " " ||
        isHyphenated(piece, cell) ||
        ((breaks.has(offset) || isWide(last, cell)) && isBreakable(last, cell)));
    if (isAllowed) {
      pieces.push(piece);
      piece = [];
    }
    piece.push(cell);
    offset += cell.text.length;
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces;
}

const UNSPACED = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Behind a hyphen between letters; in a telephone number or an id it is part of it. */
function isHyphenated(before: readonly Cell[], after: Cell): boolean {
  return (
    /\p{L}-$/u.test((before.at(-2)?.text ?? "") + (before.at(-1)?.text ?? "")) && /^\p{L}/u.test(after.text)
  );
}

/** Where words begin in scripts that write no spaces between them: by dictionary. */
function wordStarts(text: string): Set<number> {
  if (!UNSPACED.test(text)) return new Set();
  const segments = thaiWords(text).filter(
    ({ isWordLike, segment }) => isWordLike === true && UNSPACED.test(segment),
  );
  return new Set(segments.map(({ index }) => index));
}

/** What no line begins with: closing punctuation, and kana that belong to the one before them. */
const NEVER_FIRST =
  /^[\p{Pe}\p{Pf},.:;!?%、。，．：；！？％・ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ]/u;

/** What no line ends with: opening brackets, and a sign that belongs to the number behind it. */
const NEVER_LAST = /[\p{Ps}\p{Pi}#＃﹟]$/u;

/** Between wide characters a line may break; Korean, though wide, breaks at its spaces. */
function isWide(before: Cell, after: Cell): boolean {
  return (
    (before.columns === 2 || after.columns === 2) && !/\p{Script=Hangul}/u.test(before.text + after.text)
  );
}

function isBreakable(before: Cell, after: Cell): boolean {
  return !NEVER_FIRST.test(after.text) && !NEVER_LAST.test(before.text);
}

function trimmed(word: Cell[]): Cell[] {
  const end = word.findLastIndex((cell) => cell.text !== " ");
  return word.slice(0, end + 1);
}

function width(line: readonly Cell[]): number {
  return line.reduce((sum, cell) => sum + cell.columns, 0);
}

function join(line: readonly Cell[]): string {
  return printed(line.map((cell) => cell.text).join(""));
}

/** @returns the text with nothing but spaces between words, and none around */
export function printed(text: string): string {
  return text.replaceAll(GLUE, " ").trim();
}
