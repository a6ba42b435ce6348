import Big from "big.js";

/**
 * Money is decimal text from the body to the paper, never a float. Amounts are kept with exactly the digits
 * their currency has (ISO 4217 by way of CLDR: JPY 0, USD 2, KWD 3), and with its small coins where CLDR knows
 * none and the store sent some.
 */
export type Decimal = string;

/** Digits by ISO 4217 of currencies that CLDR gives none, since cash has none: stores calculate with them. */
const SMALL_COINS: ReadonlyMap<string | null, number> = new Map([
  ...["AFN", "ALL", "COP", "HUF", "IDR", "IRR", "KPW", "LAK", "LBP"].map((code) => [code, 2] as const),
  ...["MGA", "MMK", "PKR", "SOS", "SYP", "YER"].map((code) => [code, 2] as const),
  ["IQD", 3],
]);

const DIGITS_DEFAULT = 2;
/** Longer numerals are no sum of money; neither are exponents of two digits (`1e99` would make a slip of zeros). */
const AMOUNT_CHARS_MAX = 30;

/** A JSON number this small is what a float's arithmetic left of zero. */
const NOISE = 1e-9;

const digitsByCurrency = new Map<string, number>();

/** @param currency ISO 4217 code, any case; unknown, malformed or null: 2 digits */
export function currencyDigits(currency: string | null): number {
  if (currency === null || !/^[a-z]{3}$/i.test(currency)) return DIGITS_DEFAULT;
  const code = currency.toUpperCase();
  let digits = digitsByCurrency.get(code);
  if (digits === undefined) {
    const options = new Intl.NumberFormat("en", { style: "currency", currency: code }).resolvedOptions();
    digits = options.maximumFractionDigits ?? DIGITS_DEFAULT;
    digitsByCurrency.set(code, digits);
  }
  return digits;
}

/**
 * Reads an amount as stores send it: decimal text, or a JSON number (whose float noise the rounding removes).
 * Rounds half up to the currency's digits. Words, empty text, objects and absurd lengths are null.
 */
export function parseAmount(value: unknown, currency: string | null): Decimal | null {
  if (typeof value === "string" && isAmountOf(value, currencyDigits(currency))) return value;
  const big = parseDecimal(value);
  return big === null ? null : format(big, currency);
}

/** Whether it stands there as it is kept: most do, and nothing has to be done to them. */
function isAmountOf(text: string, digits: number): boolean {
  if (text.length > AMOUNT_CHARS_MAX || !/^(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text)) return false;
  const point = text.indexOf(".");
  return digits === (point === -1 ? 0 : text.length - point - 1);
}

/** `price × quantity` in the currency's digits, or null when either is not a number. */
export function lineTotal(price: unknown, quantity: unknown, currency: string | null): Decimal | null {
  if (quantity === 1) return parseAmount(price, currency);
  const one = parseDecimal(price);
  const count = parseDecimal(quantity);
  return one === null || count === null ? null : format(one.times(count), currency);
}

/** The sum of those that are there, or null when none is. */
export function sumAmounts(amounts: readonly (Decimal | null)[], currency: string | null): Decimal | null {
  const present = amounts.filter((amount) => amount !== null);
  if (present.length === 0) return null;
  return format(
    present.reduce((sum, amount) => sum.plus(amount), new Big(0)),
    currency,
  );
}

/** @returns false where either is no decimal */
export function isMore(amount: string | null, than: string | null): boolean {
  const [one, other] = [parseDecimal(amount), parseDecimal(than)];
  return one !== null && other !== null && one.gt(other);
}

/** A quantity as people write it: `2`, `0.5`, never `2.000`; null when it is not a number. */
export function parseQuantity(value: unknown): string | null {
  if (Number.isSafeInteger(value)) return String(value);
  const big = parseDecimal(value);
  return big === null ? null : big.round(3, Big.roundHalfUp).toFixed();
}

function parseDecimal(value: unknown): Big | null {
  const text =
    typeof value === "number"
      ? String(Math.abs(value) < NOISE ? 0 : value)
      : typeof value === "string"
        ? value.trim().replace(/^"(.*)"$/, "$1")
        : "";
  if (text.length > AMOUNT_CHARS_MAX || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d)?$/i.test(text)) return null;
  return new Big(
    text
      .replace(/^\+/, "")
      .replace(/^(-?)\./, "$10.")
      .replace(/\.($|e)/i, "$1"),
  );
}

function format(value: Big, currency: string | null): Decimal {
  const digits = currencyDigits(currency);
  const coins = value.round(SMALL_COINS.get(currency) ?? digits, Big.roundHalfUp);
  const isWhole = coins.eq(coins.round(digits, Big.roundDown));
  const text = value.toFixed(isWhole ? digits : SMALL_COINS.get(currency), Big.roundHalfUp);
  return /^-[0.]+$/.test(text) ? text.slice(1) : text;
}
