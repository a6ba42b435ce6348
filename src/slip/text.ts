import { centred, FRAME_COLUMNS, MARK_ENDS_COLUMNS, type Layout, type Line } from "./layout.ts";
import { textWidth } from "./width.ts";

/** @returns lines without trailing spaces, each ended by `\n`; the frame in `*`, which no rule of a new order uses */
export function layoutText({ lines, columns }: Layout): string {
  return lines
    .flatMap((line) => lineTexts(line, columns))
    .map((text) => `${text.trimEnd()}\n`)
    .join("");
}

function lineTexts(line: Line, columns: number): string[] {
  switch (line.kind) {
    case "rule":
      return ["-".repeat(columns)];
    case "heading":
      return [heading(line.text, columns)];
    case "banner": {
      const frame = "*".repeat(columns);
      return [frame, ...line.plain.map((row) => `*${centred(row, columns - FRAME_COLUMNS)}*`), frame];
    }
    case "mark":
      return [`!!${centred(line.text, columns - MARK_ENDS_COLUMNS)}!!`];
    case "row":
      return [line.right === null ? line.left : withAmount(line.left, line.right, columns)];
  }
}

/** @returns both sides with spaces between them, the right one at the edge of the paper */
export function withAmount(left: string, right: string, columns: number): string {
  return left + " ".repeat(Math.max(1, columns - textWidth(left) - textWidth(right))) + right;
}

/** `------- DO NOT MAKE -------` */
function heading(text: string, columns: number): string {
  const room = Math.max(0, columns - textWidth(text) - 2);
  const before = Math.floor(room / 2);
  return `${"-".repeat(before)} ${text} ${"-".repeat(room - before)}`;
}
