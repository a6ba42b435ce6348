import { describe, expect, test } from "vitest";
import { LANGUAGES, type Language } from "../../src/core/settings.ts";
import { de } from "../../src/slip/words/de.ts";
import { en } from "../../src/slip/words/en.ts";
import { es } from "../../src/slip/words/es.ts";
import { fr } from "../../src/slip/words/fr.ts";
import { WORDS, withEnglish } from "../../src/slip/words/index.ts";
import { ja } from "../../src/slip/words/ja.ts";
import { ko } from "../../src/slip/words/ko.ts";
import { ms } from "../../src/slip/words/ms.ts";
import { pt } from "../../src/slip/words/pt.ts";
import { th } from "../../src/slip/words/th.ts";
import { vi } from "../../src/slip/words/vi.ts";
import { fill, type Words } from "../../src/slip/words/words.ts";
import { zhHans } from "../../src/slip/words/zh-hans.ts";
import { zhHant } from "../../src/slip/words/zh-hant.ts";
import { columnsByTable } from "./east-asian-width.ts";

/** `payment.paid` → `PAID`; a month's number for its name. */
function texts(words: object, at = ""): [string, string][] {
  return Object.entries(words).flatMap(([key, value]: [string, unknown]) => {
    const path = `${at}${key}`;
    if (typeof value === "string") return [[path, value]];
    return typeof value === "object" && value !== null ? texts(value, `${path}.`) : [];
  });
}

function placeholders(template: string): string[] {
  return Array.from(template.matchAll(/\{(\w+)\}/g), (match) => match[1] ?? "");
}

const OTHERS = LANGUAGES.filter((language) => language !== "en");
/** A form CLDR writes in columns a slip has not got is compared without its spaces. */
const squeezed = (text: string): string => text.replace(/\s/gu, "");

describe.each(LANGUAGES)("%s", (language) => {
  const words = WORDS[language];
  const all = texts(words);

  test("has every word", () => {
    expect(all.filter(([, text]) => text.trim() === "")).toEqual([]);
    expect([0, 12]).toContain(words.months.length);
    expect(new Set(words.months).size).toBe(words.months.length);
  });

  test("is printable as it stands: composed, without control, format and unassigned characters", () => {
    for (const [path, text] of all) {
      expect([path, text]).toEqual([path, text.normalize("NFC")]);
      expect([path, text]).toEqual([
        path,
        text.replace(/[\p{C}\p{Zl}\p{Zp}\p{Me}\p{Extended_Pictographic}]/gu, ""),
      ]);
      expect([path, text]).toEqual([path, text.trim().replace(/\s{2,}/g, " ")]);
    }
  });

  test("opens braces only for what is filled in", () => {
    expect(all.filter(([, text]) => /[{}]/.test(text.replace(/\{[a-z]+\}/g, "")))).toEqual([]);
  });
});

describe("against English", () => {
  const own: Record<Exclude<Language, "en">, Words> = {
    ...{ "zh-Hant": zhHant, "zh-Hans": zhHans },
    ...{ ja, ko, th, vi, ms, es, fr, de, pt },
  };
  const english = new Map(texts(en).filter(([path]) => !path.startsWith("months.")));

  test.each(OTHERS)("%s has the same keys, each with the same things to fill in", (language) => {
    const has = new Map(texts(own[language]).filter(([path]) => !path.startsWith("months.")));
    expect([...has.keys()].sort()).toEqual([...english.keys()].sort());
    // A month is a number or a name.
    const filled = (text = ""): string[] => placeholders(text.replace("{b}", "{m}")).sort();
    for (const [path, text] of has) expect([path, filled(text)]).toEqual([path, filled(english.get(path))]);
  });

  test("what is missing is English, at every level; what is there is kept", () => {
    const whole = withEnglish({
      late: "ZPOŽDĚNÍ",
      payment: { paid: "ZAPLACENO" },
      amounts: { tip: "Spropitné" },
    });
    expect(whole).toEqual({
      ...en,
      late: "ZPOŽDĚNÍ",
      payment: { ...en.payment, paid: "ZAPLACENO" },
      amounts: { ...en.amounts, tip: "Spropitné" },
    });
    expect(withEnglish({})).toEqual(en);
    expect(withEnglish({ months: [] }).months).toEqual([]);
    expect(en.late).toBe("LATE");
  });
});

