import { LANGUAGES, type Language } from "../../src/core/settings.ts";
import { NATIVE, type Case, type Columns } from "./cases.ts";
import * as edge from "./edge-tickets.ts";
import * as t from "./tickets.ts";

/** The pictures of docs/slips: the name of each file, its caption, and what it shows. */
export type Picture = Case & { name: string; caption: string; columns?: Columns };

const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: "English",
  "zh-Hant": "繁體中文 · Traditional Chinese",
  "zh-Hans": "简体中文 · Simplified Chinese",
  ja: "日本語 · Japanese",
  ko: "한국어 · Korean",
  th: "ไทย · Thai",
  vi: "Tiếng Việt · Vietnamese",
  ms: "Bahasa Melayu · Malay",
  es: "Español · Spanish",
  fr: "Français · French",
  de: "Deutsch · German",
  pt: "Português · Portuguese",
};

export const LANGUAGES_SHOWN: readonly Picture[] = LANGUAGES.map((language) => ({
  name: language === "en" ? "en-normal" : language.toLowerCase(),
  caption: LANGUAGE_NAMES[language],
  ...NATIVE[language],
  language,
}));

export const CASES_SHOWN: readonly Picture[] = [
  { name: "late-repeat", caption: "Late, and perhaps printed before", ticket: t.noodles, marks: t.LATE_REPEAT },
  { name: "reprint", caption: "A second slip that an operator wanted", ticket: t.noodles, marks: { ...t.MARKS, reprint: 2 } },
  { name: "test", caption: "A printer's test", ticket: t.printerTest },
  { name: "minimal", caption: "Nothing but an order number was known", ticket: t.bare },
  { name: "tee", caption: "A t-shirt shop, and a printer that shows no buyer", ticket: t.tee, customer: "none" },
  { name: "right-to-left", caption: "Names written from the right", ticket: edge.dinar },
  { name: "long-names", caption: "Words longer than a line", ticket: edge.longWords, language: "de" },
  { name: "long-order", caption: "An order number longer than a line", ticket: edge.hyphenedOrder },
  { name: "two-hundred", caption: "Two hundred items: what does not fit is counted", ticket: t.twoHundred },
  { name: "medium", caption: "80 mm paper, 42 columns", ticket: t.noodles, columns: 42 },
  { name: "wide", caption: "80 mm paper, 48 columns", ticket: t.noodles, columns: 48 },
];

const ROW = 3;
/** The slip of 58 mm is shown about 300 pixels wide, and wider paper by the same measure. */
const SCALE = 0.7;

/** @param svgs name of a picture → its SVG */
export function galleryPage(svgs: ReadonlyMap<string, string>): string {
  const cell = ({ name, caption }: Picture): string => {
    const width = Number(/ width="(\d+)"/.exec(svgs.get(name) ?? "")?.[1]) * SCALE;
    return `<td align="center" valign="top"><img src="${name}.svg" width="${Math.round(width)}" alt=""><br>${caption}</td>`;
  };
  const table = (pictures: readonly Picture[]): string => {
    const rows = pictures.map((picture, index) => (index % ROW === 0 ? "<tr>\n" : "") + cell(picture));
    return `<table>\n${rows.join("\n").replaceAll("\n<tr>", "\n</tr>\n<tr>")}\n</tr>\n</table>\n`;
  };
  return [
    "# Slips\n",
    "What comes out of the printer, drawn by the code that lays out the real slip. Made by `npm run golden:update`,",
    "compared by every test run.\n",
    "## In the kitchen's language\n",
    table(LANGUAGES_SHOWN),
    "## Special cases\n",
    table(CASES_SHOWN),
  ].join("\n");
}
