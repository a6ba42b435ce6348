import { phoneDigits, type ErasureSubject } from "./erasure.ts";
import { isPhoneKey, wordsOf } from "./field-name.ts";
import { isObject } from "./json.ts";
import { allOrderNamesIn, jsonOf } from "./order-in-body.ts";
import { orderKey } from "./order-key.ts";
import {
  END_DIGITS,
  hasOtherDigits,
  hasPhone,
  hasSplitPhone,
  phoneGlance,
  plainText,
} from "./phone-match.ts";

// Whether a text that the ledger keeps tells of a buyer who is to be erased.

/** What one asks of a text: JSON as stores and the cloud send it, JSON that was cut off, or none. */
export interface BuyerMatcher {
  /** Whether the buyer's phone, e-mail or id stands in it. */
  isIn(text: string): boolean;
  /**
   * Whether an order with this id and this name is to be erased. One that was named with a `#` is meant by its name:
   * in some shops it is another order's id.
   */
  isOrder(id: string | null, name: string | null): boolean;
  /** Likewise of any order that this body tells of, in whatever shape. */
  isOrderIn(body: string): boolean;
}

export function createBuyerMatcher(subject: ErasureSubject): BuyerMatcher {
  const names = new Set(subject.orders.map(orderKey).filter(isSet));
  const ids = new Set(
    subject.orders
      .filter((order) => !order.trim().startsWith("#"))
      .map(orderKey)
      .filter(isSet),
  );
  const told = {
    phone: subject.phone === null ? null : phoneDigits(subject.phone),
    email: subject.email?.includes("@") === true ? subject.email.trim().toLowerCase() : null,
    customer_id:
      subject.customer_id !== null && isSet(subject.customer_id.trim()) ? subject.customer_id.trim() : null,
  };
  const lengths = [told.phone === null ? null : END_DIGITS, told.email?.length, told.customer_id?.length];
  const wanted: Wanted = { ...told, chars_min: Math.min(...lengths.map((length) => length ?? Infinity)) };
  const mayBeIn = createGlance(wanted);
  const isOrder = (id: string | null, name: string | null): boolean =>
    (id !== null && ids.has(orderKey(id))) || (name !== null && names.has(orderKey(name)));
  return {
    isIn: (text) => mayBeIn(text) && isInText(text, wanted, null),
    isOrder,
    isOrderIn(body) {
      const text = body.normalize("NFKC").toLowerCase();
      if (!text.includes("\\u") && ![...names].some((order) => text.includes(order))) return false;
      if (jsonOf(body) === undefined) return [...names].some((order) => isWordIn(text, order));
      const told = allOrderNamesIn(body);
      return told.ids.some((id) => isOrder(id, null)) || told.names.some((name) => isOrder(null, name));
    },
  };
}

/**
 * In what is no JSON nobody can tell an order's number from another: a long one is nobody else's, and a short one is taken
 * for one only behind its `#`.
 */
function isWordIn(text: string, order: string): boolean {
  const sign = order.length < ORDER_CHARS_MIN ? "#" : "";
  return new RegExp(`(?<![\\w-])${sign}${RegExp.escape(order)}(?![\\w-])`).test(text);
}
const ORDER_CHARS_MIN = 8;

/** What some stores send for an id that there is not would be every guest's. */
function isSet(id: string): boolean {
  return id !== "" && id !== "0";
}

interface Wanted {
  /** Without leading zeros. */
  phone: string | null;
  /** Lower case. */
  email: string | null;
  customer_id: string | null;
  /** In a shorter text none of them stands. */
  chars_min: number;
}

/** @returns a look that is quick, and says no only where nothing can be found */
function createGlance({ phone, email, customer_id }: Wanted): (text: string) => boolean {
  if (phone === null && email === null && customer_id === null) return () => false;
  const digits = phone === null ? null : phoneGlance(phone);
  return (text) =>
    // Escaped characters, or digits of other scripts: not to be seen at a glance.
    text.includes("\\u") ||
    hasOtherDigits(text) ||
    digits?.test(text) === true ||
    (email !== null && text.toLowerCase().includes(email)) ||
    (customer_id !== null && text.includes(customer_id));
}

/** @param key under which it stands, where it is a value in JSON */
function isInText(text: string, wanted: Wanted, key: string | null): boolean {
  if (text.length < wanted.chars_min) return false;
  const json = jsonOf(text);
  if (json !== undefined) return isInValue(json, wanted, key, null);
  const plain = plainText(text);
  if (wanted.email !== null && hasEmail(plain.toLowerCase(), wanted.email)) return true;
  if (wanted.phone !== null && hasPhone(plain, wanted.phone, key)) return true;
  return wanted.customer_id !== null && key === null && hasCustomerId(plain, wanted.customer_id);
}

function isInValue(value: unknown, wanted: Wanted, key: string | null, under: string | null): boolean {
  if (Array.isArray(value)) return value.some((item) => isInValue(item, wanted, key, under));
  if (isObject(value)) {
    if (wanted.phone !== null && hasSplitPhone(value, wanted.phone)) return true;
    return Object.entries(value).some(([name, item]) => isInValue(item, wanted, name, key));
  }
  if (typeof value !== "string" && typeof value !== "number") return false;
  const text = String(value);
  if (text === wanted.customer_id && isCustomerId(key, under)) return true;
  if (typeof value === "number" && !isPhoneKey(key)) return false;
  return isInText(text, wanted, key);
}

function isCustomerId(key: string | null, under: string | null): boolean {
  const name = wordsOf(key);
  return name === "customer_id" || (name === "id" && wordsOf(under) === "customer");
}

function hasCustomerId(text: string, id: string): boolean {
  return new RegExp(`customer_?id\\W{1,6}${RegExp.escape(id)}(?![\\w-])`, "i").test(text);
}

/** Whole: not the end or the beginning of another's. */
function hasEmail(text: string, email: string): boolean {
  return new RegExp(`(?<![\\w.+%-])${RegExp.escape(email)}(?![\\w-]|\\.\\w)`).test(text);
}
