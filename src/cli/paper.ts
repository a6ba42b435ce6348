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
