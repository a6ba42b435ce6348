import { columnsByTable } from "../slip/east-asian-width.ts";

/** @returns one character a column, closed by `|`: `----5---10---15---20---25---30--|` */
export function ruler(columns: number): string {
  let line = "";
  for (let column = 5; column <= columns; column += 5) line += String(column).padStart(5, "-");
  return `${line.padEnd(columns, "-")}|`;
}

/**
 * A slip in the form of the golden files: under a ruler, each line closed by `|` at the edge of the paper, so that
 * a diff shows what moved and what is too wide. Columns are counted by a table of their own, not by the slip's.
 */
export function framed(slip: string, columns: number): string {
  const rows = slip.replace(/(.*)\n/g, (_, line: string) => {
    const room = Math.max(0, columns - columnsByTable(line));
    return `${line}${" ".repeat(room)}|\n`;
  });
  return `${ruler(columns)}\n${rows}`;
}
