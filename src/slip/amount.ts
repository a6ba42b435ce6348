import type { Language } from "../core/settings.ts";
import { GLUE } from "./width.ts";

const DECIMAL = /^-?\d+(?:\.(\d+))?$/;
const formats = new Map<string, Intl.NumberFormat>();

/**
 * A number as the kitchen's language writes it: `21,00` in German. The digits are the store's, every one of them.
 *
 * @param amount decimal text; anything else is returned as it is
 * @see CLDR, by way of Intl: decimal and grouping signs
 */
export function amountText(amount: string, language: Language): string {
  const digits = DECIMAL.exec(amount)?.[1]?.length ?? (DECIMAL.test(amount) ? 0 : null);
  if (digits === null) return amount;
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
  // A string is formatted digit by digit, never by way of a float. No line ends between two groups.
  return format.format(amount as Intl.StringNumericLiteral).replace(/\s/g, GLUE);
}
