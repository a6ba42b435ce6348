import type { Buyer, Cancellation } from "../core/cancellation.ts";
import { joined, type Fields } from "./fields.ts";

// What the platforms' orders have in common, below the names they give it.

/** Words for "the buyer comes for it" in a shipping line; `取貨` alone is not one (convenience stores deliver). */
const COLLECTION = new RegExp(
  [
    "pick[\\s-]?up|\\bcollection\\b|self[\\s-]?collect|click\\s*(?:and|&|\\+|n)\\s*collect|\\bcollect (?:in|at|from)\\b",
    "\\bin[\\s-]store\\b|take[\\s-]?away|take[\\s-]?out|carry[\\s-]?out|curb\\s?side",
    "自取|自提|到店|(?<!便利商)店取|外[帶带]|店頭受|店舗受|テイクアウト|持ち?帰り",
    "픽업|방문\\s?수령|방문\\s?포장|포장\\s?주문|^포장$|รับเอง|รับที่ร้าน|กลับบ้าน",
    "đến lấy|tự lấy|mang (?:đi|về)|ambil sendiri|\\bbungkus\\b|\\btapau\\b",
    "\\brecog(?:er|ida)|\\bretir[ao]|para (?:llevar|viagem)|\\blevantamento\\b|retrait|à emporter",
    "abhol(?:ung|en)|zum mitnehmen",
  ].join("|"),
  "iu",
);

export function handoverOf(
  shippingMethod: string | null,
  buyer: Pick<Buyer, "address" | "town">,
): Cancellation["handover"] {
  if (shippingMethod !== null && COLLECTION.test(shippingMethod)) return "collection";
  return shippingMethod !== null || buyer.address !== null || buyer.town !== null ? "delivery" : null;
}

/** `name`, or first and last name: the vendors' pages swap the labels of those two, so `name` goes first. */
export function nameIn(person: Fields): string | null {
  return person.text("name") ?? joined([person.text("first_name"), person.text("last_name")], " ");
}

/** @param areaCode the country's calling code, with or without `+`; anything else is left out */
export function phoneWith(areaCode: string | null, phone: string | null): string | null {
  const digits = /^\+?(\d{1,4})$/.exec(areaCode ?? "")?.[1];
  if (phone === null || digits === undefined || phone.startsWith("+")) return phone;
  return joined([`+${digits}`, phone], " ");
}

/** Parts of an address as one line; what is said twice (`Singapore, Singapore`) stands once. */
export function addressLine(parts: readonly (string | null)[]): string | null {
  return joined([...new Set(parts)]);
}

/** What a line is called when the store names it by nothing at all. */
export const NAMELESS = "?";
