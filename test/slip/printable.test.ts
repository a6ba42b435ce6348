import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printable } from "../../src/slip/printable.ts";
import { anyText } from "./arbitrary-ticket.ts";

describe("printable", () => {
  test.each([
    ["Ramen 🍜", "Ramen (steaming bowl)"],
    ["no 🥜 please", "no (peanuts) please"],
    ["🙏", "(folded hands)"],
    ["thanks 🙏", "thanks"],
    ["“Chef’s” set – hot… • 2″", '"Chef\'s" set - hot... * 2"'],
    ["5 − 3 — 2", "5 - 3 - 2"],
    ["🇹🇼 tea", "(Taiwan) tea"],
    ["1️⃣ large", "1 large"],
    ["#1 * 9 © ® ™", "#1 * 9 © ® ™"],
    ["𝓑𝓾𝓻𝓰𝓮𝓻", "Burger"],
    ["hot‼️", "hot!!"],
    ["phở bò", "phở bò"],
    ["pho\u031b\u0309", "phở"],
    ["ก๋วยเตี๋ยว", "ก๋วยเตี๋ยว"],
    ["牛肉麵　大碗", "牛肉麵 大碗"],
    ["a\u0000b\u0007c\u001b[1m", "abc"],
    ["gnp\u202egpj.exe", "gnpgpj.exe"],
    ["two\r\nlines", "two lines"],
    ["\u3164\u2800\u115f", ""],
    ["\ue000\uffff", ""],
    ["\ud800x", "?x"],
    ["\u0301accent first", "accent first"],
    ["Z\u0335\u0336\u0337\u0338\u0334\u0321!", "Z\u0335\u0336!"],
  ])("%j prints as %j", (text, printed) => {
    expect(printable(text, "en")).toBe(printed);
  });

  test.each([
    ["Burmese: fried rice", "ထမင်းကြော်"],
    ["Burmese: grilled", "မီးရှို့"],
    ["Burmese: a city", "မြို့"],
    ["Burmese: washed", "လျှော်"],
    ["Khmer: to eat", "ញ៉ាំ"],
    ["Hindi: fritters", "पकौड\u093cों".normalize("NFC")],
    ["Lao: to play", "ຫຼິ້ນ"],
  ])("regression: %s lost its last marks for a prank", (_what, text) => {
    expect(printable(text, "en")).toBe(text);
  });

  test.each([
    ["ก" + "็".repeat(20), "ก็"],
    ["ก" + "็้".repeat(20), "ก็้"],
    ["n\u0303\u0304\u0305\u0306", "ñ\u0304\u0305"],
    ["ต" + "\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e48\u0e49", "ต\u0e34\u0e35\u0e36\u0e37"],
  ])("%j, a prank, is %j", (text, printed) => {
    expect(printable(text, "en")).toBe(printed.normalize("NFC"));
  });

  test("keeps at most 500 characters of a text without emoji", () => {
    const plain = anyText.filter((text) => !/\p{Emoji}/u.test(text));
    fc.assert(fc.property(plain, (text) => Array.from(printable(text.repeat(20), "en")).length <= 510));
  });

  test("is done with once it is done", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = printable(text, "en");
        expect(printable(once, "en").slice(0, 400)).toBe(once.slice(0, 400));
      }),
      { numRuns: 500 },
    );
  });
});
