import { textWidth } from "../slip/width.ts";
import { printable } from "./cli.ts";
import { pad } from "./table.ts";

/** A slip's text in a frame, as paper lies on a table: torn below. */
export function paper(text: string, columns: number): string[] {
  const lines = text.replace(/\n+$/, "").split("\n").map(printable);
  const width = lines.reduce((widest, line) => Math.max(widest, textWidth(line)), columns);
  const edge = "─".repeat(width + 2);
  const torn = "╵╷".repeat(width).slice(0, width + 2);
  return [`┌${edge}┐`, ...lines.map((line) => `│ ${pad(line, width)} │`), `└${torn}┘`];
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
