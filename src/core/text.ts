/**
 * What a stranger's text must never bring onto paper or into an order: control characters (they are the
 * printer's own language), bidirectional overrides (they swap what is read), zero-width marks, noncharacters and
 * lone surrogates. Sources: ../shared facts on Goodcom ("Strip control characters everywhere"), Unicode TR36 §3.
 */
const INVISIBLE =
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]/g;

/** What a terminal or a printer takes for an order, to its end: without its ESC the rest would be printed as words. */
// eslint-disable-next-line no-control-regex -- as above
const ESCAPE_SEQUENCE = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]/g;

/** Longest text taken from any one field of a store's body; longer is cut with `…`. */
export const FIELD_CHARS_MAX = 500;

/**
 * One line of harmless text: control, bidirectional and zero-width characters are gone, runs of white space
 * are one space, ends are trimmed, and at most `charsMax` code points are left.
 */
export function cleanLine(text: string, charsMax: number = FIELD_CHARS_MAX): string {
  if (text.length <= charsMax && isPlain(text)) return text;
  // Nothing past this can survive the cut below, and a 10 MB name must not cost ten regular expressions.
  const head = text.slice(0, charsMax * 8).toWellFormed();
  const line = head
    .replace(ESCAPE_SEQUENCE, "")
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, " ")
    .replace(INVISIBLE, "")
    .replace(/\s+/gu, " ")
    .trim();
  const points = Array.from(line);
  return points.length <= charsMax ? line : `${points.slice(0, charsMax - 1).join("")}…`;
}

/** Whether a text is printable ASCII with single spaces inside: most are, and nothing has to be done to them. */
export function isPlain(text: string): boolean {
  return /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(text);
}

/**
 * Text from a value of any type as stores send it: a number becomes its digits, literal quotes around a text
 * go (`"\"paid\""`), empty and everything else is null.
 */
export function textOf(value: unknown, charsMax: number = FIELD_CHARS_MAX): string | null {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  if (typeof value !== "string") return null;
  const line = cleanLine(value, charsMax);
  // Quotes inside belong to the text, and then those around it do: `"Hot" noodles "XL"`.
  const bare = /^"([^"]*)"$/.exec(line)?.[1]?.trim() ?? line;
  return bare === "" ? null : bare;
}
