import type { Language } from "../../src/core/settings.ts";
import { readPaper, type PaperRead } from "./read-paper.ts";
import type { SlipRead } from "./read-slip.ts";
import { vocabulary } from "./read-words.ts";

/** @see facts on Goodcom, order_json: the vendor's own replacements */
const REPLACED: Readonly<Record<string, string>> = { "﹟": "#", "﹡": "*", "﹔": ";", "﹨": "\\", "／": "/" };

/**
 * Reads `order_txt: markup`: lines end with `\r`, `\-` is a rule, `\M` centres, `\0` to `\3` are sizes.
 * @see facts on Goodcom, order_txt: format marks of the vendor's Android SDK guide 2.0.24
 */
export function readMarkup(text: string, language: Language, columns: number): SlipRead {
  const lines = text.split("\\r");
  if (lines.pop() !== "") throw new Error("does not end with \\r");
  const end = lines.indexOf("\\-", 1);
  if (lines[0] !== "\\-" || end === -1) throw new Error("has no frame");

  const paper: PaperRead = { banner: lines.slice(1, end).map(centred), marks: [], sections: [[]] };
  for (const line of lines.slice(end + 1)) {
    const mark = /^\\M\\[123]!! (.*) !!$/.exec(line)?.[1];
    if (line === "\\-") paper.sections.push([]);
    else if (mark !== undefined) paper.marks.push(mark);
    else paper.sections.at(-1)!.push(/^\\[01]([^\\]*)$/.exec(line)?.[1] ?? unknown(line));
  }
  return readPaper(paper, vocabulary(language), columns, (some) =>
    some.replace(/[﹟﹡﹔﹨／]/g, (char) => REPLACED[char]!),
  );
}

function centred(line: string): string {
  return /^\\M\\[123]([^\\]*)$/.exec(line)?.[1] ?? unknown(line);
}

function unknown(line: string): never {
  throw new Error(`no line of markup: ${line}`);
}
