import { LANGUAGES, type Language } from "../../src/core/settings.ts";
import type { SlipMarks, Ticket } from "../../src/core/ticket.ts";
import type { SlipStyle } from "../../src/slip/slip.ts";
import * as edge from "./edge-tickets.ts";
import { fixtureTickets } from "./fixture-tickets.ts";
import * as asia from "./native-asia.ts";
import * as west from "./native-west.ts";
import * as t from "./tickets.ts";

/** One slip: what is printed, and how. English, in full and in Taipei where nothing else is said. */
export interface Case {
  ticket: Ticket;
  marks?: SlipMarks;
  language?: Language;
  customer?: SlipStyle["customer"];
  time_zone?: string;
}
export type Columns = SlipStyle["columns"];
/** The golden file's name but for language and columns, and on which papers it is kept. */
export type GoldenCase = Case & { name: string; columns: readonly Columns[] };

/** An order of each language's own kitchen. */
export const NATIVE: Readonly<Record<Language, Case>> = {
  en: { ticket: t.noodles, time_zone: "Asia/Taipei" },
  "zh-Hant": { ticket: t.taipei, time_zone: "Asia/Taipei" },
  "zh-Hans": { ticket: asia.chengdu, time_zone: "Asia/Shanghai" },
  ja: { ticket: asia.shibuya, time_zone: "Asia/Tokyo" },
  ko: { ticket: asia.seoul, time_zone: "Asia/Seoul" },
  th: { ticket: asia.bangkok, time_zone: "Asia/Bangkok" },
  vi: { ticket: asia.hanoi, time_zone: "Asia/Ho_Chi_Minh" },
  ms: { ticket: asia.bangsar, time_zone: "Asia/Kuala_Lumpur" },
  es: { ticket: west.madrid, time_zone: "Europe/Madrid" },
  fr: { ticket: west.paris, time_zone: "Europe/Paris" },
  de: { ticket: west.munich, time_zone: "Europe/Berlin" },
  pt: { ticket: west.saoPaulo, time_zone: "America/Sao_Paulo" },
};

const ALL = [30, 32, 42, 48] as const;
/** The narrowest and the widest paper: what fits both fits between. */
const ENDS = [30, 48] as const;

const EVERYWHERE = {
  noodles: { ticket: t.noodles },
  clothes: { ticket: t.clothes, customer: "short" },
  tee: { ticket: t.tee, customer: "none" },
  bare: { ticket: t.bare },
  "two-hundred": { ticket: t.twoHundred },
  hostile: { ticket: t.hostile },
  late: { ticket: t.noodles, marks: t.LATE },
  "late-repeat": { ticket: t.noodles, marks: t.LATE_REPEAT },
  "taipei-late-repeat": { ticket: t.taipei, marks: t.LATE_REPEAT, language: "zh-Hant" },
  reprint: { ticket: t.noodles, marks: { ...t.MARKS, reprint: 2 } },
  "printer-test": { ticket: t.printerTest },
  "store-test": { ticket: t.storeTest },
  rich: { ticket: edge.rich, marks: { ...t.LATE_REPEAT, reprint: 12 } },
} satisfies Record<string, Case>;

const AT_THE_ENDS = {
  yen: { ticket: edge.yen },
  dinar: { ticket: edge.dinar },
  hebrew: { ticket: edge.hebrew },
  negative: { ticket: edge.negative },
  free: { ticket: edge.free },
  "odd-sum": { ticket: edge.oddSum },
  "huge-amounts": { ticket: edge.hugeAmounts },
  emoji: { ticket: edge.emoji },
  combining: { ticket: edge.combining },
  "many-options": { ticket: edge.manyOptions },
  quantities: { ticket: edge.quantities },
  "long-order": { ticket: edge.longOrder },
  "hyphened-order": { ticket: edge.hyphenedOrder },
  "endless-order": { ticket: edge.endlessOrder },
  "long-notes": { ticket: edge.longNotes },
  "long-cjk": { ticket: edge.longCjk },
  "long-words": { ticket: edge.longWords, language: "de" },
  pruned: { ticket: edge.pruned },
  "late-by-years": { ticket: t.noodles, marks: t.LATE_BY_YEARS },
} satisfies Record<string, Case>;

/** The languages whose letters are wide or stacked. */
const UNLIKE_ENGLISH: readonly Language[] = ["zh-Hant", "ja", "th"];

export function goldenCases(): GoldenCase[] {
  const english = Object.entries(EVERYWHERE).map(([name, entry]) => ({ name, ...entry, columns: ALL }));
  const ends = Object.entries(AT_THE_ENDS).map(([name, entry]) => ({ name, ...entry, columns: ENDS }));
  const fixtures = Array.from(fixtureTickets(), ([name, ticket]) => ({ name, ticket, columns: ALL }));
  return [...english, ...ends, ...fixtures, ...LANGUAGES.filter((language) => language !== "en").flatMap(translated)];
}

/** What the kitchen's own language makes of an order, of every word at once, of the least, and of a test. */
function translated(language: Language): GoldenCase[] {
  return [
    { name: "native", ...NATIVE[language], language, columns: [30, 32, 48] },
    { name: "rich", ...EVERYWHERE.rich, language, columns: UNLIKE_ENGLISH.includes(language) ? [30, 32, 48] : [32] },
    { name: "bare", ticket: t.bare, language, columns: [30] },
    { name: "printer-test", ticket: t.printerTest, language, columns: [30] },
  ];
}

/** Kept as Goodcom gets them, too: its markup and its `order_json`. */
export const GOODCOM: Readonly<Record<string, Case>> = {
  rich: EVERYWHERE.rich,
  hostile: EVERYWHERE.hostile,
  "late-repeat": EVERYWHERE["late-repeat"],
  "taipei-late-repeat": EVERYWHERE["taipei-late-repeat"],
};
