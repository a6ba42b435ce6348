import type { Ticket } from "./ticket.ts";

/** What stands in the place of what was the buyer's. */
const MASK = "[buyer]";
/** In UTF-8: shorter, it would take apart words that are nobody's. */
const BYTES_MIN = 4;
const PHONE_DIGITS_MIN = 6;
/** Of a phone number its end counts: the front is written with a country's code, with a zero, or not at all. */
const PHONE_DIGITS_MAX = 8;

/**
 * Clouds and printers repeat what they were sent, and their words go into logs, lists and alerts, where nothing of a
 * buyer belongs.
 * @returns the text without the buyer's name, phone number, address, town and note
 */
export function withoutBuyer(
  text: string,
  { buyer, buyer_note }: Pick<Ticket, "buyer" | "buyer_note">,
): string {
  const known = [buyer_note, buyer.address, buyer.name, buyer.town]
    .filter((value) => value !== null)
    .map((value) => value.trim())
    .filter((value) => Buffer.byteLength(value) >= BYTES_MIN)
    .map((value) => new RegExp(value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "giu"));
  const phone = phonePattern(buyer.phone ?? "");
  return [...known, ...(phone === null ? [] : [phone])].reduce(
    (rest, pattern) => rest.replace(pattern, MASK),
    text,
  );
}

/** The number however it is set: `0912 345 678`, `(0912) 345-678`, `+886912345678`. */
function phonePattern(phone: string): RegExp | null {
  const digits = phone.replace(/\D/g, "");
  if (digits.length < PHONE_DIGITS_MIN) return null;
  const end = [...digits.slice(-PHONE_DIGITS_MAX)].join("[\\s().-]*");
  return new RegExp(`(?:[+(\\d][\\d\\s().-]{0,7})?${end}`, "g");
}
