import type { Language } from "../../src/core/settings.ts";
import { WORDS } from "../../src/slip/words/index.ts";
import type { Words } from "../../src/slip/words/words.ts";

/**
 * How to recognise what a slip says in one language: regular expressions for its parts. Of src/slip only the words
 * are used, for they are what the reader of a slip must know. White space may stand anywhere inside a label,
 * because lines break there.
 */

/** Texts of `read-tickets.ts`: each begins with a letter that none continues with, and no label is made of these. */
export const TEXT =
  "(?:Q[qwzkvj]{1,4}(?: [qwzkvj]{1,5})*(?:\\.\\.\\.(?!\\d))?|鱻[龘麤犇猋驫]*(?:\\.\\.\\.(?!\\d))?)";
export const ORDER = `(?:#?\\d+|${TEXT})`;
export const SLIP_ID = "[0-9A-Z]{26}";
export const CURRENCY = "[A-Z]{3}(?![A-Za-z])";
export const PHONE = "(?:\\d{9,10}|\\.\\.\\.\\d{3})";
export const PLATFORM = "shopline|shoplazza|fastpod";
export const CONTRACT = "(?:TEST|REPRINT \\d+|MAY BE A REPEAT|LATE)(?![A-Z])";

export interface Vocabulary {
  words: Words;
  /** A number as the language writes it, with or without signs between the thousands. */
  amount: string;
  /** @returns the number with a dot and nothing between the thousands */
  decimal: (amount: string) => string;
  /** Day and time as one pattern without groups, and what it says: `2026-11-24 12:04`. */
  moment: string;
  momentOf: (text: string) => string;
  /** A time alone, with its day, or with its year as well: `12:04`, `11-24 12:04`, `2026-11-24 12:04`. */
  time: string;
  timeOf: (text: string) => string;
}

export function vocabulary(language: Language): Vocabulary {
  const words = WORDS[language];
  const { group, decimal } = signs(language);
  const day = `${words.day} {h}:{i}`;
  const date = `${words.date} {h}:{i}`;
  const parts = momentParts(words);
  const isOf = (format: string, text: string): boolean =>
    new RegExp(`^${template(format, parts)}$`).test(text);
  return {
    words,
    amount: `-?(?:\\d{1,3}(?:${group === " " ? "\\s" : escaped(group)}\\d{3})+|\\d+)(?:${escaped(decimal)}\\d+)?(?![\\d.,])`,
    decimal: (amount) => amount.replace(/\s/g, "").replaceAll(group, "").replace(decimal, "."),
    moment: template(date, parts),
    momentOf: (text) => momentRead(text, date, words),
    time: `(?:${template(date, parts)}|${template(day, parts)}|\\d\\d:\\d\\d)`,
    timeOf: (text) =>
      /^\d\d:\d\d$/.test(text) ? text : momentRead(text, isOf(date, text) ? date : day, words),
  };
}

/** What the language puts between thousands and before decimals, by CLDR; every space is a plain one on paper. */
function signs(language: Language): { group: string; decimal: string } {
  const parts = new Intl.NumberFormat(language, { minimumFractionDigits: 1, numberingSystem: "latn" });
  const sign = (type: "group" | "decimal") =>
    parts.formatToParts(1234567.5).find((part) => part.type === type)!.value;
  return { group: sign("group").replace(/\s/g, " "), decimal: sign("decimal") };
}

function momentParts(words: Words): Record<string, string> {
  return {
    y: "\\d{4}",
    m: "\\d\\d",
    d: "\\d\\d",
    h: "\\d\\d",
    i: "\\d\\d",
    b: `(?:${words.months.join("|")})`,
  };
}

function momentRead(text: string, format: string, words: Words): string {
  const named = Object.entries(momentParts(words)).map(([key, source]) => [key, `(?<${key}>${source})`]);
  const pattern = new RegExp(`^${template(format, Object.fromEntries(named) as Record<string, string>)}$`);
  const found = pattern.exec(text)?.groups;
  if (found === undefined) throw new Error(`no moment: ${text}`);
  const { y, m, b, d, h, i } = found;
  const month = m ?? String(words.months.indexOf(b ?? "") + 1).padStart(2, "0");
  return [...(y === undefined ? [] : [y]), month, d].join("-") + ` ${h ?? ""}:${i ?? ""}`;
}

/** A pattern of a fixed text, with white space or none between any two of its characters. */
export function literal(text: string): string {
  return Array.from(text.replace(/\s/g, ""), escaped).join("\\s*");
}

/** A pattern of a template of words.ts, its `{names}` replaced by the patterns given for them. */
export function template(text: string, sources: Readonly<Record<string, string>>): string {
  return text
    .split(/(\{\w+\})/)
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      return name === undefined ? literal(part) : (sources[name] ?? literal(part));
    })
    .join("\\s*");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}
