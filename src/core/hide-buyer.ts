import { ADDRESS_CHARS_MIN, patternOf, phonePattern, wholeAndParts } from "./buyer-in-text.ts";
import { buyersTexts, HIDDEN, isTelling, PHONE_DIGITS_COMPARED, UNSPACED } from "./buyer.ts";
import { decode } from "./encoded.ts";
import type { Ticket } from "./ticket.ts";

// Takes a buyer out of a text of somebody else's: clouds and stores echo what they refuse.

const SPACED_WORD = `(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}])+`;
/** A word, or one letter of a script without spaces: a slip breaks its lines anywhere between these. */
const TOKEN = new RegExp(`${SPACED_WORD}|[${UNSPACED}]`, "gu");
const UNSPACED_LETTER = new RegExp(`[${UNSPACED}]`, "u");
const SPACED_WORDS = new RegExp(SPACED_WORD, "gu");

/** Tokens in a row that a text has in common with a buyer's: fewer letters are a turn of phrase like another. */
const RUN_LETTERS_MIN = 6;
/** A letter of a script without spaces says as much as so many others. */
const UNSPACED_WEIGHT = 2;
/** A shorter word of an address is a number of a house, or what all streets are called. */
const ADDRESS_WORD_CHARS_MIN = 4;

/** From, to: places in a text. */
type Span = readonly [number, number];

/**
 * Whole and in parts, also where lines were broken in it and where it is encoded as JSON, URLs and HTML do: the name,
 * the phone, the address, the town, and what else somebody has typed into the order. Only takes out: what was encoded
 * and is not the buyer's stays encoded, so no secret that hides in it comes to light.
 */
export function hideBuyer(text: string, ticket: Ticket): string {
  return withoutSpans(text, (plain) => {
    if (!mayBeIn(plain.replace(OUR_WORDS, ""), ticket)) return [];
    const tokens = tokensOf(plain);
    return [
      ...wholeTexts(plain, ticket),
      ...singleWords(tokens, ticket),
      ...runsIn(tokens, buyersTexts(ticket)),
      ...phonePattern(ticket.buyer.phone).flatMap((pattern) => matches(plain, pattern)),
    ];
  });
}

const OUR_WORDS = /^HTTP \d{3}/;
/** As few letters as may be looked for alone (`isTelling`); a number may stand digit by digit. */
const GLANCE = /[a-z]{3,}|\d+|[^\0-\x7f]/gi;

/** What is not made of these alone, such as `Li Bo`, is looked for properly. */
const A_GLANCE = /[a-z]{3}|\d|[^\0-\x7f]/i;

/** A quick look, for most answers have nothing of the buyer: false only where nothing can be found. */
function mayBeIn(plain: string, ticket: Ticket): boolean {
  const said = plain.toLowerCase().match(GLANCE);
  if (said === null) return false;
  const texts = buyersTexts(ticket);
  if (texts.some((text) => !A_GLANCE.test(text))) return true;
  const told = texts.join("\n").toLowerCase();
  return said.some((word) => told.includes(word) || /[^a-z\d]/.test(word)) || isDigits(said, told);
}

/** Of a phone, other blanks may stand elsewhere. */
function isDigits(said: readonly string[], told: string): boolean {
  const digits = told.replace(/\D+/g, "");
  return said.some((word) => /\d/.test(word) && digits.includes(word.slice(-PHONE_DIGITS_COMPARED)));
}

function wholeTexts(plain: string, ticket: Ticket): Span[] {
  const { name, phone, address, town } = ticket.buyer;
  const there = lettersOf(plain);
  const find = (texts: readonly string[], isWhole: boolean): Span[] =>
    [...new Set(texts)]
      .filter((word) => there.includes(lettersOf(word)))
      .flatMap((word) => matches(plain, new RegExp(patternOf(word, isWhole), "giu")));
  const ofBuyer = [
    ...wholeAndParts(address, /[,;，、；]/, ADDRESS_CHARS_MIN),
    ...wholeAndParts(name, /\s+/, 0),
    ...[town, phone].flatMap((text) => wholeAndParts(text, null, 0)),
  ];
  // A reason of one word is a code of the store's: only its turns of phrase go.
  const typed = buyersTexts(ticket).filter((text) => text !== ticket.reason);
  return [
    ...find(ofBuyer, false),
    ...find(
      typed.flatMap((text) => wholeAndParts(text, null, 0)),
      true,
    ),
  ];
}

