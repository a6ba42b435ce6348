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
  return hasLongNumber(text) ? JSON.parse(text, keepLongIntegers as Reviver) : JSON.parse(text);
}

type Reviver = (this: unknown, key: string, value: unknown) => unknown;

// ES2025's third argument is the source text of a primitive; TypeScript's library does not know it yet.
function keepLongIntegers(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  return context.source !== undefined && /^-?\d+$/.test(context.source) ? context.source : value;
}

/** A number of this many digits may not survive as a double. */
const LONG_NUMBER_DIGITS = 16;

/**
 * One look at every character, for the two things that must be known before parsing.
 * @throws RangeError when it nests deeper than `JSON_DEPTH_MAX`
 */
function hasLongNumber(text: string): boolean {
  let depth = 0;
  let inString = false;
  let digits = 0;
  let hasLong = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code >= 0x30 && code <= 0x39) {
      if (++digits === LONG_NUMBER_DIGITS) hasLong = true;
    } else {
      digits = 0;
      if (code === 0x22) inString = true;
      else if (code === 0x5b || code === 0x7b) {
        if (++depth > JSON_DEPTH_MAX) throw new RangeError(`JSON nests deeper than ${JSON_DEPTH_MAX} levels`);
      } else if (code === 0x5d || code === 0x7d) depth--;
    }
  }
  return hasLong;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
