import { xml } from "./xml.ts";

/** Dots of a printer's head, as every length here: one column is a letter of the printers' default font, 12 x 24. */
export const COLUMN = 12;
export const LINE = COLUMN * 2;
/** 0.6 em, the advance of nearly every monospaced font, is one column. */
export const FONT_SIZE = COLUMN / 0.6;

/** Dots of white above and below the print, and of one tooth of the torn edge. */
const MARGIN = 24;
const TOOTH = 6;
const SHADOW = 4;

const INK = "#111";

/**
 * A roll in the dots of the head that prints on it: 32 and 48 columns go over the middle 48 and 72 mm of a head of
 * 203 dpi (8 dots a millimetre); 42 over the same 72 mm of one of 180 dpi, whose letters are the same dots.
 */
const ROLLS = [
  { paperMm: 58, paperDots: 464, columnsMax: 32 },
  { paperMm: 80, paperDots: 568, columnsMax: 42 },
  { paperMm: 80, paperDots: 640, columnsMax: 48 },
] as const;

/** What is said of a slip beside its print. */
export interface SheetOptions {
  columns: number;
  title: string;
  language: string;
}

/**
 * Real paper around a slip's print, with as much white at its left as at its right.
 *
 * @param content SVG, its origin at the print's upper left corner
 * @param height of the content, in dots
 * @returns a standalone SVG, one pixel a dot
 */
export function sheet(content: string, height: number, { columns, title, language }: SheetOptions): string {
  const { paperMm, paperDots: w } = ROLLS.find(({ columnsMax }) => columns <= columnsMax) ?? ROLLS[2];
  const h = height + 2 * MARGIN + 2 * TOOTH;
  const left = (w - columns * COLUMN) / 2;
  const edge = outline(w, h);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h + SHADOW}" viewBox="0 0 ${w} ${h + SHADOW}"` +
    ` role="img" xml:lang="${xml(language)}"><title>${xml(title)}</title>` +
    `<desc>${paperMm} mm paper, ${columns} columns</desc>` +
    `<path d="${edge}" transform="translate(0,3)" fill="#000" fill-opacity="0.15"/>` +
    `<path d="${edge}" fill="#fff" stroke="#ddd"/>` +
    // No font is loaded: what the monospaced one lacks comes from the system's own.
    `<g transform="translate(${left},${MARGIN + TOOTH})" font-family="monospace,sans-serif"` +
    ` font-size="${FONT_SIZE}" fill="${INK}">${content}</g></svg>\n`
  );
}

/** Torn off above and below, as a roll leaves the printer. */
function outline(width: number, height: number): string {
  const teeth = Math.round(width / (2 * TOOTH));
  const step = (width - 1) / (2 * teeth);
  const across = (sign: 1 | -1): string =>
    Array.from({ length: teeth }, () =>
      [`l${(sign * step).toFixed(3)},${-sign * TOOTH}`, `l${(sign * step).toFixed(3)},${sign * TOOTH}`].join(
        "",
      ),
    ).join("");
  return `M0.5,${TOOTH + 0.5}${across(1)}V${height - TOOTH - 0.5}${across(-1)}Z`;
}
