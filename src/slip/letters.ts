import { COLUMN, FONT_SIZE } from "./paper.ts";
import { cells, type Cell } from "./width.ts";
import { xml } from "./xml.ts";

/** Scripts written from right to left. Numbers in them, with their percent signs and separators, are not. */
const RIGHT_TO_LEFT =
  /^[[\p{scx=Hebrew}\p{scx=Arabic}\p{scx=Syriac}\p{scx=Thaana}\p{scx=Nko}\p{scx=Adlam}\p{scx=Hanifi_Rohingya}]--[\p{M}\p{N}\p{S}،٪٫٬]]/v;

/**
 * Scripts written from left to right whose letters join, or trade places, across the cells of a printer. Some of
 * their vowels are cells of their own (Myanmar's tall AA). Thai and Lao do neither, but their letters are of such
 * different widths that a proportional font in cells tears words apart.
 */
const JOINED =
  /^[[\p{scx=Devanagari}\p{scx=Bengali}\p{scx=Gurmukhi}\p{scx=Gujarati}\p{scx=Oriya}\p{scx=Tamil}\p{scx=Telugu}\p{scx=Kannada}\p{scx=Malayalam}\p{scx=Sinhala}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}\p{scx=Mongolian}\p{scx=Balinese}\p{scx=Javanese}]--[\p{N}\p{S}]]/v;

/**
 * One letter for each cell, so that runs are found by a pattern: `R`, `J`, the letter `x` that stands behind a
 * quantity, `L` another letter, space, opening bracket, closing one, a mark of those below, neutral.
 */
function kindOf({ text }: Cell): string {
  if (text === " ") return "s";
  if (RIGHT_TO_LEFT.test(text)) return "R";
  if (JOINED.test(text)) return "J";
  if (/\p{L}/u.test(text)) return text === "x" ? "x" : "L";
  if (/[\p{Ps}\p{Pi}]/u.test(text)) return "o";
  if (/[\p{Pe}\p{Pf}]/u.test(text)) return "c";
  return MARKS[text] ?? "n";
}

/** The colon behind a label, and marks that open and close alike. */
const MARKS: Readonly<Record<string, string>> = { ":": "k", '"': "q", "'": "a" };

/** A quotation mark opens behind a space and closes before one; between letters, or behind a number, it is none. */
function kindsOf(letters: readonly Cell[]): string {
  return letters
    .map(kindOf)
    .join("")
    .replace(/(?<![^so])[qa](?=[^s])/g, (mark) => (mark === "q" ? "u" : "y"))
    .replace(/(?<=[^s])[qa](?![RLxJ])/g, (mark) => (mark === "q" ? "v" : "z"));
}

/** Kinds that open and close. */
const PAIRS = [/[oc]/g, /[uv]/g, /[yz]/g];
const OPENING = "ouy";

/** Cells, the last not included. */
interface Range {
  from: number;
  to: number;
}

/** A run of joined letters goes over single spaces alone: nothing in it changes places. */
const JOINED_RUN = /J(?:s?J)*/g;

/** What stands between two letters written from the left, or the ends of the text. */
const STRETCH = /[^LxJ]*R[^LxJ]*/g;

/**
 * A run from right to left goes from its first letter to its last, with all between that belongs to no script. What
 * ends the text behind it, or begins the text before it, is the run's as well: a house number, a comma, a dash stand
 * where one who reads from the right looks for them. A bracket, or a quotation mark, goes with its other half.
 */
function rightToLeft(
  kinds: string,
  { from: start, to: end }: Range,
  mates: ReadonlyMap<number, number>,
): Range {
  let from = kinds.indexOf("R", start);
  let to = kinds.lastIndexOf("R", end - 1) + 1;
  const isWithin = (at: number | undefined, left: number, right: number): boolean =>
    at !== undefined && at >= left && at < right;
  // The other half is beyond a letter from the left: this one stays outside with it.
  const isTorn = (at: number): boolean => mates.has(at) && !isWithin(mates.get(at), start, end);
  const first = textStart(kinds, start, from);
  const last = end === kinds.length ? end : to;
  for (let at = from - 1; at >= first && !isTorn(at); at--) if (kinds[at] !== "s") from = at;
  for (let at = to; at < last && !isTorn(at); at++) if (kinds[at] !== "s") to = at + 1;
  for (let at = from - 1; at >= start; at--) if (isWithin(mates.get(at), from, to)) from = at;
  for (let at = to; at < end; at++) if (isWithin(mates.get(at), from, to)) to = at + 1;
  return { from, to };
}

/** @returns where the text begins behind a quantity or a label; `letter` where it has begun before `start` */
function textStart(kinds: string, start: number, letter: number): number {
  if (start === 0 || /^[^RLxJ]*sx$/.test(kinds.slice(0, start))) return start;
  const label = kinds.lastIndexOf("ks", letter);
  return label < start ? letter : label + 2;
}

