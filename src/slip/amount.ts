import type { Language } from "../core/settings.ts";
import { GLUE } from "./width.ts";

const DECIMAL = /^-?(\d+)(?:\.(\d+))?$/;
/** Fewer digits before the point than any language groups. */
const UNGROUPED_DIGITS_MAX = 3;

const formats = new Map<string, Intl.NumberFormat>();

/**
 * A number as the kitchen's language writes it: `21,00` in German. The digits are the store's, every one of them.
 *
 * @param amount decimal text; anything else is returned as it is
 * @see CLDR, by way of Intl: decimal and grouping signs
 */
export function amountText(amount: string, language: Language): string {
  const found = DECIMAL.exec(amount);
  if (found === null) return amount;
  const [, whole = "", fraction = ""] = found;
  if (whole.length <= UNGROUPED_DIGITS_MAX) return amount.replace(".", decimalSign(language));
  // A string is formatted digit by digit, never by way of a float. No line ends between two groups.
  const text = formatOf(language, fraction.length).format(amount as Intl.StringNumericLiteral);
  return text.replace(/\s/g, GLUE);
}

const signs = new Map<Language, string>();

function decimalSign(language: Language): string {
  let sign = signs.get(language);
  if (sign === undefined) {
    sign = formatOf(language, 1).format(0).replace(/\d/g, "");
    signs.set(language, sign);
  }
  return sign;
}

function formatOf(language: Language, digits: number): Intl.NumberFormat {
  const key = `${language} ${String(digits)}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(language, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      numberingSystem: "latn",
    });
    formats.set(key, format);
  }
  return format;
}