/** To see at a glance what is not there. */
function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[\s.,'’·‧・-]+/gu, "");
}

interface Token {
  word: string;
  at: Span;
}

function tokensOf(plain: string): Token[] {
  return Array.from(plain.matchAll(TOKEN), ({ 0: word, index }) => ({
    word: word.normalize("NFC").toLowerCase(),
    at: [index, index + word.length],
  }));
}

function singleWords(tokens: readonly Token[], { buyer: { name, town, address } }: Ticket): Span[] {
  const wordsOf = (text: string | null): string[] =>
    text === null ? [] : tokensOf(text).map(({ word }) => word);
  const words = new Set([
    ...[name, town].flatMap(wordsOf).filter(isTelling),
    ...wordsOf(address).filter((word) => word.length >= ADDRESS_WORD_CHARS_MIN),
  ]);
  return tokens.filter(({ word }) => words.has(word)).map(({ at }) => at);
}

/** The last word of a run may be cut off, and so may the first. */
function runsIn(tokens: readonly Token[], texts: readonly string[]): Span[] {
  if (tokens.length < 2) return [];
  const known = texts
    .map((text) =>
      tokensOf(text)
        .map(({ word }) => word)
        .join(" "),
    )
    .join("\n");
  const spans: Span[] = [];
  for (let from = 0; from < tokens.length;) {
    const to = endOfRun(tokens, from, known);
    const run = tokens.slice(from, to);
    const [first, last] = [run[0], run.at(-1)];
    const isLong =
      run.length > 1 && run.reduce((sum, { word }) => sum + weightOf(word), 0) >= RUN_LETTERS_MIN;
    if (isLong && first !== undefined && last !== undefined) spans.push([first.at[0], last.at[1]]);
    from = isLong ? to : from + 1;
  }
  return spans;
}

function endOfRun(tokens: readonly Token[], from: number, known: string): number {
  let said = tokens[from]?.word ?? "";
  if (!known.includes(said)) return from + 1;
  let to = from + 1;
  for (; to < tokens.length; to++) {
    said += ` ${tokens[to]?.word ?? ""}`;
    if (!known.includes(said)) break;
  }
  return to;
}

function weightOf(word: string): number {
  return UNSPACED_LETTER.test(word) ? UNSPACED_WEIGHT : word.length;
}

/** One letter or digit is in every line. */
const WORD_CHARS_MIN = 2;

/**
 * Takes out of a text what these have in common with it, word by word, whatever else goes with it: for what is kept of
 * a buyer who is erased. Encoded words as `hideBuyer` does.
 */
export function hideWords(text: string, texts: readonly string[]): string {
  const tokens = texts.flatMap(tokensOf).map(({ word }) => word);
  const words = new Set(tokens.filter((word) => word.length >= WORD_CHARS_MIN));
  const letters = [...new Set(tokens.filter((word) => UNSPACED_LETTER.test(word)))].join("");
  // Nothing: a class without letters matches nothing.
  const names = new RegExp(`[${letters}](?:\\s*[${letters}])+`, "gu");
  return withoutSpans(text, (plain) => [
    ...matches(plain, names),
    ...matches(plain, SPACED_WORDS).filter(([from, to]) => words.has(plain.slice(from, to).toLowerCase())),
  ]);
}

function matches(plain: string, pattern: RegExp): Span[] {
  return Array.from(plain.matchAll(pattern), ({ 0: found, index }) => [
    index + found.length - found.trimStart().length,
    index + found.trimEnd().length,
  ]);
}

/** @param find what goes of the text as people read it */
function withoutSpans(text: string, find: (plain: string) => readonly Span[]): string {
  const given = text.normalize("NFC");
  const { text: plain, placeOf } = decode(given);
  let kept = "";
  let end = 0;
  for (const [from, to] of find(plain).toSorted(([a], [b]) => a - b)) {
    if (to <= end) continue;
    if (from > end || end === 0) kept += given.slice(placeOf(end), placeOf(from)) + HIDDEN;
    end = to;
  }
  if (end === 0) return given;
  return (kept + given.slice(placeOf(end))).replace(HIDDEN_IN_A_ROW, HIDDEN);
}

/** As one: nobody needs to know of how many words a name is. */
const HIDDEN_IN_A_ROW = /\u2026(?:[\s().-]*\u2026)+/g;
