import { FRAME_COLUMNS, type Layout, type Line } from "./layout.ts";
import { textWidth } from "./width.ts";

/**
 * A layout as a receiptline document. Lines are wrapped already; receiptline places them, sets the sizes and
 * draws the frame.
 *
 * @see receiptline 4.0.4, README "Grammar": `|` columns, `^` sizes, `` ` `` inverse, `"` bold, `~` space
 */
export function receiptDocument(layout: Layout): string {
  const single = "{width:*}";
  const double = `{width:*,${layout.amountColumns}}`;
  const out: string[] = [single];
  let width = single;
  let last: Line["kind"] | null = null;
  for (const line of layout.lines) {
    // Black letters right under a black field are hard to read.
    if (last === "mark" && line.kind === "row") out.push(single, "|");
    last = line.kind;
    const wanted = line.kind === "row" && line.right !== null ? double : single;
    if (wanted !== width) out.push(wanted);
    width = wanted;
    out.push(...lineDocument(line, layout.columns));
  }
  return out.join("\n");
}

function lineDocument(line: Line, columns: number): string[] {
  switch (line.kind) {
    case "rule":
      return ["-"];
    case "banner": {
      const inner = columns - FRAME_COLUMNS;
      const rows = line.rows.map(({ text, size }) => inverse(text, size, inner));
      return ["{border:line}", ...rows, "{border:space}"];
    }
    case "heading":
    case "mark":
      return [inverse(line.text, line.size, columns)];
    case "row": {
      const bold = line.strong ? '"' : "";
      const left = `${bold}${escaped(line.left)}${bold}`;
      return [line.right === null ? `|${left}` : `${left} | ${bold}${escaped(line.right)}${bold}`];
    }
  }
}

/** The mark of the letters, and of the spaces beside them: as high, and one column wide, so that centred is centred. */
const SIZES = {
  huge: { mark: "^^^^^", beside: "^^", columnsPerLetter: 4 },
  large: { mark: "^^^^", beside: "^^", columnsPerLetter: 3 },
  big: { mark: "^^^", beside: "^^", columnsPerLetter: 2 },
  tall: { mark: "^^", beside: "^^", columnsPerLetter: 1 },
  small: { mark: "", beside: "", columnsPerLetter: 1 },
} as const;

/** Bold on and off: keeps `^^` and `^^^` from being read as `^^^^^`. */
const APART = '""';

/** White letters in the middle of a black field of the whole width. */
function inverse(text: string, size: keyof typeof SIZES, columns: number): string {
  const { mark, beside, columnsPerLetter } = SIZES[size];
  const room = Math.max(0, columns - textWidth(text) * columnsPerLetter);
  const before = Math.floor(room / 2);
  const spaces = (count: number): string => (count === 0 ? "" : beside + "~".repeat(count) + beside);
  const parts = [spaces(before), mark + escaped(text) + mark, spaces(room - before)];
  return `|\`${parts.filter((part) => part !== "").join(APART)}\`|`;
}

/**
 * A stranger's text as nothing but text: every character that means something to receiptline becomes `\xNN`;
 * spaces that must stay become `~`.
 */
function escaped(text: string): string {
  return text
    .replace(/[\\|{}~_"`^]|^[-=]/g, (char) => `\\x${char.charCodeAt(0).toString(16)}`)
    .replace(/^ +| +$| {2,}/g, (spaces) => "~".repeat(spaces.length));
}
