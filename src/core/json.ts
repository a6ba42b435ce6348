/**
 * JSON as strangers write it, read without harm: ids longer than 2^53 keep every digit, `__proto__` is a plain
 * key, of duplicate keys the last counts (as in every common parser), and nesting is bounded.
 */
export type JsonObject = Record<string, unknown>;

/** Deeper nesting than any order has; also what keeps a recursive reader from running out of stack. */
export const JSON_DEPTH_MAX = 64;

/**
 * @param text JSON text
 * @returns the value, in which every integer beyond ±(2^53 − 1) is a string of its digits
 * @throws SyntaxError when it is not JSON, RangeError when it nests deeper than `JSON_DEPTH_MAX`
 */
export function parseJson(text: string): unknown {
  return JSON.parse(withLongIntegersQuoted(text));
}

/** An integer of fewer characters survives as a double. */
const LONG_INTEGER_CHARS_MIN = 16;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
/** What `[` and `{`, `]` and `}` have in common: they differ in this bit alone. */
const BRACE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/**
 * One look at the text before it is parsed, for what must be known by then. A reviver would do for the integers, but
 * is called for every value of a body that has but one: 0.4 s for 1 MiB of small ones.
 * @throws RangeError when it nests deeper than `JSON_DEPTH_MAX`
 */
function withLongIntegersQuoted(text: string): string {
  let quoted = "";
  let quotedTo = 0;
  let depth = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at + 1);
    } else if (code === COLON || code === COMMA) {
      at++;
    } else if (isOfNumber(code)) {
      const start = at;
      while (at < text.length && isOfNumber(text.charCodeAt(at))) at++;
      if (at - start < LONG_INTEGER_CHARS_MIN || !isLongInteger(text, start, at)) continue;
      quoted += `${text.slice(quotedTo, start)}"${text.slice(start, at)}"`;
      quotedTo = at;
    } else {
      if ((code | BRACE_BIT) === OPENING && ++depth > JSON_DEPTH_MAX) {
        throw new RangeError(`JSON nests deeper than ${JSON_DEPTH_MAX} levels`);
      }
      if ((code | BRACE_BIT) === CLOSING) depth--;
      at++;
    }
  }
  return quoted + text.slice(quotedTo);
}

/** @returns where a string that begins at `from` is over, its quote included */
export function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from); end !== -1; end = text.indexOf('"', end + 1)) {
    let first = end;
    while (text.charCodeAt(first - 1) === BACKSLASH) first--;
    // An escaped quote has an odd number of backslashes before it.
    if ((end - first) % 2 === 0) return end + 1;
  }
  return text.length;
}

/** Digits and what else a JSON number is written with: `+-.eE`. */
function isOfNumber(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    code === 0x2d ||
    code === 0x2e ||
    code === 0x2b ||
    code === 0x65 ||
    code === 0x45
  );
}

const BEFORE_VALUE = /[ \t\n\r]*:/y;

/** Only what is JSON as it stands: quotes must not make good what the parser would refuse, such as a number as a key. */
function isLongInteger(text: string, start: number, end: number): boolean {
  const number = text.slice(start, end);
  if (!/^-?[1-9]\d*$/.test(number) || Number.isSafeInteger(Number(number))) return false;
  BEFORE_VALUE.lastIndex = end;
  return !BEFORE_VALUE.test(text);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
