import type { Language } from "../../src/core/settings.ts";
import { readPaper, type PaperLine } from "./read-paper.ts";
import type { SlipRead } from "./read-slip.ts";
import { vocabulary } from "./read-words.ts";

/** @see facts on Goodcom, order_json: the vendor's own replacements */
const REPLACED: Readonly<Record<string, string>> = {
  "﹟": "#",
  "﹡": "*",
  "﹔": ";",
  "﹨": "\\",
  "／": "/",
  "％": "%",
};

/**
 * Reads `order_txt: markup`: lines end with `\r`, `\-` is a rule, `\M` centres, `\0` to `\3` are sizes. What a rule
 * says stands under it, centred in larger letters.
 * @see facts on Goodcom, order_txt: format marks of the vendor's Android SDK guide 2.0.24
 */
export function readMarkup(text: string, language: Language, columns: number): SlipRead {
  const lines = text.split("\\r");
  if (lines.pop() !== "") throw new Error("does not end with \\r");
  const end = lines.indexOf("\\-", 1);
  if (lines[0] !== "\\-" || end === -1) throw new Error("has no frame");

  const banner = lines.slice(1, end).map(centred);
  return readPaper(banner, linesOf(lines.slice(end + 1)), vocabulary(language), columns, (some) =>
    some.replace(/[﹟﹡﹔﹨／％]/g, (char) => REPLACED[char]!),
  );
}

function linesOf(lines: readonly string[]): PaperLine[] {
  const told: PaperLine[] = [];
  for (const line of lines) {
    const mark = /^\\M\\[123]!! (.*) !!$/.exec(line)?.[1];
    const caption = /^\\M\\2((?!!! )[^\\]+)$/.exec(line)?.[1];
    const last = told.at(-1);
    if (line === "\\-") told.push({ kind: "rule", text: "" });
    else if (mark !== undefined) told.push({ kind: "mark", text: mark });
    else if (caption !== undefined && last?.kind === "rule" && last.text === "") last.text = caption;
    else told.push({ kind: "row", text: /^\\[01]([^\\]*)$/.exec(line)?.[1] ?? unknown(line) });
  }
  return told;
}

function centred(line: string): string {
  return /^\\M\\[123]([^\\]*)$/.exec(line)?.[1] ?? unknown(line);
}

function unknown(line: string): never {
  throw new Error(`no line of markup: ${line}`);
}
