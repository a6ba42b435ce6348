import { xml } from "./xml.ts";

/** Heads of 203 dpi print 8 dots a millimetre; every length of the picture is in these dots. */
const DOTS_PER_MM = 8;

/** Dots: one column is a letter of the printers' default font, 12 x 24. */
export const COLUMN = 12;
export const LINE = COLUMN * 2;
/** 0.6 em, the advance of nearly every monospaced font, is one column. */
export const FONT_SIZE = COLUMN / 0.6;

/** Dots of white above and below the print, and of one tooth of the torn edge. */
const MARGIN = 24;
const TOOTH = 6;
const SHADOW = 4;

const INK = "#111";

/** Millimetres: a roll, and the middle of it that a head reaches: 32 and 48 columns. */
const ROLLS = [
  { paperMm: 58, printableMm: 48 },
  { paperMm: 80, printableMm: 72 },
] as const;

/** What is said of a slip beside its print. */
export interface SheetOptions {
  columns: number;
  title: string;
  language: string;
}

/**
 * Real paper around a slip's print. A printer begins a line at the left of what it can print, so 30 columns leave
 * the room of two at the right, and 42 of six: a setting smaller than the printer shows.
 *
 * @param content SVG, its origin at the print's upper left corner
 * @param height of the content, in dots
 * @returns a standalone SVG, one pixel a dot
 */
export function sheet(content: string, height: number, { columns, title, language }: SheetOptions): string {
  const { paperMm, printableMm } =
    columns * COLUMN <= ROLLS[0].printableMm * DOTS_PER_MM ? ROLLS[0] : ROLLS[1];
  const [w, h] = [paperMm * DOTS_PER_MM, height + 2 * MARGIN + 2 * TOOTH];
  const left = ((paperMm - printableMm) / 2) * DOTS_PER_MM;
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
