import { phoneDigits, PHONE_DIGITS_MAX, type ErasureSubject } from "./erasure.ts";
import { isObject, parseJson } from "./json.ts";
import { orderKey } from "./order-key.ts";

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
  /** Likewise of the order that this body is about. */
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
  const wanted: Wanted = {
    phone: subject.phone === null ? null : phoneDigits(subject.phone),
    email: subject.email?.includes("@") === true ? subject.email.trim().toLowerCase() : null,
    customer_id:
      subject.customer_id !== null && isSet(subject.customer_id.trim()) ? subject.customer_id.trim() : null,
  };
  const mayBeIn = createGlance(wanted);
  const isOrder = (id: string | null, name: string | null): boolean =>
    (id !== null && ids.has(orderKey(id))) || (name !== null && names.has(orderKey(name)));
  return {
    isIn: (text) => mayBeIn(text) && isInText(text, wanted, null),
    isOrder,
    isOrderIn(body) {
      const text = body.toLowerCase();
      if (!text.includes("\\u") && ![...names].some((order) => text.includes(order))) return false;
      const told = orderNamesIn(body);
      return told.ids.some((id) => isOrder(id, null)) || told.names.some((name) => isOrder(null, name));
    },
  };
}

/** What some stores send for an id that there is not would be every guest's. */
function isSet(id: string): boolean {
  return id !== "" && id !== "0";
}

/** What one body says of the order it is about: as its root, or wrapped once. */
export function orderNamesIn(text: string): { ids: string[]; names: string[] } {
  const root = jsonOf(text);
  const told = { ids: [] as string[], names: [] as string[] };
  if (!isObject(root)) return told;
  for (const order of [root, ...WRAPPERS.map((key) => root[key])].filter(isObject)) {
    told.ids.push(...textsAt(order, ORDER_IDS));
    told.names.push(...textsAt(order, ORDER_NAMES));
  }
  return told;
}

const WRAPPERS = ["order", "data"];
const ORDER_IDS = ["id", "order_id"];
const ORDER_NAMES = ["name", "number", "reference_id", "order_name"];

function textsAt(object: Record<string, unknown>, keys: readonly string[]): string[] {
  return keys.flatMap((key) => {
    const value = object[key];
    return typeof value === "string" || typeof value === "number" ? [String(value).trim()] : [];
  });
}

interface Wanted {
  /** Without leading zeros. */
  phone: string | null;
  /** Lower case. */
  email: string | null;
  customer_id: string | null;
}

/** A number is known by its end: what is written before it differs from store to store, or stands in another field. */
const END_DIGITS = 6;
const BETWEEN_DIGITS = "\\D{0,4}";

/** @returns a look that is quick, and says no only where nothing can be found */
function createGlance({ phone, email, customer_id }: Wanted): (text: string) => boolean {
  if (phone === null && email === null && customer_id === null) return () => false;
  const end = phone?.slice(-END_DIGITS).split("").join(BETWEEN_DIGITS);
  const digits = end === undefined ? null : new RegExp(end);
  return (text) =>
    // Escaped characters, or digits as wide as ideographs: not to be seen at a glance.
    /\\u|[\uff10-\uff19]/.test(text) ||
    digits?.test(text) === true ||
    (email !== null && text.toLowerCase().includes(email)) ||
    (customer_id !== null && text.includes(customer_id));
}

/** @param key under which it stands, where it is a value in JSON */
function isInText(text: string, wanted: Wanted, key: string | null): boolean {
  const json = jsonOf(text);
  if (json !== undefined) return isInValue(json, wanted, key, null);
  const plain = text.normalize("NFKC");
  if (wanted.email !== null && hasEmail(plain.toLowerCase(), wanted.email)) return true;
  if (wanted.phone !== null && hasPhone(plain, wanted.phone, key)) return true;
  return wanted.customer_id !== null && key === null && hasCustomerId(plain, wanted.customer_id);
}

