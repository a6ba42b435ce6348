import { commands, transform, type BaseCommand } from "receiptline";
import { centred } from "./layout.ts";
import { cells, textWidth } from "./width.ts";

/** The state of receiptline's text command that the changes below touch. */
interface TextState {
  scale: number;
  position: number;
  left: number;
  buffer: { data: string; index: number; length: number }[];
}

/**
 * Receiptline's plain text with three changes: widths are ours (width.ts: its own know no CJK without an
 * encoding); big text is not spaced out but stands in the middle of its room, so that `#1001` can be searched
 * for; and a frame is drawn in `*`, which no rule of a new order uses.
 */
const plainText: BaseCommand = {
  ...commands.text,
  measureText: (text) => textWidth(text),
  arrayFrom: (text) => cells(text).map((cell) => cell.text),
  text(this: TextState, text: string) {
    const length = textWidth(text) * this.scale;
    const data = this.scale === 1 ? text : centred(text.trim(), length);
    this.buffer.push({ data, index: this.position, length });
    this.position += length;
    return "";
  },
  vr(this: TextState, widths: number[]) {
    this.buffer.push({ data: "*", index: this.position, length: 1 });
    for (const width of widths) {
      this.position += width + 1;
      this.buffer.push({ data: "*", index: this.position, length: 1 });
    }
    return "";
  },
  vrstart: frame,
  vrstop: frame,
};

function frame(widths: number[]): string {
  return "*".repeat(widths.reduce((sum, width) => sum + width + 1, 1));
}

/** @returns lines without trailing spaces, each ended by `\n` */
export function renderText(document: string, columns: number): string {
  return transform(document, { cpl: columns, encoding: "multilingual", cutting: false, command: plainText })
    .replace(/ +$/gm, "")
    .replace(/\n*$/, "\n");
}
