// Clouds quote what they refuse as it stood in JSON, in an address or in HTML: to people the same, letter by letter.

/** A text as people read it, and where each of its characters stands in the text it was read from. */
export interface Decoded {
  text: string;
  /** @returns the place in the encoded text of the character at this index; its length for the end of the text */
  placeOf: (index: number) => number;
}

/**
 * JSON, also escaped again, a URL's and HTML's, likewise; and what else stands behind a backslash: the ends of lines, and
 * the marks of the vendor's own slips, which would hang on the word behind them.
 */
const ENCODED =
  /(?<!\\)(?:\\+u([0-9a-f]{4})|(\\+(?!u)[a-z\d]))|((?:%(?:25)*[0-9a-f]{2})+)|&(?:amp;)*#(?:x([0-9a-f]{1,6})|(\d{1,7}));?/gi;
const BYTE = /%(?:25)*([0-9a-f]{2})/gi;
const CODE_POINT_MAX = 0x10ffff;

/** Decodes once. A text without anything encoded costs one look. */
export function decode(encoded: string): Decoded {
  if (!/[\\%&]/.test(encoded)) return { text: encoded, placeOf: (index) => index };
  const places: number[] = [];
  let text = "";
  const add = (letters: string, at: number): void => {
    text += letters;
    places.push(...Array<number>(letters.length).fill(at));
  };
  let from = 0;
  const addAsItIs = (to: number): void => {
    for (; from < to; from++) add(encoded.charAt(from), from);
  };
  for (const match of encoded.matchAll(ENCODED)) {
    addAsItIs(match.index);
    const [whole, ofJson, mark, ofUrl, hex, decimal] = match;
    if (mark !== undefined) add(" ", match.index);
    else if (ofUrl !== undefined) addBytes(ofUrl, match.index, add);
    else {
      const code = ofJson ?? hex;
      const point = code === undefined ? Number(decimal) : Number.parseInt(code, 16);
      add(point <= CODE_POINT_MAX ? String.fromCodePoint(point) : whole, match.index);
    }
    from = match.index + whole.length;
  }
  addAsItIs(encoded.length);
  return { text, placeOf: (index) => places[index] ?? encoded.length };
}

/** UTF-8; a byte that belongs to none of its letters becomes one that nobody has in a name. */
function addBytes(run: string, at: number, add: (letters: string, at: number) => void): void {
  const bytes = [...run.matchAll(BYTE)].map((match) => ({
    value: Number.parseInt(match[1] ?? "", 16),
    at: at + match.index,
  }));
  for (let k = 0; k < bytes.length;) {
    const first = bytes[k];
    if (first === undefined) return;
    const length = lengthOf(first.value);
    const letter = Buffer.from(bytes.slice(k, k + length).map(({ value }) => value)).toString("utf8");
    const isWhole = !letter.includes("\ufffd");
    add(isWhole ? letter : "\ufffd", first.at);
    k += isWhole ? length : 1;
  }
}

/** Of a letter in UTF-8, in bytes, by its first (RFC 3629, section 3). */
function lengthOf(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}
