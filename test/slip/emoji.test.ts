import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LANGUAGES, type Language } from "../../src/core/settings.ts";
import { emojiWords } from "../../src/slip/emoji/emoji.ts";
import { emojiFiles } from "../golden/emoji-labels.ts";
import { anyText } from "./arbitrary-ticket.ts";

const ROOT = join(import.meta.dirname, "../..");
const JOINER = "\u200d";

/** Words as Unicode CLDR 48 has them (annotations, type="tts"), put in by hand. */
const IN_LANGUAGES: [Language, string, string][] = [
  ["en", "no 🥜 please", "no (peanuts) please"],
  ["de", "ohne 🥜 bitte", "ohne (Erdnuss) bitte"],
  ["es", "sin 🥜 gracias", "sin (cacahuetes) gracias"],
  ["fr", "pas de 🥜, 🎂", "pas de (cacahuètes), (gâteau d'anniversaire)"],
  ["pt", "sem 🦐!", "sem (camarão)!"],
  ["ms", "tiada 🥛", "tiada (segelas susu)"],
  ["vi", "không 🦐", "không (tôm)"],
  ["th", "ไม่ใส่🌶️นะ", "ไม่ใส่ (พริก) นะ"],
  ["ja", "🥜抜きで", "(ピーナッツ) 抜きで"],
  ["ko", "🦐빼주세요", "(새우) 빼주세요"],
  ["zh-Hant", "不要🥜謝謝", "不要 (花生) 謝謝"],
  ["zh-Hans", "不要🌶️，谢谢", "不要 (红辣椒)，谢谢"],
  ["zh-Hant", "🚫🥜", "(禁止) (花生)"],
  ["ja", "🚫 🥜", "(禁止) (ピーナッツ)"],
  ["zh-Hant", "🇯🇵", "(日本)"],
  ["fr", "🇯🇵 riz", "(Japon) riz"],
  ["de", "🇯🇵", "(Japan)"],
];

const IN_ENGLISH: [string, string][] = [
  // The same again is said once, wherever it stands; another is another.
  ["hot 🌶️🌶️🌶️", "hot (hot pepper)"],
  ["🌶 🌶️ hot", "(hot pepper) hot"],
  ["🚫🥜🚫🦐", "(prohibited) (peanuts) (prohibited) (shrimp)"],
  ["🥜a🥜", "(peanuts) a (peanuts)"],
  // Whole sequences, with the joiner and where it was taken.
  [`🍋${JOINER}🟩 tea`, "(lime) tea"],
  ["🍋🟩 tea", "(lime) tea"],
  ["🍋 🟩 tea", "(lemon) (green square) tea"],
  [`polar 🐻${JOINER}❄️`, "polar (polar bear)"],
  ["🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} tea", "(England) tea"],
  ["🇹🇼🇯🇵 tea", "(Taiwan) (Japan) tea"],
  ["👎🏽 nuts", "(thumbs down) nuts"],
  [`🙅🏽${JOINER}♀️ nuts`, "(person gesturing NO) nuts"],
  ["🙅🏽♀️ nuts", "(person gesturing NO) nuts"],
  // A sequence without a name, an unknown emoji, half a flag.
  [`🥜${JOINER}🔥 bar`, "(peanuts) bar"],
  [`\u{1faff}${JOINER}🥜 bar`, "(peanuts) bar"],
  ["a \u{1faff} b 🇯 c", "a b c"],
  // Moods and people are silent beside words, and take nothing with them.
  ["thanks 🙏😀 bye", "thanks bye"],
  ["thanks🙏bye", "thanks bye"],
  ["thanks 🙏!", "thanks!"],
  [`idk 🤷${JOINER}♀️`, "idk"],
  ["idk 🤷♀️", "idk"],
  [`for 👨${JOINER}👩${JOINER}👧`, "for"],
  ["for 👩🍼 cold", "for (baby bottle) cold"],
  [`for 👩${JOINER}🍼 cold`, "for cold"],
  ["I ❤️ this", "I this"],
  ["2 👶 chairs", "2 (baby) chairs"],
  // Nothing but emoji: a name.
  ["😀", "(grinning face)"],
  ["😀!", "(grinning face)!"],
  ["❤️ 🙏🏿", "(red heart) (folded hands)"],
  [`👨${JOINER}👩${JOINER}👧`, "(family: man, woman, girl)"],
  [`👩🏽${JOINER}🍳`, "(woman cook)"],
  ["♀️ ♂️", "(female sign) (male sign)"],
  // Spaces: where they were, and where words would stick.
  ["(🥜)", "((peanuts))"],
  ["🥜, 🦐; nuts/🥛.", "(peanuts), (shrimp); nuts/(glass of milk)."],
  ["3x🥜2x", "3x (peanuts) 2x"],
  ["no  🥜  !", "no  (peanuts) !"],
  ["𠮷🥜𠮷", "𠮷 (peanuts) 𠮷"],
  // What printers have stays.
  ["1️⃣ large #️⃣2", "1 large #2"],
  ["7\u20e3\ufe0f\u20e3 1🤷\u20e3", "7 1"],
  ["🔟 eggs", "(10) eggs"],
  ["#1 * 9 © ® ™ ‼ ⁉", "#1 * 9 © ® ™ ‼ ⁉"],
  ["✓ ★ → 麵 é", "✓ ★ → 麵 é"],
  // As text they are no less emoji to Unicode, and no printer has them.
  ["☎\ufe0e 5", "(telephone) 5"],
  ["5♥", "5 (heart suit)"],
];

