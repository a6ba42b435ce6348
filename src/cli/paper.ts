import { textWidth } from "../slip/width.ts";
import { paint, printable, say, type Cli } from "./cli.ts";
import { pad } from "./table.ts";

/** Prints a slip's text as paper. */
export function sayPaper(cli: Cli, text: string, columns: number): void {
  for (const line of paper(text, columns, inReverse(cli))) say(cli, line);
}

/** How a terminal shows the banner: as black as a printer has it. */
export function inReverse(cli: Cli): (row: string) => string {
  return (row) => paint(cli, ["inverse", "bold"], row);
}

/**
 * A slip's text in a frame, as paper lies on a table: torn below.
 * @param banner how a row of the slip's own frame, and of the marks under it, is shown
 */
export function paper(
  text: string,
  columns: number,
  banner: (row: string) => string = (row) => row,
): string[] {
  const lines = text.replace(/\n+$/, "").split("\n").map(printable);
  const width = lines.reduce((widest, line) => Math.max(widest, textWidth(line)), columns);
  const edge = "─".repeat(width + 2);
  const torn = "╵╷".repeat(width).slice(0, width + 2);
  const top = bannerLines(lines);
  const rows = lines.map((line, index) => {
    const row = ` ${pad(line, width)} `;
    return index < top ? banner(row) : row;
  });
  return [`┌${edge}┐`, ...rows.map((row) => `│${row}│`), `└${torn}┘`];
}

/** How many lines at the top are the slip's frame, and the marks right under it. */
function bannerLines(lines: readonly string[]): number {
  const frame = lines[0] ?? "";
  const end = /^\*+$/.test(frame) ? lines.indexOf(frame, 1) : -1;
  if (end === -1) return 0;
  const marks = lines.slice(end + 1).findIndex((line) => !/^!!.*!!$/.test(line));
  return end + 1 + Math.max(0, marks);
}

const BETWEEN = "  ";

/**
 * Papers beside each other, as many in a row as fit, tops aligned.
 * @param width terminal columns; null: one below the other
 */
export function besideEachOther(papers: readonly (readonly string[])[], width: number | null): string[] {
  const rows: (readonly string[])[][] = [];
  for (const one of papers) {
    const row = rows.at(-1);
    const taken = (row ?? []).reduce((sum, other) => sum + widthOf(other) + BETWEEN.length, 0);
    if (row !== undefined && width !== null && taken + widthOf(one) <= width) row.push(one);
    else rows.push([one]);
  }
  return rows.flatMap((row) => {
    const height = Math.max(...row.map((one) => one.length));
    return Array.from({ length: height }, (_, line) =>
      row
        .map((one) => pad(one[line] ?? "", widthOf(one)))
        .join(BETWEEN)
        .trimEnd(),
    );
  });
}

function widthOf(one: readonly string[]): number {
  return textWidth(one[0] ?? "");
}
