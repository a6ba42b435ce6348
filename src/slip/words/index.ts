import type { Language } from "../../core/settings.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import { ja } from "./ja.ts";
import { ko } from "./ko.ts";
import { ms } from "./ms.ts";
import { pt } from "./pt.ts";
import { th } from "./th.ts";
import { vi } from "./vi.ts";
import type { SomeWords, Words } from "./words.ts";
import { zhHans } from "./zh-hans.ts";
import { zhHant } from "./zh-hant.ts";

/** @returns all words, in English where the language has none: never a slip with a hole */
export function withEnglish(own: SomeWords): Words {
  return {
    ...en,
    ...own,
    payment: { ...en.payment, ...own.payment },
    amounts: { ...en.amounts, ...own.amounts },
  };
}

/** A slip in every language a printer may be set to. */
export const WORDS: Readonly<Record<Language, Words>> = {
  en,
  "zh-Hant": withEnglish(zhHant),
  "zh-Hans": withEnglish(zhHans),
  ja: withEnglish(ja),
  ko: withEnglish(ko),
  th: withEnglish(th),
  vi: withEnglish(vi),
  ms: withEnglish(ms),
  es: withEnglish(es),
  fr: withEnglish(fr),
  de: withEnglish(de),
  pt: withEnglish(pt),
};
