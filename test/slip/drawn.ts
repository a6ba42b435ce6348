import { expect } from "vitest";
import { renderSvg } from "../../src/slip/svg.ts";
import { columnsByTable } from "./east-asian-width.ts";

/** Dots: the font A of receipt printers is 12 wide. */
export const CELL = 12;
/** Dots: a wide letter, 20 wide as the font is high, in the middle of two cells. */
const WIDE_INDENT = 2;

/** What is drawn in one go. */
export interface Drawn {
  text: string;
  /** Columns from the left of the print. */
  from: number;
  columns: number;
  /** One text of several letters; else a letter in its cell. */
  isRun: boolean;
  attributes: string;
}

/** What is drawn, in its order, read back from the picture. */
export function drawn(svg: string): Drawn[] {
  const texts = Array.from(svg.matchAll(/<text([^>]*)>(.*?)<\/text>/gs));
  return texts.flatMap(([, attributes = "", inside = ""]) =>
    attributes.includes("textLength") ? [runIn(attributes, inside)] : cellsIn(attributes, inside),
  );
}

function runIn(attributes: string, inside: string): Drawn {
  expect(attributes).toContain('text-anchor="middle"');
  expect(attributes).toContain('lengthAdjust="spacingAndGlyphs"');
  const width = numberOf(attributes, "textLength")!;
  const left = numberOf(attributes, " x")! - width / 2;
  return { text: plain(inside), from: left / CELL, columns: width / CELL, isRun: true, attributes };
}

function cellsIn(attributes: string, inside: string): Drawn[] {
  return Array.from(inside.matchAll(/<tspan( x[^>]*)>(.*?)<\/tspan>/gs)).map(([, own = "", letter = ""]) => {
    const text = plain(letter);
    const columns = columnsByTable(text);
    const indent = own.includes('text-anchor="middle"') ? CELL / 2 : columns === 2 ? WIDE_INDENT : 0;
    const from = (numberOf(own, " x")! - indent) / CELL;
    return { text, from, columns, isRun: false, attributes: attributes + own };
  });
}

export function numberOf(attributes: string, name: string): number | null {
  const found = new RegExp(`${name}="(-?[\\d.]+)"`).exec(attributes)?.[1];
  return found === undefined ? null : Number(found);
}

function plain(text: string): string {
  return text.replace(/<[^>]*>/g, "").replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

/** A line of the picture and nothing else; `|` keeps it at the left. */
export function drawnLine(text: string, columns = 32): Drawn[] {
  return drawn(renderSvg(`{width:*}\n|${text}`, columns, "title", "en"));
}

export const runsOf = (pieces: Drawn[]): Drawn[] => pieces.filter(({ isRun }) => isRun);
