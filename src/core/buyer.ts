import type { Ticket } from "./ticket.ts";

// What a stranger may see of an order: nothing of its buyer.

/** What stands in the place of what is hidden. */
export const HIDDEN = "…";
/** A shorter name or part of one is a word like another, and hiding it would spoil every text. */
const LATIN_CHARS_MIN = 3;
const OTHER_CHARS_MIN = 2;
/** A number is known by its end: clouds and stores write what stands before it in many ways. */
export const PHONE_DIGITS_COMPARED = 7;

/**
 * The ticket without its buyer and without what a buyer or anybody about a buyer may have typed: notes, the reason, and
 * options with a name (line properties). What was ordered stays, with the merchant's own words for it.
 */
export function withoutBuyer(ticket: Ticket): Ticket {
  return {
    ...ticket,
    reason: ticket.kind === "test" ? ticket.reason : null,
    merchant_note: null,
    buyer_note: null,
    shipping_method: null,
    buyer: { name: null, phone: null, address: null, town: null },
    items: ticket.items.map((item) => ({
      ...item,
      options: item.options.filter(({ name }) => name === null),
      note: null,
    })),
  };
}

/** Takes the buyer out of a text of somebody else's: clouds echo what they refuse. */
export function hideBuyer(text: string, { buyer, buyer_note }: Pick<Ticket, "buyer" | "buyer_note">): string {
  const names = (buyer.name ?? "").split(/\s+/);
  const words = [buyer_note, buyer.address, buyer.town, buyer.name, buyer.phone, ...names]
    .filter((word) => word !== null)
    .map((word) => word.trim())
    .filter(isTelling)
    .toSorted((a, b) => b.length - a.length);
  const hidden = words.reduce(
    (rest, word) => rest.replace(new RegExp(RegExp.escape(word), "giu"), HIDDEN),
    text,
  );
  const digits = buyer.phone?.replace(/\D/g, "") ?? "";
  if (digits.length < PHONE_DIGITS_COMPARED) return hidden;
  const end = digits.slice(-PHONE_DIGITS_COMPARED).split("").join("[\\s().-]*");
  return hidden.replace(new RegExp(`[+(\\d\\s().-]*${end}`, "g"), ` ${HIDDEN}`);
}

/** Texts that hold the buyer, or in which somebody may have written of one: what `withoutBuyer` takes away. */
export function buyersTexts(ticket: Ticket): string[] {
  const { buyer, buyer_note, merchant_note, reason, shipping_method, items } = ticket;
  const lines = items.flatMap(({ note, options }) => [
    note,
    ...options.map(({ name, value }) => (name === null ? null : value)),
  ]);
  const own = [...Object.values(buyer), buyer_note, merchant_note, shipping_method, ...lines];
  return [...own, ticket.kind === "test" ? null : reason].filter((text) => text !== null);
}

/** Of scripts that put no space between words any two of a text's letters may be a name. */
const UNSPACED =
  "\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Hangul}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}";
const UNSPACED_RUN = new RegExp(`[${UNSPACED}]+`, "gu");
const SPACED_WORD = new RegExp(`(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}])+`, "gu");
/** One letter or digit is in every line. */
const WORD_CHARS_MIN = 2;

/**
 * Takes out of a text what these have in common with it, word by word, whatever else goes with it: for what is kept of
 * a buyer who is erased.
 */
export function hideWords(text: string, texts: readonly string[]): string {
  const hidden = texts.map((told) => told.normalize("NFC").toLowerCase());
  const words = new Set(hidden.flatMap((told) => told.match(SPACED_WORD) ?? []).filter(isWord));
  const letters = new Set(hidden.flatMap((told) => told.match(UNSPACED_RUN) ?? []).join(""));
  // Nothing: a class without letters matches nothing.
  const names = new RegExp(`[${[...letters].join("")}]{${WORD_CHARS_MIN},}`, "gu");
  return text
    .normalize("NFC")
    .replace(names, HIDDEN)
    .replace(SPACED_WORD, (word) => (words.has(word.toLowerCase()) ? HIDDEN : word))
    .replace(/\u2026(?:[\s().-]*\u2026)+/g, HIDDEN);
}

function isWord(word: string): boolean {
  return word.length >= WORD_CHARS_MIN;
}

/** What a stranger said stands behind our own words: only these stay. For a text whose buyer is no longer known. */
export function withoutStrangersWords(text: string): string {
  return text.replace(/: [^]*$/, `: ${HIDDEN}`);
}

/** Whether a name, or a part of one, is more than a word like another. */
export function isTelling(word: string): boolean {
  return (
    Array.from(word).length >=
    (/^[\p{ASCII}\p{Script=Latin}]*$/u.test(word) ? LATIN_CHARS_MIN : OTHER_CHARS_MIN)
  );
}
