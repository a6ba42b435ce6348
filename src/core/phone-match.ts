import { phoneDigits, PHONE_DIGITS_MAX } from "./erasure.ts";
import { isOtherNumberKey, isPhoneKey, keyBefore, wordsOf } from "./field-name.ts";

// Whether a phone stands in a text, however people wrote it.

/** A number is known by its end: what is written before it differs from store to store, or stands in another field. */
export const END_DIGITS = 6;
const BETWEEN_DIGITS = "\\D{0,4}";

/** @returns a look that is quick: a text in which it finds nothing does not have the number in digits of ASCII */
export function phoneGlance(phone: string): RegExp {
  return new RegExp(phone.slice(-END_DIGITS).split("").join(BETWEEN_DIGITS));
}

/** Whether there are digits of any script but ASCII's. */
export function hasOtherDigits(text: string): boolean {
  return SCRIPTS_WITH_DIGITS.test(text) && OTHER_DIGIT.test(text);
}

const OTHER_DIGIT = /[\p{Nd}--[0-9]]/v;
/** Blocks of Unicode that have such, without Han, kana and Hangul: a third of the time, and most texts have none. */
const SCRIPTS_WITH_DIGITS = /[\u0660-\u1c59\ua620-\uabf9\uff10-\uff19\ud800-\udbff]/;
const EACH_OTHER_DIGIT = /[\p{Nd}--[0-9]]/gv;

/** @returns the text as numbers are looked for in it: digits in ASCII, and nothing that is not seen */
export function plainText(text: string): string {
  if (ASCII.test(text)) return text;
  return text
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .replace(EACH_OTHER_DIGIT, valueOf);
}

const ASCII = /^[\x20-\x7e]*$/;

/** Unicode keeps the ten digits of a script together, in their order, from a 0 on. */
function valueOf(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String((code - zero) % 10);
}

/** What people set between the digits of a number, at most three in a row; no comma: sums have it. */
const BETWEEN = "[\\s().\\-/_~\\u00b7\\u2010-\\u2015\\u2022\\u2027\\u2212\\u30fb\\u30fc]{0,3}";
const NUMBERS = new RegExp(`\\+?\\(?\\d(?:${BETWEEN}\\d){6,59}`, "g");
/** A day, with what is glued to it as its time. */
const DATE =
  /(?<!\d)(?:(?:19|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])|(?:0?[1-9]|[12]\d|3[01])([-/.])(?:0?[1-9]|[12]\d|3[01])\2(?:19|20)\d\d)(?!\d)(?:T[\d:.]*)?/g;
/** What people write before a number at most: a country's code, and the city's. */
const MORE_DIGITS_MAX = 4;

/** @param text as `plainText` has it @param phone as `phoneDigits` has it @param key under which the text stands */
export function hasPhone(text: string, phone: string, key: string | null): boolean {
  if (isPhoneKey(key)) {
    const digits = phoneDigits(text);
    if (digits !== null && isSameEnd(digits, phone)) return true;
  } else if (isOtherNumberKey(key) || isNameOfOrder(text, key)) return false;
  let left = LIKE_IT_MAX;
  // No separator, and as long: what stands before a number is looked at in the same place.
  const told = text.replace(DATE, (date) => ";".repeat(date.length));
  for (const { 0: found, index } of told.matchAll(NUMBERS)) {
    if (!found.replace(/\D/g, "").includes(phone.slice(-END_DIGITS))) continue;
    if (left-- === 0) return true;
    const before = key ?? keyBefore(told, index);
    if (isOtherNumberKey(before)) continue;
    const words = told.slice(Math.max(0, index - WORDS_CHARS_MAX), index);
    if (ORDER_WITH_SIGN.test(words)) continue;
    const isNamed = isPhoneKey(before) || PHONE_WORD.test(words);
    const isOfOrder = ORDER_WORD.test(words);
    const windows = windowsOf(found, phone);
    if (windows.some((window) => isPhone(window, phone, { isNamed, isOfOrder }))) return true;
  }
  return false;
}

/**
 * Numbers in one text that have the phone's last digits, looked at closely. A text with more was made for it: rather
 * than for minutes it is looked at no longer, and goes.
 */
const LIKE_IT_MAX = 100;

function isNameOfOrder(text: string, key: string | null): boolean {
  return /(?:^|_)name$/.test(wordsOf(key)) && /^\s*#\d+\s*$/.test(text);
}

const WORDS_CHARS_MAX = 24;
const ORDER = "(?:order|invoice|bestellung|rechnung|commande|pedido|ordine|訂單|订单|單號|单号|注文|주문)";
const ORDER_WORD = new RegExp(`${ORDER}\\P{Nd}{0,8}$`, "iu");
const ORDER_WITH_SIGN = new RegExp(`${ORDER}\\P{Nd}{0,8}#\\s?$`, "iu");
const PHONE_WORD =
  /(?:wa\.me\/|\btel|phone|mobile|whatsapp|viber|電話|电话|手機|手机|携帯|전화|тел|هاتف|☎|📞)[\s:.=+/-]*$/iu;

