import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withoutBuyerIn } from "../../src/core/buyer-in-text.ts";
import { anyText } from "../slip/arbitrary-ticket.ts";

const ANA = {
  name: "Ana Mei-Ling Chen",
  phone: "+886 912-345-678",
  address: "9 Long Street, 2F",
  town: "Taipei",
};
const MEI = { name: "陳美玲", phone: "0912345678", address: "臺北市大安區和平東路1號", town: "臺北市" };

describe("a buyer in other people's words", () => {
  test.each([
    ["Ana Mei-Ling Chen called", "… called"],
    ["ANA MEI-LING CHEN called", "… called"],
    ["ana  mei ling chen called", "… called"],
    ["Chen, Ana: ring twice", "…, …: ring twice"],
    ["for Mei Ling’s birthday", "for …’s birthday"],
    ["for MeiLing", "for …"],
    ["call 0912345678 first", "call … first"],
    ["call +886912345678", "call …"],
    ["call (0912) 345-678.", "call …."],
    ["call ０９１２－３４５－６７８", "call …"],
    ["to 9 Long Street, 2F please", "to … please"],
    ["to 9 Long Street", "to …"],
    ["not in Taipei today", "not in … today"],
  ])("%s", (text, shown) => {
    expect(withoutBuyerIn(text, ANA)).toBe(shown);
  });

  test.each([
    "no banana, no cane sugar, no kitchen towel",
    "2F, table 9",
    "order 10912345678123",
    "2 x 345 g",
    "meiosis, chenille",
  ])("is not found in %s, which says nothing of her", (text) => {
    expect(withoutBuyerIn(text, ANA)).toBe(text);
  });

  test.each([
    ["陳美玲小姐不要香菜", "…小姐不要香菜"],
    ["送到臺北市大安區和平東路1號，謝謝", "送到…，謝謝"],
    ["請打0912-345-678", "請打…"],
  ])("where nothing stands between words: %s", (text, shown) => {
    expect(withoutBuyerIn(text, MEI)).toBe(shown);
  });

  test.each([
    ["Thai", "ยกเลิกโดยสมชายแล้ว", "สมชาย"],
    ["Lao", "ຍົກເລີກໂດຍສົມຊາຍແລ້ວ", "ສົມຊາຍ"],
    ["Khmer", "លុបចោលដោយសុខាហើយ", "សុខា"],
    ["Burmese", "အောင်အောင်ကပယ်ဖျက်သည်", "အောင်အောင်"],
  ])("bug: only of some scripts without spaces was a name found: %s", (_, text, name) => {
    expect(withoutBuyerIn(text, { name, phone: null, address: null, town: null })).toBe(
      text.replace(name, "…"),
    );
  });

  test("who is not known, or is a word like another, takes nothing away", () => {
    const nobody = { name: null, phone: null, address: null, town: null };
    fc.assert(fc.property(anyText, (text) => withoutBuyerIn(text, nobody) === text.normalize("NFC")));
    expect(withoutBuyerIn("no de 12 345", { ...nobody, name: "No De", phone: "12345" })).toBe("… 12 345");
    expect(withoutBuyerIn("no onions, de luxe", { ...nobody, name: "No De" })).toBe("no onions, de luxe");
  });

  test("whatever she is called and wherever she stands, she is not there afterwards", () => {
    const word = fc.string({
      unit: fc.constantFrom("a", "Ö", "ñ", "陳", "한", "(", ".", "$", "-", "'", "e\u0301"),
      minLength: 4,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        word,
        word,
        fc.string({ unit: fc.constantFrom(" ", "x", "飯", "!") }),
        (given, family, around) => {
          const name = `${given} ${family}`.normalize("NFC");
          const isName = (name.match(/\p{L}/gu) ?? []).length >= 4;
          fc.pre(isName);
          const shown = withoutBuyerIn(`${around} ${name} ${around}`, {
            name,
            phone: null,
            address: null,
            town: null,
          });
          expect(shown).not.toContain(name);
        },
      ),
    );
  });

  test.each([
    ["ASK JOHN/SMITH, o'neil st. 5", "ASK …, …"],
    ["call 0171 555-12 34 today", "call … today"],
    ["KELVIN and ſmith", "… and …"],
    ["johns mithereens", "johns mithereens"],
    ["johnsmith", "…"],
  ])("however it is set, %s shows %s", (text, shown) => {
    const buyer = {
      name: "John Smith",
      phone: "+49 171 5551234",
      address: "O'Neil St 5, john/smith",
      town: "Kelvin",
    };
    expect(withoutBuyerIn(text, buyer)).toBe(shown);
  });

  test("her name is found in letters that are the same to a pattern", () => {
    const letters = Array.from({ length: 0x110000 }, (_, point) => point)
      .filter((point) => point < 0xd800 || point > 0xdfff)
      .map((point) => String.fromCodePoint(point).normalize("NFC"))
      .filter((letter) => /^[\p{L}&&\p{Cased}]$/v.test(letter));
    const all = letters.join("");
    const pairs = letters.flatMap((letter) =>
      Array.from(all.matchAll(new RegExp(letter, "giu")), ([same]) => [letter, same] as const),
    );
    // Of those that have one lower case a few are enough: each takes a while.
    const others = pairs.filter(([letter, same]) => letter.toLowerCase() !== same.toLowerCase());
    const missed = [...others, ...pairs.slice(0, 100)].filter(
      ([letter, same]) =>
        withoutBuyerIn(same.repeat(5), {
          name: letter.repeat(5),
          phone: null,
          address: null,
          town: null,
        }) !== "…",
    );
    expect(others.length).toBeGreaterThan(50);
    expect(missed).toEqual([]);
  });

  test("ten million marks after one letter are no more than that to it", () => {
    const marks = `e${"\u0301".repeat(10_000_000)}`;
    const nobody = { name: null, phone: null, address: null, town: null };
    expect(withoutBuyerIn(marks, { ...nobody, name: "Ana" })).toBe(marks.normalize("NFC"));
    expect(withoutBuyerIn("for Ana", { ...nobody, name: "Ana", address: marks })).toBe("for …");
  });

  test("no text of a store's makes it slow", () => {
    const buyer = {
      name: "a".repeat(250) + " " + "-".repeat(240),
      phone: "1".repeat(400),
      address: null,
      town: null,
    };
    for (const text of [
      "1".repeat(500),
      "1-".repeat(250),
      "a".repeat(500),
      "- ".repeat(250),
      "a-".repeat(250),
    ]) {
      // Its own time: a machine that has much else to do is none of it.
      const from = process.cpuUsage();
      withoutBuyerIn(text, buyer);
      expect(process.cpuUsage(from).user / 1000).toBeLessThan(200);
    }
  });
});