describe("dates are those of CLDR", () => {
  /** What receipts have where CLDR has something else. */
  const SEPARATORS: Partial<Record<Language, [cldr: string, ours: string, why: string]>> = {
    "zh-Hans": ["2026/11/24", "2026-11-24", "GB/T 7408 (ISO 8601), as till receipts have it"],
    ko: ["2026. 11. 24.", "2026-11-24", "KS X ISO 8601, as till receipts have it; three columns less"],
  };
  const DAY_SEPARATORS: Partial<Record<Language, [cldr: string, ours: string, why: string]>> = {
    "zh-Hans": ["11/24", "11-24", "as with the year"],
    ko: ["11. 24.", "11-24", "as with the year"],
    vi: ["24-11", "24/11", "as with the year, and as it is written by hand"],
  };
  // The era of Rome and digits of Europe everywhere: the store's own pages have these, in Thai as well.
  const cldr = (language: Language, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
      ...{ calendar: "gregory", numberingSystem: "latn", timeZone: "UTC" },
      ...options,
      month: language === "en" ? "short" : "2-digit",
    });
  const PART_NAMES: Record<string, string> = { d: "day", m: "month", b: "month", y: "year" };
  const parts = { d: "24", m: "11", b: "Nov", y: "2026" };
  const day = Date.UTC(2026, 10, 24);
  const DATE = { year: "numeric", day: "2-digit" } as const;

  test.each(LANGUAGES)("%s", (language) => {
    for (const [template, options, others] of [
      [WORDS[language].date, DATE, SEPARATORS],
      [WORDS[language].day, { day: "2-digit" }, DAY_SEPARATORS],
    ] as const) {
      const format = cldr(language, options);
      const order = format.formatToParts(day).map(({ type }) => type);
      expect(placeholders(template).map((name) => PART_NAMES[name])).toEqual(
        order.filter((type) => type !== "literal"),
      );
      const [theirs, ours] = others[language] ?? [fill(template, parts), fill(template, parts)];
      expect([format.format(day), fill(template, parts)]).toEqual([theirs, ours]);
    }
  });

  test("months have a name in English alone, where day and month change places between countries", () => {
    const names = Array.from({ length: 12 }, (_, month) =>
      new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" }).format(Date.UTC(2026, month, 15)),
    );
    // Three letters each, as in the United States.
    expect(en.months).toEqual(names.map((name) => (name === "Sept" ? "Sep" : name)));
    for (const language of OTHERS) expect([language, WORDS[language].months]).toEqual([language, []]);
  });
});

