import type { Language } from "../core/settings.ts";
import { amountText } from "./amount.ts";
import { printable } from "./printable.ts";
import { cut } from "./width.ts";

/** Columns that one text may take, all its lines together; what is longer ends in `...`, and is whole in the ledger. */
export const TEXT_COLUMNS_MAX = 240;
/** Of an item's name and options, a payment method, a line of the address. */
export const NAME_COLUMNS_MAX = 96;
/** Of what people call the order, the store, the delivery's id: they stand in the banner and at the foot. */
export const ID_COLUMNS_MAX = 60;

/** Not the one character of three dots, which few printers have. */
const CUT = "...";

/** A stranger's words as they go on paper, in the kitchen's language. Null: nothing there that could be printed. */
export interface Typeset {
  /** @param columnsMax one of the above */
  text(text: string | null, columnsMax: number): string | null;
  /** A sum or a count, its digits as the store sent them. */
  amount(amount: string | null): string | null;
}

export function typesetter(language: Language): Typeset {
  const text = (whole: string | null, columnsMax: number): string | null => {
    const line = whole === null ? "" : printable(whole, language);
    return line === "" ? null : cut(line, columnsMax, CUT);
  };
  return {
    text,
    amount: (amount) => {
      const line = text(amount, ID_COLUMNS_MAX);
      return line === null ? null : amountText(line, language);
    },
  };
}
