import { HIDDEN, isTelling, PHONE_DIGITS_COMPARED, UNSPACED } from "./buyer.ts";
import type { Ticket } from "./ticket.ts";

/** A shorter part of an address is a floor or a door, and says nothing without its street. */
export const ADDRESS_CHARS_MIN = 5;

const UNSPACED_PAIR = new RegExp(`([${UNSPACED}])(?=[${UNSPACED}])`, "gu");
const WORD = new RegExp(`^(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}]`, "u");
/** People write a name of several parts with any of these between them, or with none. */
const BETWEEN = "[\\s.,'’·‧・-]*";

/**
 * Takes a buyer out of people's own words: notes, a reason. Whole words only, so that what they say of the food stays:
 * no banana, though the buyer is Ana.
 */
export function withoutBuyerIn(text: string, { name, phone, address, town }: Ticket["buyer"]): string {
  const words = [
    ...wholeAndParts(address, /[,;，、；]/, ADDRESS_CHARS_MIN),
    ...wholeAndParts(name, /[\s,，、]+/, 0),
    ...wholeAndParts(town, null, 0),
  ].toSorted((a, b) => b.length - a.length);
  const told = text.normalize("NFC");
  const signs = signsOf(told);
  return words
    .filter((word) => signs.includes(signsOf(word)))
    .map((word) => new RegExp(patternOf(word), "giu"))
    .concat(MANY_DIGITS.test(signs) ? phonePattern(phone) : [])
    .reduce((rest, pattern) => rest.replace(pattern, HIDDEN), told);
}

/**
 * Letters and digits whatever their case, without what a pattern may step over. Every webhook's reason is looked at, and
 * nearly none names anybody: a pattern of each of the buyer's words would take milliseconds to make.
 */
function signsOf(text: string): string {
  // To lower case first: ẞ and ß are the same to a pattern, and only ß has capitals. Piece by piece: a long one would
  // leave the engine without stack.
  return text
    .toLowerCase()
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]{1,100}/gu, "");
}

const MANY_DIGITS = new RegExp(`[\\d０-９]{${PHONE_DIGITS_COMPARED}}`);

export function wholeAndParts(value: string | null, between: RegExp | null, charsMin: number): string[] {
  if (value === null) return [];
  const whole = value.normalize("NFC").trim();
  const parts = between === null ? [] : whole.split(between).map((part) => part.trim());
  return [whole, ...parts.filter((part) => part.length >= charsMin)].filter(
    (word) => /[\p{L}\p{N}]/u.test(word) && isTelling(word),
  );
}

/** @param isWhole whether letters may stand before and behind it */
export function patternOf(word: string, isWhole = true): string {
  const parts = word.split(/[\s.,'’·‧・-]+/u).filter((part) => part !== "");
  const [first = "", last = ""] = [parts.at(0), parts.at(-1)];
  const before = isWhole && WORD.test(first) ? "(?<![\\p{L}\\p{M}\\p{N}])" : "";
  const after = isWhole && WORD.test(Array.from(last).at(-1) ?? "") ? "(?![\\p{L}\\p{M}\\p{N}])" : "";
  return before + parts.map((part) => brokenAnywhere(RegExp.escape(part))).join(BETWEEN) + after;
}

/** A slip ends its lines between any two letters of a script without spaces. */
function brokenAnywhere(pattern: string): string {
  return pattern.replace(UNSPACED_PAIR, "$1\\s*");
}

const FULL_WIDTH_ZERO = 0xff10;
const PHONE_SIGNS = "\\s().\\-\\u2010-\\u2015（）－．";

/** Its last digits with all that a number may have before them; none where it is too short to be known. */
export function phonePattern(phone: string | null): RegExp[] {
  const digits = phone?.replace(/\D/g, "") ?? "";
  if (digits.length < PHONE_DIGITS_COMPARED) return [];
  const end = Array.from(
    digits.slice(-PHONE_DIGITS_COMPARED),
    (digit) => `[${digit}${String.fromCharCode(FULL_WIDTH_ZERO + Number(digit))}]`,
  );
  const before = `(?:[+＋(（\\d０-９][${PHONE_SIGNS}\\d０-９]*)?`;
  return [new RegExp(`${before}${end.join(`[${PHONE_SIGNS}]*`)}(?![\\d０-９])`, "gu")];
}
