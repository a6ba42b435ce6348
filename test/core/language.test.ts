import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nearestLanguage } from "../../src/core/language.ts";
import { LANGUAGES } from "../../src/core/settings.ts";

describe("the nearest language", () => {
  test.each([
    // Where Chinese is written in which script: CLDR's likely subtags, as BCP 47 users write them.
    ["zh-Hant", ["zh-TW", "zh-HK", "zh-MO", "zh-Hant-TW", "zh-Hant-HK", "zh-Hant-CN", "zh_TW", "ZH-hant"]],
    ["zh-Hans", ["zh", "zh-CN", "zh-SG", "zh-MY", "zh-Hans-HK", "zh_CN", "zh-hans", "cmn"]],
    ["en", ["en", "EN", "en-GB", "en-US", "en_AU", "en-US-u-hc-h12", "en-GB-x-kitchen"]],
    ["pt", ["pt", "pt-BR", "pt-PT", "PT_br"]],
    ["es", ["es-MX", "es-419", "es-ES"]],
    ["de", ["de-AT", "de-CH", "de-Latn", "de-CH-1996"]],
    ["fr", ["fr-CA", "fr-BE"]],
    ["ms", ["ms-MY", "ms-SG", "ms-Latn-BN", "zsm"]],
    ["ja", ["ja-JP", "ja-Jpan"]],
    ["ko", ["ko-KR", "ko_KR"]],
    ["th", ["th-TH", "th-TH-u-ca-buddhist-nu-thai"]],
    ["vi", ["vi-VN", "VI"]],
  ] as const)("%s: %j", (language, tags) => {
    for (const tag of tags) expect([tag, nearestLanguage(tag, LANGUAGES)]).toEqual([tag, language]);
  });

  test.each([
    ["a language there are no words for", ["id", "yue", "nl-NL", "sr-Latn", "tlh"]],
    ["a script its kitchen does not read", ["zh-Latn", "ms-Arab", "ja-Latn", "en-Shaw"]],
    ["no language", ["und", "und-TW", "x-kitchen", "root", "C", "POSIX"]],
    [
      "malformed",
      ["", " ", " en", "e", "zh--TW", "zh-", "-zh", "zh TW", "zh_TW.UTF-8", "English!", "en\n", "zh\u202eTW"],
    ],
    ["a property of objects", ["__proto__", "constructor", "toString"]],
  ])("none: %s", (_, tags) => {
    for (const tag of tags) expect([tag, nearestLanguage(tag, LANGUAGES)]).toEqual([tag, null]);
  });

  test("is itself for each we have, whatever the case, the region and the separator", () => {
    const cases = fc.array(fc.boolean(), { minLength: 20, maxLength: 20 });
    const regions = fc.constantFrom("", "-US", "-JP", "_MY", "_419");
    fc.assert(
      fc.property(fc.constantFrom(...LANGUAGES), regions, cases, (language, region, upper) => {
        const tag = Array.from(language + region, (char, index) =>
          upper[index] === true ? char.toUpperCase() : char.toLowerCase(),
        ).join("");
        expect(nearestLanguage(tag, LANGUAGES)).toBe(language);
      }),
    );
  });

  test("never throws", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 40 }), fc.stringMatching(/^[a-z]{2,4}([-_][a-zA-Z0-9]{1,9}){0,4}$/)),
        (tag) => {
          const nearest = nearestLanguage(tag, LANGUAGES);
          expect(nearest === null || LANGUAGES.includes(nearest)).toBe(true);
        },
      ),
    );
  });
});
