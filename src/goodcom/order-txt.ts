import type { PrinterSettings } from "../core/settings.ts";
import { mapTexts, type SlipContent } from "../slip/content.ts";
import { layOut, type BannerRow, type Line } from "../slip/layout.ts";
import { slipContentText } from "../slip/slip.ts";
import { withAmount } from "../slip/text.ts";

/**
 * The slip as text. What Goodcom makes of `order_txt` beside `order_json` is not published, so its form is the
 * printer's setting: `plain` lines ended by `\n`, the vendor SDK's `markup`, or nothing (`off`).
 */
export function orderTxt(content: SlipContent, printer: PrinterSettings): string {
  switch (printer.order_txt) {
    case "plain":
      return slipContentText(content, printer.columns);
    case "markup":
      return markup(content, printer.columns);
    case "off":
      return "";
  }
}

/** @see facts: format marks of the vendor's Android SDK guide 2.0.24, read 2026-11 */
const NEWLINE = "\\r";
const RULE = "\\-\\r";
const CENTRED = "\\M";
const BOLD = "\\0";
const SMALL = "\\1";
const MEDIUM = "\\2";
const BIG = "\\3";

function markup(content: SlipContent, columns: number): string {
  // Before the layout: a full-width character takes two columns.
  const { lines } = layOut(mapTexts(content, withoutReserved), columns);
  return lines.map((line) => lineMarkup(line, columns)).join("");
}

/** The vendor's own replacements of characters that its formats reserve (facts on Goodcom, order_json). */
const FULL_WIDTH: Readonly<Record<string, string>> = {
  "#": "﹟",
  "*": "﹡",
  ";": "﹔",
  "\\": "﹨",
  "/": "／",
};

function withoutReserved(text: string): string {
  // `%%` is what it writes for a line's end.
  return text
    .replace(/[#*;\\/]/g, (char) => FULL_WIDTH[char] ?? "")
    .replace(/%{2,}/g, (run) => "％".repeat(run.length));
}

function lineMarkup(line: Line, columns: number): string {
  switch (line.kind) {
    case "rule":
      return RULE;
    case "heading":
      return `${RULE}${CENTRED}${MEDIUM}${line.text}${NEWLINE}`;
    case "banner":
      return [RULE, ...line.rows.map(bannerRow), RULE].join("");
    case "mark":
      return `${CENTRED}${MEDIUM}!! ${line.text} !!${NEWLINE}`;
    case "row":
      // Spaces, not the right-aligning mark: whether one line may hold both sides is not published.
      return `${line.strong ? BOLD : SMALL}${line.right === null ? line.left : withAmount(line.left, line.right, columns)}${NEWLINE}`;
  }
}

function bannerRow({ text, size }: BannerRow): string {
  return `${CENTRED}${size === "tall" ? MEDIUM : BIG}${text}${NEWLINE}`;
}
