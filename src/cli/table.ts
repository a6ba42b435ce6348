import { toRfc3339, type UnixMs } from "../core/time.ts";
import { cleanLine } from "../core/text.ts";
import { cut, textWidth } from "../slip/width.ts";
import { wrap } from "../slip/wrap.ts";
import { paint, say, widthOf, type Cli } from "./cli.ts";

/** One column of a printed table. */
export interface Column {
  header: string;
  /** Narrowest it may become, in terminal columns; an id without it is never cut. One that wraps becomes narrower still. */
  min?: number;
  /** Told under its row where the others do not fit; the last such column goes first. */
  optional?: boolean;
  /** A text: on a terminal it goes on in further lines rather than being cut. */
  wraps?: boolean;
  /** Cells that say nothing new: they are not worth a line under their row. */
  usual?: readonly string[];
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
/** Before what is told under a row. */
const INDENT = "    ";
/** The end of a text that was cut, on a terminal. */
export const CUT = "…";
const CELL_CHARS_MAX = 1000;
/** Of a text that wraps, where no optional column is left to make room for more. */
const WRAPPED_MIN = 8;
/** Of a line under a row, however narrow the terminal says it is. */
const BELOW_MIN = 20;

/**
 * Rows as aligned lines. Cells are cleaned: a stranger's text (a cloud's answer, an order's name) must not
 * move the cursor or colour the screen. What a terminal has no room for goes on below; a row in a file is one line.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
): string[] {
  const clean = rows.map((row) => columns.map((_, index) => cleanLine(row[index] ?? "", CELL_CHARS_MAX)));
  const kept = keep(columns, clean, options.width);
  const widths = fit(
    kept.map((index) => {
      const { min, wraps } = columns[index] ?? {};
      return wraps === true && min !== undefined ? Math.min(min, WRAPPED_MIN) : min;
    }),
    kept.map((index) => naturalWidth(columns, clean, index)),
    options.width,
  );
  const linesOf = (cells: readonly string[], row: number): string[] => {
    const parts = kept.map((index, place) => {
      const [text, width] = [cells[index] ?? "", widths[place] ?? 0];
      return columns[index]?.wraps === true && textWidth(text) > width
        ? wrap(text, width)
        : [cut(text, width, CUT)];
    });
    const height = Math.max(...parts.map((part) => part.length));
    return Array.from({ length: height }, (_, line) =>
      kept
        .map((index, place) => {
          const text = parts[place]?.[line] ?? "";
          const padded = place === kept.length - 1 ? text : pad(text, widths[place] ?? 0);
          return text === "" ? padded : (options.style?.(padded, row, index) ?? padded);
        })
        .join(GAP)
        .trimEnd(),
    );
  };
  const headers = columns.map((column) => column.header);
  return [
    ...linesOf(headers, -1),
    ...clean.flatMap((cells, row) => [
      ...linesOf(cells, row),
      ...below(columns, cells, kept, options.width ?? 0),
    ]),
  ];
}

/** What of a row stands in no column: `why: the body is not JSON; came as: orders/cancelled`. */
function below(
  columns: readonly Column[],
  cells: readonly string[],
  kept: readonly number[],
  width: number,
): string[] {
  const told = columns.flatMap(({ header, usual = [] }, index) => {
    const cell = cells[index] ?? "";
    return kept.includes(index) || ["", "-", ...usual].includes(cell) ? [] : [`${header}: ${cell}`];
  });
  if (told.length === 0) return [];
  const room = Math.max(width - INDENT.length, BELOW_MIN);
  return wrap(told.join("; "), room).map((line) => INDENT + line);
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