/** Each bracket or quotation mark that has another half → where that is. */
function bracketMates(kinds: string): Map<number, number> {
  const mates = new Map<number, number>();
  for (const pair of PAIRS) {
    const open: number[] = [];
    for (const { 0: bracket, index } of kinds.matchAll(pair)) {
      const mate = OPENING.includes(bracket) ? void open.push(index) : open.pop();
      if (mate !== undefined) mates.set(mate, index).set(index, mate);
    }
  }
  return mates;
}

/**
 * A letter with a mark above a mark (Vietnamese), or with one of its own: fonts of one width lack most of these, and
 * set the mark beside the letter. Proportional ones have them.
 */
const STACKED = /^(?:[\u1e00-\u1eff]|\p{L}\p{M})/u;
const PROPORTIONAL = ' font-family="sans-serif"';

/** Whether a letter of another font has to be set as narrow as a cell, like the letters beside it. */
function isTooWide(text: string): boolean {
  return STACKED.test(text) && /^[A-HJ-Zmw]/.test(text.normalize("NFD"));
}

/** What is drawn in one go, at its column. */
interface Piece extends Cell {
  column: number;
  /** Null: a letter that its cell holds. */
  run: "rtl" | "ltr" | null;
}

function pieces(text: string): Piece[] {
  const letters = cells(text);
  const kinds = kindsOf(letters);
  const found: Piece[] = [];
  let column = 0;
  const add = (from: number, to: number, run: Piece["run"]): void => {
    const part = letters.slice(from, to);
    const columns = part.reduce((sum, cell) => sum + cell.columns, 0);
    found.push({ text: part.map((cell) => cell.text).join(""), column, columns, run });
    column += columns;
  };
  let next = 0;
  const addSingles = (to: number): void => {
    for (; next < to; next++) add(next, next + 1, isTooWide(letters[next]?.text ?? "") ? "ltr" : null);
  };
  for (const { from, to, run } of runsOf(kinds)) {
    addSingles(from);
    add(from, to, run);
    next = to;
  }
  addSingles(letters.length);
  return found;
}

function runsOf(kinds: string): (Range & { run: "rtl" | "ltr" })[] {
  const matches = (pattern: RegExp): Range[] =>
    Array.from(kinds.matchAll(pattern), ({ index, 0: match }) => ({ from: index, to: index + match.length }));
  const mates = bracketMates(kinds);
  return [
    ...matches(JOINED_RUN).map((range) => ({ ...range, run: "ltr" as const })),
    ...matches(STRETCH).map((range) => ({ ...rightToLeft(kinds, range, mates), run: "rtl" as const })),
  ].sort((one, other) => one.from - other.from);
}

/**
 * Letters on paper: each in its own column, whatever the font makes of its width. Where letters join, or run from
 * right to left, the viewer sets the whole run, as wide as its columns.
 *
 * @param text of one line and column: an amount beside it is another
 * @param column of the first letter
 * @param attributes of the text as XML, each after a space
 * @returns SVG; empty where there is nothing but space
 */
export function lettersSvg(text: string, column: number, attributes: string): string {
  let svg = "";
  let single = "";
  const closeSingle = (): void => {
    if (single !== "") svg += `<text${attributes}>${single}</text>`;
    single = "";
  };
  for (const piece of pieces(text)) {
    const left = (column + piece.column) * COLUMN;
    if (piece.run !== null) {
      closeSingle();
      svg += runElement(piece, left, attributes);
    } else if (piece.text !== " ") {
      single += cellElement(piece, left);
    }
  }
  closeSingle();
  return svg;
}

function cellElement({ text, columns }: Piece, left: number): string {
  if (columns === 1 && STACKED.test(text)) {
    return `<tspan x="${left + COLUMN / 2}" text-anchor="middle"${PROPORTIONAL}>${xml(text)}</tspan>`;
  }
  // A wide letter is as wide as the font is high, which is a little less than two columns.
  const x = left + (columns === 2 ? COLUMN - FONT_SIZE / 2 : 0);
  return `<tspan x="${x}">${xml(text)}</tspan>`;
}

/**
 * Anchored in its middle: where a text starts depends on its direction, and viewers differ. In letters of one width
 * Arabic has gaps inside its words.
 */
function runElement({ text, columns, run }: Piece, left: number, attributes: string): string {
  const width = columns * COLUMN;
  const direction = run === "rtl" ? ' direction="rtl"' : "";
  return (
    `<text x="${left + width / 2}" text-anchor="middle" textLength="${width}" lengthAdjust="spacingAndGlyphs"` +
    `${direction}${PROPORTIONAL}${attributes}>${run === "rtl" ? withPhones(text) : xml(text)}</text>`
  );
}

/** A telephone number: groups of digits, which in a text from the right would stand last group first. */
const PHONE = /(\+?\p{Nd}(?:[ -]?\p{Nd}){6,})/u;

/** @returns XML in which a telephone number is read from the left */
function withPhones(text: string): string {
  // Every second part is what the pattern found.
  return text
    .split(PHONE)
    .map((part, index) =>
      index % 2 === 0 ? xml(part) : `<tspan direction="ltr" unicode-bidi="embed">${xml(part)}</tspan>`,
    )
    .join("");
}
