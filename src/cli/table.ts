import { toRfc3339, type UnixMs } from "../core/time.ts";
import { cleanLine } from "../core/text.ts";
import { cut, textWidth } from "../slip/width.ts";
import { paint, say, widthOf, type Cli } from "./cli.ts";

/** One column of a printed table. */
export interface Column {
  header: string;
  /** Narrowest it may become, in terminal columns; an id without it is never cut. */
  min?: number;
  /** Left out where the others do not fit; the last such column goes first. */
  optional?: boolean;
}

export interface TableOptions {
  /** Terminal columns that a line may take; null: as many as it needs. */
  width: number | null;
  /** How a finished cell (already padded) is coloured; row -1 is the header. */
  style?: (text: string, row: number, column: number) => string;
}

/** Prints a table as wide as the terminal allows, its header dim. */
export function sayTable(
  cli: Cli,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: (text: string, row: number, column: number) => string = (text) => text,
): void {
  const lines = table(columns, rows, {
    width: widthOf(cli),
    style: (text, row, column) => (row < 0 ? paint(cli, "dim", text) : style(text, row, column)),
  });
  for (const line of lines) say(cli, line);
}

const GAP = "  ";
/** The end of a text that was cut, on a terminal. */
export const CUT = "…";
const CELL_CHARS_MAX = 1000;

/**
 * Rows as aligned lines. Cells are cleaned: a stranger's text (a cloud's answer, an order's name) must not
 * move the cursor or colour the screen.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
): string[] {
  const clean = rows.map((row) => columns.map((_, index) => cleanLine(row[index] ?? "", CELL_CHARS_MAX)));
  const kept = keep(columns, clean, options.width);
  const widths = fit(
    kept.map((index) => columns[index]?.min),
    kept.map((index) => naturalWidth(columns, clean, index)),
    options.width,
  );
  const line = (cells: readonly string[], row: number): string =>
    kept
      .map((index, place) => {
        const width = widths[place] ?? 0;
        const text = cut(cells[index] ?? "", width, CUT);
        const padded = place === kept.length - 1 ? text : pad(text, width);
        return options.style?.(padded, row, index) ?? padded;
      })
      .join(GAP)
      .trimEnd();
  return [
    line(
      columns.map((column) => column.header),
      -1,
    ),
    ...clean.map(line),
  ];
}

function naturalWidth(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  index: number,
): number {
  const header = textWidth(columns[index]?.header ?? "");
  return rows.reduce((widest, row) => Math.max(widest, textWidth(row[index] ?? "")), header);
}

/** Which columns stay: optional ones go, from the right, until the narrowest form of the rest fits. */
function keep(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | null,
): number[] {
  const kept = columns.map((_, index) => index);
  if (width === null) return kept;
  const narrowest = (): number =>
    kept.reduce(
      (sum, index) => {
        const natural = naturalWidth(columns, rows, index);
        return sum + Math.min(natural, columns[index]?.min ?? natural);
      },
      GAP.length * (kept.length - 1),
    );
  while (narrowest() > width) {
    const place = kept.findLastIndex((index) => columns[index]?.optional === true);
    if (place < 0) break;
    kept.splice(place, 1);
  }
  return kept;
}

/** Takes what is too much from the widest column that may still give. */
function fit(mins: readonly (number | undefined)[], naturals: number[], width: number | null): number[] {
  const widths = [...naturals];
  if (width === null) return widths;
  let over = widths.reduce((sum, one) => sum + one, GAP.length * (widths.length - 1)) - width;
  while (over > 0) {
    const room = widths.map((one, index) => (one > (mins[index] ?? one) ? one : 0));
    const widest = Math.max(...room);
    if (widest === 0) break;
    const index = room.indexOf(widest);
    widths[index] = widest - 1;
    over -= 1;
  }
  return widths;
}

export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}

/** `2026-11-03 12:04:05`, UTC: short enough for a table; `-` where there is none. */
export function shortTime(at: UnixMs | null): string {
  return at === null ? "-" : toRfc3339(at).slice(0, 19).replace("T", " ");
}