describe("how long is CLDR's", () => {
  type Display = "long" | "short" | "narrow";
  type Unit = "minute" | "hour" | "day";
  /** Of CLDR's three lengths the one a kitchen says, and the one with the same unit in "… ago". */
  const DISPLAYS: Record<Language, Record<Unit | "ago", Display>> = {
    // Of "27 mins", "6 hrs", "3 days" the symbols, which are the same for one and for many.
    en: { minute: "short", hour: "narrow", day: "narrow", ago: "narrow" },
    "zh-Hant": { minute: "long", hour: "long", day: "long", ago: "long" },
    "zh-Hans": { minute: "long", hour: "long", day: "long", ago: "long" },
    ja: { minute: "long", hour: "long", day: "long", ago: "long" },
    ko: { minute: "long", hour: "long", day: "long", ago: "long" },
    th: { minute: "short", hour: "short", day: "short", ago: "short" },
    vi: { minute: "long", hour: "long", day: "long", ago: "long" },
    // Short, "6 j" and "3 h" would be six hours and three days: nobody says so.
    ms: { minute: "long", hour: "long", day: "long", ago: "long" },
    es: { minute: "short", hour: "short", day: "short", ago: "short" },
    fr: { minute: "short", hour: "short", day: "short", ago: "short" },
    de: { minute: "short", hour: "short", day: "short", ago: "short" },
    pt: { minute: "short", hour: "short", day: "short", ago: "short" },
  };
  /** CLDR has no form of these that is short and the same for one and for many. */
  const INSTEAD: Partial<Record<Language, Partial<Record<Unit, string>>>> = {
    pt: { day: "{n} d" },
  };
  const COUNTS = [1, 3, 5, 23];

  function unit(language: Language, of: Unit, count: number): string {
    const instead = INSTEAD[language]?.[of];
    if (instead !== undefined) return fill(instead, { n: String(count) });
    const unitDisplay = DISPLAYS[language][of];
    return new Intl.NumberFormat(language, {
      style: "unit",
      unit: of,
      unitDisplay,
      numberingSystem: "latn",
    }).format(count);
  }

  test.each(LANGUAGES)("%s: minutes, hours, days", (language) => {
    const words = WORDS[language];
    for (const n of COUNTS) {
      // Its "and" and its commas cost columns, and a slip has 30.
      const hours = unit(language, "hour", n) + unit(language, "minute", 59);
      const days = unit(language, "day", n) + unit(language, "hour", 5);
      expect([
        squeezed(fill(words.minutes, { n: String(n) })),
        squeezed(fill(words.hours, { h: String(n), i: "59" })),
        squeezed(fill(words.days, { d: String(n), h: "5" })),
      ]).toEqual([squeezed(unit(language, "minute", n)), squeezed(hours), squeezed(days)]);
    }
  });

  test.each(LANGUAGES)("%s: ago", (language) => {
    const format = new Intl.RelativeTimeFormat(language, {
      ...{ numeric: "always", numberingSystem: "latn" },
      style: DISPLAYS[language].ago,
    });
    const hours = unit(language, "hour", 6);
    expect(squeezed(fill(WORDS[language].ago, { for: hours }))).toBe(squeezed(format.format(-6, "hour")));
  });

  test.each(LANGUAGES)("%s: the longest fits between the marks of the narrowest paper", (language) => {
    const words = WORDS[language];
    // 30 columns without `!! ` and ` !!`.
    for (const longest of [fill(words.hours, { h: "23", i: "59" }), fill(words.days, { d: "29", h: "23" })]) {
      expect(columnsByTable(fill(words.ago, { for: longest }))).toBeLessThanOrEqual(24);
    }
  });
});

describe("the banner", () => {
  const NARROWEST = 30;
  const FRAME = 2;
  const PADDING = 2;
  const BANNER = ["order_cancelled", "do_not_make", "test", "not_real"] as const;

  test.each(LANGUAGES)("%s breaks at no letter", (language) => {
    for (const key of BANNER) {
      for (const part of WORDS[language][key].split(" ")) {
        expect([part, columnsByTable(part) <= NARROWEST - FRAME - PADDING]).toEqual([part, true]);
      }
    }
  });

  /** No shorter way to say it: these are drawn twice as high only. */
  const LONG = ["COMMANDE ANNULÉE", "PEDIDO CANCELADO"];

  test.each(LANGUAGES)("%s is drawn twice as wide on paper of 32 columns", (language) => {
    const { order_cancelled, do_not_make } = WORDS[language];
    const wide = [order_cancelled, do_not_make].filter((text) => !LONG.includes(text));
    for (const text of wide) expect([text, columnsByTable(text) <= (32 - FRAME) / 2]).toEqual([text, true]);
  });

  test.each(LANGUAGES)("%s is in capitals where its script has them", (language) => {
    const words: Words = WORDS[language];
    const keys = [...BANNER, "order_n_cancelled", "may_be_repeat", "late", "reprint"] as const;
    for (const text of [
      ...keys.map((key) => words[key]),
      ...Object.values(words.payment),
      words.amounts.total,
    ]) {
      const said = text.replace(/\{\w+\}/g, "");
      expect(said).toBe(said.toLocaleUpperCase(language));
    }
  });
});
