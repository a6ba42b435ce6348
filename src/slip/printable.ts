import type { Language } from "../core/settings.ts";
import { cleanLine, isPlain } from "../core/text.ts";

/** Letters dressed up as mathematics (𝓑𝓾𝓻𝓰𝓮𝓻): their plain forms print everywhere. */
const STYLED = /[\u{1d400}-\u{1d7ff}\u203c\u2049]/gu;

/** No printer's font has them. Digits, `#`, `*`, © ® ™ are emoji to Unicode and stay. */
const EMOJI = /[[\p{Emoji}--[#*0-9©®™]][\u{1f000}-\u{1ffff}]]/gv;

/** Unassigned, private, format and filler characters, enclosing marks, the blank braille cell: no ink, or a box. */
const INKLESS = /[\p{C}\p{Me}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** More marks than this on one letter are a prank that climbs over the lines above. */
const MARKS_MAX = 3;
const PILED_MARKS = new RegExp(`(\\p{M}{${String(MARKS_MAX)}})\\p{M}+`, "gu");
const STRAY_MARKS = /(^|\s)\p{M}+/gu;

/**
 * One line that a printer can set: clean (core/text.ts), composed (NFC), without emoji and other characters no
 * font of a printer has. Cut at 500 code points.
 *
 * @returns empty when nothing printable is left
 */
export function printable(text: string, language: Language): string {
  const clean = cleanLine(text);
  if (isPlain(clean)) return clean;
  const line = clean
    .normalize("NFC")
    .replace(STYLED, (char) => char.normalize("NFKC"))
    .replace(/\ufffd/g, "?")
    .replace(EMOJI, "")
    .replace(INKLESS, "")
    .replace(PILED_MARKS, "$1")
    .replace(/\s+/gu, " ")
    .replace(STRAY_MARKS, "$1")
    .replace(/\s+/gu, " ")
    .trim();
  return line.normalize("NFC");
}