/** Some neighbouring groups of digits, with what stands between them. */
interface Window {
  written: string;
  /** The group before it, and the one behind, where no more than a dot is between. */
  whole: string | null;
  fraction: string | null;
  /** It begins where another number may end, and not only because it is long. */
  isApart: boolean;
}

/** A group of so many digits may be a number by itself. */
const OWN_DIGITS_MIN = 7;

/** Neighbours in a line of text look like parts of one number: each stretch of groups that ends like the phone may be it. */
function windowsOf(found: string, phone: string): Window[] {
  const groups = [...found.matchAll(/[+(]*\d+/g)].map(({ 0: text, index }) => ({
    ...{ text, from: index, to: index + text.length },
    isLong: text.length >= OWN_DIGITS_MIN,
  }));
  const between = (at: number): string => found.slice(groups[at]?.to ?? 0, groups[at + 1]?.from ?? 0);
  const isApart = (at: number): boolean => at < 0 || at >= groups.length - 1 || /[\s/~]/.test(between(at));
  const isOpen = (at: number): boolean =>
    isApart(at) || groups[at]?.isLong === true || groups[at + 1]?.isLong === true;
  const windows: Window[] = [];
  for (const [first, { from }] of groups.entries()) {
    if (!isOpen(first - 1)) continue;
    let digits = "";
    for (const [more, { text, to }] of groups.slice(first, first + PHONE_DIGITS_MAX + 1).entries()) {
      const last = first + more;
      digits += text.replace(/\D/g, "");
      if (!isOpen(last) || !isSameEnd(digits.replace(/^0+/, ""), phone)) continue;
      windows.push({
        written: found.slice(from, to),
        whole: between(first - 1) === "." ? (groups[first - 1]?.text ?? null) : null,
        fraction: between(last) === "." ? (groups[last + 1]?.text ?? null) : null,
        isApart: isApart(first - 1),
      });
    }
  }
  return windows;
}

const AMOUNT = /^\d+\.\d{1,2}$/;
/** A part of one, or degrees: more before its only dot is a country's code. */
const DECIMAL = /^(?:0|[1-9]\d?|[12]\d\d|3[0-5]\d)\.\d+$/;

function isPhone(window: Window, phone: string, told: { isNamed: boolean; isOfOrder: boolean }): boolean {
  const { written, whole, fraction } = window;
  const digits = phoneDigits(written);
  if (digits === null || !isSameEnd(digits, phone)) return false;
  if (AMOUNT.test(written) || (fraction !== null && AMOUNT.test(`${written}.${fraction}`))) return false;
  if (whole !== null && DECIMAL.test(`${whole}.${written}`)) return false;
  if (DECIMAL.test(written)) return digits === phone && !written.startsWith("0.");
  if (digits === phone) return true;
  if (digits.length < phone.length && !window.isApart) return false;
  if (told.isNamed) return true;
  if (Math.abs(digits.length - phone.length) > MORE_DIGITS_MAX) return false;
  // Bare digits, and more than the phone has: an order's number that ends like it, or a country's code before it.
  if (digits.length < phone.length || !/^[1-9]\d*$/.test(written)) return true;
  return !told.isOfOrder && CALLING_CODE.test(digits.slice(0, -phone.length));
}

/** By the zones of E.164. */
const CALLING_CODE =
  /^(?:[17]|2(?:[07]|[1-689]\d)|3(?:[0-469]|[578]\d)|4(?:[013-9]|2\d)|5(?:[1-8]|[09]\d)|6(?:[0-6]|[7-9]\d)|8(?:[1246]|[035789]\d)|9(?:[0-58]|[679]\d))$/;

function isSameEnd(one: string, other: string): boolean {
  return one.endsWith(other) || other.endsWith(one);
}

/** Of each kind in one object: an address has one or two. */
const FIELDS_MAX = 20;

/** Area code and number in two fields of one object. */
export function hasSplitPhone(object: Record<string, unknown>, phone: string): boolean {
  const entries = Object.entries(object).map(([key, value]) => [wordsOf(key), value] as const);
  const areas = entries
    .filter(([key]) => /(?:area|country|calling|dial|phone)_?code$|^area$/.test(key))
    .slice(0, FIELDS_MAX);
  const numbers = entries.filter(([key]) => isPhoneKey(key) && !key.endsWith("code")).slice(0, FIELDS_MAX);
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
  const digits = plainText(String(value)).replace(/\D/g, "");
  return digits.length > PHONE_DIGITS_MAX ? "" : digits;
}
