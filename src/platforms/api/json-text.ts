import { endOfString } from "../../core/json.ts";

// Where a value stands in JSON text. Reading makes doubles of numbers; the text alone has every digit of them.

/** From its first character to behind its last. */
interface Span {
  from: number;
  to: number;
}

/**
 * @param text JSON that has been parsed: what is none is not noticed here
 * @param path keys of objects, from the outside in; of a key that comes twice the last counts, as in every reader
 * @returns the text of the value there, null where there is none
 */
export function textAt(text: string, path: readonly string[]): string | null {
  const at = spanAt(text, path);
  return at === null ? null : text.slice(at.from, at.to).trim();
}

/** A list that was cut out of a text. */
export interface CutList {
  /** Of its values; one more than `max` where there are more. */
  texts: string[];
  /** The text with an empty list in its place. */
  rest: string;
}

/**
 * So that a long list need not be read whole, nor at once.
 * @param text which need not be JSON: whoever reads `rest` and `texts` finds out
 * @param max values, after which nobody wants to know
 * @returns null when no list is there
 */
export function cutList(text: string, path: readonly string[], max: number): CutList | null {
  const at = spanAt(text, path);
  const parts = at === null ? null : partsOf(text, at, "[", max);
  if (at === null || parts === null) return null;
  return {
    texts: parts.map(({ from, to }) => text.slice(from, to).trim()),
    rest: `${text.slice(0, at.from)}[]${text.slice(at.to)}`,
  };
}

function spanAt(text: string, path: readonly string[]): Span | null {
  let at: Span | null = { from: 0, to: text.length };
  for (const key of path) {
    at = memberOf(text, at, key);
    if (at === null) return null;
  }
  return at;
}

/** No answer's envelope has as many; one that has more is read to here. */
const MEMBERS_MAX = 1000;

function memberOf(text: string, object: Span, key: string): Span | null {
  let found: Span | null = null;
  for (const { from, to } of partsOf(text, object, "{", MEMBERS_MAX) ?? []) {
    const name = nameIn(text, from);
    if (name?.key !== key) continue;
    found = { from: text.indexOf(":", name.to) + 1, to };
  }
  return found;
}

/** @returns null where no name is: that is no JSON */
function nameIn(text: string, from: number): { key: unknown; to: number } | null {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  if (text[at] !== '"') return null;
  const to = endOfString(text, at + 1);
  try {
    return { key: JSON.parse(text.slice(at, to)), to };
  } catch {
    return null;
  }
}

/**
 * What stands between the commas of a list or an object.
 * @param max parts; one more shows that there are more
 */
function partsOf(text: string, { from, to }: Span, opened: "[" | "{", max: number): Span[] | null {
  let at = from;
  while (at < to && isSpace(text.charCodeAt(at))) at++;
  if (text[at] !== opened) return null;
  const parts: Span[] = [];
  let start = at + 1;
  let depth = 0;
  for (; at < to && parts.length <= max; at++) {
    // Megabytes are gone through: by number, for a text of one character would be made of each.
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at + 1) - 1;
    else if (code === BRACKET || code === BRACE) depth++;
    else if (code === BRACKET_END || code === BRACE_END) depth--;
    const isEnd = depth === 0 || (depth === 1 && code === COMMA);
    if (!isEnd) continue;
    if (text.slice(start, at).trim() !== "") parts.push({ from: start, to: at });
    start = at + 1;
    if (depth <= 0) break;
  }
  return parts;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;
const BRACE_END = 0x7d;

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
