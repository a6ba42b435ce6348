import type { Ticket } from "./ticket.ts";

// What a stranger may see of an order: nothing of its buyer.

/** What stands in the place of what is hidden. */
export const HIDDEN = "…";
/** A shorter name or part of one is a word like another, and hiding it would spoil every text. */
const LATIN_CHARS_MIN = 3;
const OTHER_CHARS_MIN = 2;
/** Of scripts that put no space between words any letters in the middle of a text may be a name. In a character class. */
export const UNSPACED =
  "\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Hang}\\p{sc=Thai}\\p{sc=Laoo}\\p{sc=Khmr}\\p{sc=Mymr}";
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

/** What a stranger said stands behind our own words: only these stay. For a text whose buyer is no longer known. */
export function withoutStrangersWords(text: string): string {
  return text.replace(/: [^]*$/, `: ${HIDDEN}`);
}

/**
 * Of what was answered about a forgotten order: what we say of it ourselves, for anybody may name the buyer again. What a
 * send without an answer came to is in our own words.
 */
export function ownWordsOf(attempt: {
  kind: "send" | "verify";
  detail: string;
  http_status: number | null;
}): string {
  const { kind, detail, http_status } = attempt;
  if (kind === "verify") return withoutStrangersWords(detail);
  if (http_status === null) return detail;
  const status = `HTTP ${http_status}`;
  return detail === status ? status : `${status}: ${HIDDEN}`;
}

/** Whether a name, or a part of one, is more than a word like another. */
export function isTelling(word: string): boolean {
  return (
    Array.from(word).length >=
    (/^[\p{ASCII}\p{Script=Latin}]*$/u.test(word) ? LATIN_CHARS_MIN : OTHER_CHARS_MIN)
  );
}
