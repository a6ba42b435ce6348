import { parseJson } from "../../core/json.ts";

const SHOWN_CHARS_MAX = 64 * 1024;

/**
 * JSON with its lines broken, for reading; anything else as it is. Long text is cut. Names and numbers stand as they were
 * written (`19.90`, ids beyond 2^53, a name that comes twice); of texts the escapes are read.
 */
export function indented(text: string): string {
  const shown = isJson(text) ? broken(text) : text;
  return shown.length > SHOWN_CHARS_MAX
    ? `${shown.slice(0, SHOWN_CHARS_MAX)}\n… (cut here; the API has all of it)`
    : shown;
}

function isJson(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}

/** A text; what opens, closes or stands between; a number or a word. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},:]|[^\s"[\]{},:]+/g;

/** @param text JSON. @returns no more than what is shown of it, and a little */
function broken(text: string): string {
  let written = "";
  let depth = 0;
  let before = "";
  for (const [token] of text.matchAll(TOKENS)) {
    if (written.length > SHOWN_CHARS_MAX) break;
    const closes = token === "}" || token === "]";
    if (closes) depth--;
    // What opens and closes at once has nothing in it.
    if (before === "," || isOpening(before) !== closes) written += `\n${"  ".repeat(depth)}`;
    written += token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : token === ":" ? ": " : token;
    if (isOpening(token)) depth++;
    before = token;
  }
  return written;
}

function isOpening(token: string): boolean {
  return token === "{" || token === "[";
}
