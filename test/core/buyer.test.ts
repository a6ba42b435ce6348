import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { buyersTexts, withoutBuyer, withoutStrangersWords } from "../../src/core/buyer.ts";
import { hideBuyer, hideWords } from "../../src/core/hide-buyer.ts";
import { aTicket } from "../ledger/entries.ts";

const BUYER = {
  name: "Grace Hopper",
  phone: "+886 912-345-678",
  address: "7 (Secret) Road",
  town: "New.Town",
};
const hide = (text: string, buyer_note: string | null = null): string =>
  hideBuyer(text, aTicket({ buyer: BUYER, buyer_note }));

describe("a text of somebody else's", () => {
  test.each([
    ["phone 0912345678 is wrong", "phone … is wrong"],
    ["phone (912) 345 678 is wrong", "phone … is wrong"],
    ["phone +886912345678", "phone …"],
    ["ask HOPPER, Grace", "ask …, …"],
    ["to 7 (secret) road in New.Town", "to … in …"],
    ["NewXTown is another", "NewXTown is another"],
    ["code 4005678", "code 4005678"],
  ])("%s → %s", (text, hidden) => {
    expect(hide(text).replace(/\s+/g, " ")).toBe(hidden);
  });

  test("a name with a hyphen or in Chinese, and a note with a slash, go as well", () => {
    const text = "order of Mei-Ling Chen (王小明), bell 3/4-A: refused";
    const buyer = { ...BUYER, name: "Mei-Ling Chen" };
    expect(hideBuyer(text, aTicket({ buyer, buyer_note: "bell 3/4-A" }))).toBe(
      "order of … (王小明), …: refused",
    );
    expect(hideBuyer(text, aTicket({ buyer: { ...BUYER, name: "王小明" }, buyer_note: null }))).toContain(
      "Chen (…), bell",
    );
  });

  test("the buyer's note goes, and a short or missing name spoils no word", () => {
    expect(hide("said: ring twice!", "ring twice")).toBe("said: …!");
    const buyer = { name: "Li", phone: null, address: null, town: "" };
    expect(hideBuyer("the client timed out", aTicket({ buyer, buyer_note: null }))).toBe(
      "the client timed out",
    );
    expect(
      hideBuyer("王小明 is no address", aTicket({ buyer: { ...buyer, name: "王小明" }, buyer_note: null })),
    ).toBe("… is no address");
  });

  test("a hostile name is no pattern", () => {
    const buyer = { name: "a.*(b+)+$[x", phone: null, address: "\\", town: null };
    expect(hideBuyer("abbb and a.*(b+)+$[x", aTicket({ buyer, buyer_note: null }))).toBe("abbb and …");
  });
});

test("a ticket without its buyer still says what was ordered, in the merchant's words", () => {
  const item = { quantity: "1", name: "Mug", variant: "blue", sku: "M1", amount: "9.00" };
  const options = [
    { name: null, value: "large" },
    { name: "engraving", value: "Grace" },
  ];
  const ticket = aTicket({
    ...{ buyer: BUYER, buyer_note: "b", merchant_note: "m", reason: "r", shipping_method: "s" },
    items: [{ ...item, options, note: "n" }],
  });
  expect(withoutBuyer(ticket)).toEqual({
    ...ticket,
    ...{ buyer_note: null, merchant_note: null, reason: null, shipping_method: null },
    buyer: { name: null, phone: null, address: null, town: null },
    items: [{ ...item, options: [{ name: null, value: "large" }], note: null }],
  });
});

describe("of a buyer who is erased", () => {
  test.each([
    ["order of Hopper: refused", ["Grace Hopper"], "order of …: refused"],
    ["GRACE, hopper and Grace Hopper", ["Grace Hopper"], "…, … and …"],
    ["graceful hoppers stay", ["Grace Hopper"], "graceful hoppers stay"],
    ["no Li at 7 Li Road", ["Li", "7 Li Road"], "no … at 7 …"],
    ["王小明先生, 小明", ["王小明"], "…先生, …"],
    ["王 is half a name", ["王小明"], "王 is half a name"],
    ["client王小明x", ["王小明"], "client…x"],
    ["สมชาย แดง came", ["สมชาย"], "… แดง came"],
    ["Zoe\u0308 came", ["Zo\u00eb"], "… came"],
    ["+886 912-345 678", ["+886 912 345 678"], "+…"],
    ["a b c", ["a b c"], "a b c"],
    ["all stays", [], "all stays"],
  ])("%s, of %j: %s", (text, told, hidden) => {
    expect(hideWords(text, told)).toBe(hidden);
  });

  test("no word of two letters is left, whatever the text and whatever the buyer is called", () => {
    const word = fc.oneof(fc.stringMatching(/^[A-Za-zà-ö]{2,9}$/), fc.stringMatching(/^[一-龥ก-ฮ]{2,4}$/u));
    const property = fc.property(
      fc.array(word, { minLength: 1, maxLength: 6 }),
      fc.string(),
      (words, other) => {
        const hidden = hideWords(`${words.join(" ")}. ${other} ${words.join(", ")}`, [words.join(" ")]);
        const left = hidden.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
        expect(left.filter((one) => words.some((name) => one === name.toLowerCase()))).toEqual([]);
      },
    );
    fc.assert(property);
  });

  test("words are all that buyers and those about them typed, and none of the kitchen's", () => {
    const ticket = aTicket({
      ...{ reason: "r1", merchant_note: "m1", buyer_note: "b1", shipping_method: "s1" },
      buyer: { name: "n1", phone: "p1", address: "a1", town: "t1" },
      items: [
        {
          ...{ quantity: "2", name: "Soup", variant: "large", sku: "S-1", amount: "9.00", note: "i1" },
          options: [
            { name: "Engraving", value: "o1" },
            { name: null, value: "no onions" },
          ],
        },
      ],
    });
    expect(buyersTexts(ticket).toSorted()).toEqual([
      "a1",
      "b1",
      "i1",
      "m1",
      "n1",
      "o1",
      "p1",
      "r1",
      "s1",
      "t1",
    ]);
    expect(buyersTexts(withoutBuyer(ticket))).toEqual([]);
  });

  test("where the buyer is no longer known, what others said is cut off behind our own words", () => {
    expect(withoutStrangersWords("refused by the cloud: no client: Quill\nat all")).toBe(
      "refused by the cloud: …",
    );
    expect(withoutStrangersWords("redriven")).toBe("redriven");
  });
});