/** @returns undefined when it is no object and no list, or no JSON at all */
function jsonOf(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
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

/** What separates the digits of a number as people write them, at most two in a row. */
const PHONE_LIKE = /(?<![\w.,#-])\+?\(?\d(?:[\s().\-/]{0,3}\d){6,39}(?!\w)/g;
const DATE = /\d{4}[-/.]\d{1,2}[-/.]\d{1,2}/;
const AMOUNT = /^\d+\.\d{1,2}$/;
/** What people write before a number at most: a country's code, and the city's. */
const MORE_DIGITS_MAX = 4;

function hasPhone(text: string, phone: string, key: string | null): boolean {
  if (isPhoneKey(key)) {
    const digits = phoneDigits(text);
    if (digits !== null && isSameEnd(digits, phone)) return true;
  } else if (isOtherNumberKey(key)) return false;
  for (const { 0: found, index } of text.matchAll(PHONE_LIKE)) {
    const before = key ?? keyBefore(text.slice(Math.max(0, index - KEY_CHARS_MAX), index));
    if (isOtherNumberKey(before) || DATE.test(found)) continue;
    if (!found.replace(/\D/g, "").includes(phone.slice(-END_DIGITS))) continue;
    if (windowsOf(found).some((candidate) => isPhone(candidate, phone, isPhoneKey(before)))) return true;
  }
  return false;
}

const KEY_CHARS_MAX = 60;

/** In JSON that was cut off, and in forms: the name of what follows. */
function keyBefore(text: string): string | null {
  return /([\w-]+)[\\"']*\s*[:=]\s*[\\"']*$/.exec(text)?.[1] ?? null;
}

/** Neighbours in a line of text look like parts of one number: each stretch of parts may be it. */
function windowsOf(found: string): string[] {
  const parts = found.split(/\s+/);
  return parts.flatMap((_, from) =>
    parts.slice(from).map((__, to) => parts.slice(from, from + to + 1).join(" ")),
  );
}

function isPhone(candidate: string, phone: string, isNamed: boolean): boolean {
  const digits = phoneDigits(candidate);
  if (digits === null || AMOUNT.test(candidate)) return false;
  if (digits === phone) return true;
  if (isNamed) return isSameEnd(digits, phone);
  if (!isSameEnd(digits, phone) || Math.abs(digits.length - phone.length) > MORE_DIGITS_MAX) return false;
  // Bare digits, and more than the phone has: an order's number that ends like it.
  return digits.length < phone.length || !/^[1-9]\d*$/.test(candidate);
}

function isSameEnd(one: string, other: string): boolean {
  return one.endsWith(other) || other.endsWith(one);
}

/** Area code and number in two fields of one object. */
function hasSplitPhone(object: Record<string, unknown>, phone: string): boolean {
  const entries = Object.entries(object).map(([key, value]) => [wordsOf(key), value] as const);
  const areas = entries.filter(([key]) => /(?:area|country|calling|dial|phone)_?code$|^area$/.test(key));
  const numbers = entries.filter(([key]) => isPhoneKey(key) && !key.endsWith("code"));
  return areas.some(([, area]) =>
    numbers.some(([, number]) => {
      const digits = phoneDigits(digitsOf(area) + digitsOf(number).replace(/^0+/, ""));
      return (
        digits !== null && digits.length - digitsOf(area).length >= END_DIGITS && isSameEnd(digits, phone)
      );
    }),
  );
}

function digitsOf(value: unknown): string {
  if (typeof value !== "string" && typeof value !== "number") return "";
  const digits = String(value).normalize("NFKC").replace(/\D/g, "");
  return digits.length > PHONE_DIGITS_MAX ? "" : digits;
}

/** `orderId` and `order_id` alike. */
function wordsOf(key: string | null): string {
  return (key ?? "")
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .replaceAll("-", "_")
    .toLowerCase();
}

function isPhoneKey(key: string | null): boolean {
  return /phone|mobile|cell|whatsapp|contact_number|(?:^|_)tel(?:$|_)/.test(wordsOf(key));
}

/** Values under these are numbers of something else, however much they look like a phone's. */
function isOtherNumberKey(key: string | null): boolean {
  return !isPhoneKey(key) && OTHER_NUMBER.test(wordsOf(key));
}

const OTHER_NUMBER =
  /(?:^|_)(?:id|ids|sn|no|number|seq|code|sku|barcode|price|amount|amt|total|subtotal|tax|taxes|charges|fee|sum|qty|quantity|num|weight|time|date|at|token|hash|key|sign|url|ip|zip|latitude|longitude|version)$/;
