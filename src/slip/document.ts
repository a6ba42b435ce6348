import { centred, FRAME_COLUMNS, type Layout, type Line } from "./layout.ts";
import { MARK_ENDS_COLUMNS } from "./text.ts";

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
  for (const line of layout.lines) {
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
      const rows = line.rows.map(({ text, size }) => {
        const [mark, room] = size === "big" ? ["^^^", inner / 2] : ["^^", inner];
        return `|\`${mark}${escaped(centred(text, room))}${mark}\`|`;
      });
      return ["{border:line}", ...rows, "{border:space}"];
    }
    case "mark":
      return [`|\`^^${escaped(`!!${centred(line.text, columns - MARK_ENDS_COLUMNS)}!!`)}^^\`|`];
    case "row": {
      const bold = line.strong ? '"' : "";
      const left = `${bold}${escaped(line.left)}${bold}`;
      return [line.right === null ? `|${left}` : `${left} | ${bold}${escaped(line.right)}${bold}`];
    }
  }
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
