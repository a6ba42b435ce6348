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

/** One letter for each cell, so that runs are found by a pattern: `R`, `J`, another script, space, bracket, neutral. */
function kindOf({ text }: Cell): string {
  if (text === " ") return "s";
  if (RIGHT_TO_LEFT.test(text)) return "R";
  if (JOINED.test(text)) return "J";
  if (/\p{L}/u.test(text)) return "x";
  if (/[\p{Ps}\p{Pi}]/u.test(text)) return "o";
  return /[\p{Pe}\p{Pf}]/u.test(text) ? "c" : "n";
}

/**
 * A run goes from its first letter to its last, with all between that belongs to no script, and with the bracket
 * before or after it whose other half is inside; digits before or after it stay in their own cells. A run of joined
 * letters goes over single spaces alone: nothing in it changes places.
 */
const RUN = /(?:o[sn]*(?=[Rsn]*c[socn]*R))?R(?:[socn]*R)*(?:(?<=R[socn]*o[Rsn]*)[sn]*c)?|J(?:s?J)*/g;

/** What is drawn in one go, at its column. */
interface Piece extends Cell {
  column: number;
  /** Null: a single letter. */
  run: "rtl" | "ltr" | null;
}

function pieces(text: string): Piece[] {
  const letters = cells(text);
  const kinds = letters.map(kindOf).join("");
  const ends = new Map(Array.from(kinds.matchAll(RUN), ({ index, 0: run }) => [index, index + run.length]));
  const found: Piece[] = [];
  let column = 0;
  for (let from = 0; from < letters.length;) {
    const end = ends.get(from);
    const part = letters.slice(from, end ?? from + 1);
    const columns = part.reduce((sum, cell) => sum + cell.columns, 0);
    const run = end === undefined ? null : kinds.slice(from, end).includes("R") ? "rtl" : "ltr";
    found.push({ text: part.map((cell) => cell.text).join(""), column, columns, run });
    column += columns;
    from += part.length;
  }
  return found;
}

/**
 * Letters on paper: each in its own column, whatever the font makes of its width. Where letters join, or run from
 * right to left, the viewer sets the whole run, as wide as its columns.
 *
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
      // A wide letter is as wide as the font is high, which is a little less than two columns.
      const x = left + (piece.columns === 2 ? COLUMN - FONT_SIZE / 2 : 0);
      single += `<tspan x="${x}">${xml(piece.text)}</tspan>`;
    }
  }
  closeSingle();
  return svg;
}

/** Anchored in its middle: where a text starts depends on its direction, and viewers differ. */
function runElement({ text, columns, run }: Piece, left: number, attributes: string): string {
  const width = columns * COLUMN;
  const direction = run === "rtl" ? ' direction="rtl"' : "";
  return (
    `<text x="${left + width / 2}" text-anchor="middle" textLength="${width}" lengthAdjust="spacingAndGlyphs"` +
    `${direction}${attributes}>${xml(text)}</text>`
  );
}
