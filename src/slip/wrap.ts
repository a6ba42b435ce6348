import { thaiWords } from "./segments.ts";
import { cells, isWide, NARROW, printed, textWidth, width, type Cell } from "./width.ts";

/**
 * Breaks a text into lines: at spaces, between wide characters, and inside a word only where the word is longer
 * than a line: then behind its hyphens and slashes, and between any two letters only of what is still too long.
 *
 * @param columns of one line, `CELL_COLUMNS_MAX` or more
 * @param hanging how many columns less the lines after the first have
 * @returns at least one line; no line is too wide, begins or ends with a space
 */
export function wrap(text: string, columns: number, hanging = 0): string[] {
  const whole = text.trim();
  if (textWidth(whole) <= columns) return [printed(whole)];
  const lines: string[] = [];
  let room = columns;
  let line = "";
  let taken = 0;
  const end = (): void => {
    const told = printed(line);
    line = "";
    taken = 0;
    if (told === "") return;
    lines.push(told);
    room = columns - hanging;
  };
  for (const word of NARROW.test(whole) ? narrowWords(whole) : words(whole)) {
    if (line !== "" && taken + word.columns > room) end();
    if (taken + word.columns <= room) {
      line += word.text;
      taken += word.columns + word.spaces;
      continue;
    }
    for (const part of word.text.split(PARTS)) {
      const needed = textWidth(part.trimEnd());
      if (line !== "" && taken + needed > room && needed <= columns - hanging) end();
      for (const cell of cells(part)) {
        if (cell.text !== " " && taken + cell.columns > room) end();
        line += cell.text;
        taken += cell.columns;
      }
    }
  }
  end();
  return lines.length === 0 ? [""] : lines;
}

/** Between the parts of a word that is longer than a line: an order's number, an address of the web. */
const PARTS = /(?<=\S[-/])(?=[\p{L}\p{N}])/u;
/** A line that ends between two parts. */
export const PARTED = /[-/]$/;

/** What no line breaks within, unless it is longer than one. */
interface Word {
  /** With the spaces that follow it. */
  text: string;
  /** Without them. */
  columns: number;
  spaces: number;
}

/** As `words`, for a text of one letter each column: nearly all are such, and cells would take most of a slip's time. */
function narrowWords(text: string): Word[] {
  const found: Word[] = [];
  let start = 0;
  for (let at = 1; at <= text.length; at++) {
    if (at < text.length && !beginsWord(text, at, start)) continue;
    const word = text.slice(start, at);
    const columns = word.trimEnd().length;
    found.push({ text: word, columns, spaces: word.length - columns });
    start = at;
  }
  return found;
}

/** @param start of the word before */
function beginsWord(text: string, at: number, start: number): boolean {
  if (text[at] === " ") return false;
  if (text[at - 1] === " ") return true;
  return text[at - 1] === "-" && at - 2 >= start && /^[A-Za-z]-[A-Za-z]/.test(text.slice(at - 2, at + 1));
}

function words(text: string): Word[] {
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
        ((breaks.has(offset) || isBetweenWide(last, cell)) && isBreakable(last, cell)));
    if (isAllowed) {
      pieces.push(piece);
      piece = [];
    }
    piece.push(cell);
    offset += cell.text.length;
  }
  if (piece.length > 0) pieces.push(piece);
  return pieces.map(wordOf);
}

function wordOf(piece: readonly Cell[]): Word {
  const end = piece.findLastIndex((cell) => cell.text !== " ") + 1;
  return {
    text: piece.map((cell) => cell.text).join(""),
    columns: width(piece.slice(0, end)),
    spaces: piece.length - end,
  };
}

const UNSPACED = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Behind a hyphen between letters; in a telephone number or an id it is part of it. */
function isHyphenated(before: readonly Cell[], after: Cell): boolean {
  if (before.at(-1)?.text !== "-") return false;
  return /\p{L}$/u.test(before.at(-2)?.text ?? "") && /^\p{L}/u.test(after.text);
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
function isBetweenWide(before: Cell, after: Cell): boolean {
  return (isWide(before) || isWide(after)) && !/\p{Script=Hangul}/u.test(before.text + after.text);
}

function isBreakable(before: Cell, after: Cell): boolean {
  return !NEVER_FIRST.test(after.text) && !NEVER_LAST.test(before.text);
}