const anyLanguage = fc.constantFrom(...LANGUAGES);
/** Pieces that make and break sequences, and plain text. */
const anyPieces = fc
  .array(
    fc.oneof(
      fc.constantFrom(...Array.from("🥜🦐🌶👩🍳🙅🤷😀❤🔥🏴🇯🇵🇹🐻❄🍋🟩👶🏽☎♥🔢⃣#1©‼ aé麵ก(")),
      fc.constantFrom(JOINER, "\ufe0f", "\ufe0e", "♀", "\u{e0067}", "\u{e007f}", "\ud83e", "\u0301", "  "),
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(""));
const anyString = fc.oneof(anyPieces, anyText, fc.string({ unit: "binary", maxLength: 60 }));

describe("emojiWords", () => {
  test.each(IN_LANGUAGES)("%s: %j is %j", (language, text, words) => {
    expect(emojiWords(text, language)).toBe(words);
  });

  test.each(IN_ENGLISH)("%j is %j", (text, words) => {
    expect(emojiWords(text, "en")).toBe(words);
  });

  test("leaves no emoji, and finds nothing to do in its own answer", () => {
    fc.assert(
      fc.property(anyString, anyLanguage, (text, language) => {
        const words = emojiWords(text, language);
        expect(words.replace(/[©®™‼⁉]\ufe0f?/g, "")).not.toMatch(/\p{RGI_Emoji}|\p{Emoji_Presentation}/v);
        expect(emojiWords(words, language)).toBe(words);
      }),
      { numRuns: 3000 },
    );
  });

  test("leaves a text without emoji as it is", () => {
    fc.assert(
      fc.property(anyString, anyLanguage, (text, language) => {
        const plain = text.replace(/[\p{Emoji}--[#*0-9©®™‼⁉]]|[\u{1f000}-\u{1ffff}]|\u20e3/gv, "");
        expect(emojiWords(plain, language)).toBe(plain);
      }),
    );
  });

  test("takes no letter and no digit away", () => {
    fc.assert(
      fc.property(anyString, anyLanguage, (text, language) => {
        const letters = Array.from(text.matchAll(/[\p{L}--\p{Emoji}]|[0-9]/gv), ([letter]) => letter);
        let from = 0;
        const words = emojiWords(text, language);
        for (const letter of letters) {
          from = words.indexOf(letter, from) + 1;
          expect(from, letter).toBeGreaterThan(0);
        }
      }),
    );
  });

  test("has a word for every emoji that Unicode recommends, in every language", () => {
    for (const language of LANGUAGES) {
      const silent = recommended().filter((emoji) => emojiWords(emoji, language) === "");
      expect(silent, language).toEqual([]);
    }
  });
});

describe("the words of emoji", () => {
  const files = emojiFiles();

  test.each([...files.keys()])("%s is what the update makes of the data", (path) => {
    expect(readFileSync(join(ROOT, path), "utf8")).toBe(files.get(path));
  });

  test("no file is forgotten", () => {
    const there = readdirSync(join(ROOT, "src/slip/emoji")).filter((name) => name.endsWith(".json"));
    expect(there.sort()).toEqual(LANGUAGES.map((language) => `${language}.json`).sort());
  });

  test.each([...files])("%s holds only what every printer has, composed", (_, contents) => {
    const { said, alone } = JSON.parse(contents) as Record<string, Record<string, string>>;
    for (const word of Object.values({ ...alone, ...said })) {
      expect(word).toBe(word.normalize("NFC"));
      expect(word).toMatch(/^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} !&',.:/・-]*[\p{L}\p{M}\p{N}!.])?$/u);
      expect(word).not.toMatch(/ {2}/);
    }
  });
});

/** Fully qualified, as keyboards write them; without skin tones and hair, which are parts of others. */
function recommended(): string[] {
  const path = join(ROOT, "node_modules/emojibase-data/meta/unicode.json");
  const emoji = JSON.parse(readFileSync(path, "utf8")) as string[];
  return emoji.filter((one) => /^[\p{RGI_Emoji}--[🏻-🏿🦰-🦳]]$/v.test(one));
}
