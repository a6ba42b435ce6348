import type { Language } from "../core/settings.ts";
import { cleanLine, isPlain } from "../core/text.ts";
import { emojiWords } from "./emoji/emoji.ts";

/** Letters dressed up as mathematics (𝓑𝓾𝓻𝓰𝓮𝓻): their plain forms print everywhere. */
const STYLED = /[\u{1d400}-\u{1d7ff}\u203c\u2049]/gu;

/** Unassigned, private, format and filler characters, enclosing marks, the blank braille cell: no ink, or a box. */
const INKLESS = /[\p{C}\p{Me}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * More marks than these on one letter, or one of them twice, are a prank that climbs over the lines above. Those of no
 * script go on any letter; Burmese has up to four above and below its own (ရှို့), and two beside them.
 */
const MARKS_MAX = { noScript: 2, noWidth: 4 } as const;
const SEVERAL_MARKS = /\p{M}{2,}/gu;
const STRAY_MARKS = /(^|\s)\p{M}+/gu;

/**
 * Punctuation whose width is ambiguous (UAX 11): one column in a Western font, two in a Chinese one, and we do not
 * know which the printer has. Typewriters had one form of each.
 */
const TYPEWRITTEN: readonly [RegExp, string][] = [
  [/[\u2010-\u2015\u2212]/g, "-"],
  [/[\u2018-\u201b\u2032]/g, "'"],
  [/[\u201c-\u201f\u2033]/g, '"'],
  [/\u2022/g, "*"],
  [/\u2026/g, "..."],
];

/**
 * Latin letters, kana, common ideographs and Hangul syllables, as they are composed already: nearly every text is
 * made of these, and nothing has to be done to them.
 */
const ORDINARY =
  /^[\x20-\x7e\u00c0-\u024f\u1ea0-\u1ef9\u3001-\u3029\u3041-\u3096\u30a1-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]*$/;

/**
 * One line that a printer can set: clean (core/text.ts), composed (NFC), emoji in words, and without what no font
 * of a printer has.
 *
 * @returns empty when nothing printable is left; longer than `text` by its emoji, so the caller cuts
 */
export function printable(text: string, language: Language): string {
  const clean = cleanLine(text);
  if (isPlain(clean) || ORDINARY.test(clean)) return clean;
  const line = clean
    .normalize("NFC")
    .replace(STYLED, (char) => char.normalize("NFKC"))
    .replace(/\ufffd/g, "?");
  return emojiWords(typewritten(line), language)
    .replace(INKLESS, "")
    .replace(SEVERAL_MARKS, withoutPrank)
    .replace(/\s+/gu, " ")
    .replace(STRAY_MARKS, "$1")
    .replace(/\s+/gu, " ")
    .trim()
    .normalize("NFC");
}

function withoutPrank(marks: string): string {
  let [noScript, noWidth] = [0, 0];
  return Array.from(new Set(marks))
    .filter((mark) => !/\p{sc=Inherited}/u.test(mark) || ++noScript <= MARKS_MAX.noScript)
    .filter((mark) => !/\p{Mn}/u.test(mark) || ++noWidth <= MARKS_MAX.noWidth)
    .join("");
}

function typewritten(text: string): string {
  return TYPEWRITTEN.reduce((line, [form, plain]) => line.replace(form, plain), text);
}
