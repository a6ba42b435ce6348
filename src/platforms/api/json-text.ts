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
  let at: Span | null = { from: 0, to: text.length };
  for (const key of path) {
    at = memberOf(text, at, key);
    if (at === null) return null;
  }
  return text.slice(at.from, at.to).trim();
}

/** @returns the texts of a list's values, null when it is no list */
export function textsIn(list: string): string[] | null {
  const spans = partsOf(list, { from: 0, to: list.length }, "[");
  return spans?.map(({ from, to }) => list.slice(from, to).trim()) ?? null;
}

function memberOf(text: string, object: Span, key: string): Span | null {
  let found: Span | null = null;
  for (const { from, to } of partsOf(text, object, "{") ?? []) {
    const name = endOfString(text, text.indexOf('"', from));
    if (JSON.parse(text.slice(from, name)) !== key) continue;
    found = { from: text.indexOf(":", name) + 1, to };
  }
  return found;
}

/** What stands between the commas of a list or an object. */
function partsOf(text: string, { from, to }: Span, opened: "[" | "{"): Span[] | null {
  let at = from;
  while (at < to && isSpace(text.charCodeAt(at))) at++;
  if (text[at] !== opened) return null;
  const parts: Span[] = [];
  let start = at + 1;
  let depth = 0;
  for (; at < to; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at) - 1;
    else if (char === "[" || char === "{") depth++;
    else if (char === "]" || char === "}") depth--;
    const isEnd = depth === 0;
    if (isEnd || (depth === 1 && char === ",")) {
      if (text.slice(start, at).trim() !== "") parts.push({ from: start, to: at });
      start = at + 1;
    }
    if (isEnd) break;
  }
  return parts;
}

/** @param at of the opening quote */
function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  return end + 1;
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
