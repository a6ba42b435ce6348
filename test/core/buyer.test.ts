import { describe, expect, test } from "vitest";
import { hideBuyer, withoutBuyer } from "../../src/core/buyer.ts";
import { aTicket } from "../ledger/entries.ts";

const BUYER = {
  name: "Grace Hopper",
  phone: "+886 912-345-678",
  address: "7 (Secret) Road",
  town: "New.Town",
};
const hide = (text: string, buyer_note: string | null = null): string =>
  hideBuyer(text, { buyer: BUYER, buyer_note });

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
    expect(hideBuyer(text, { buyer, buyer_note: "bell 3/4-A" })).toBe("order of … (王小明), …: refused");
    expect(hideBuyer(text, { buyer: { ...BUYER, name: "王小明" }, buyer_note: null })).toContain(
      "Chen (…), bell",
    );
  });

  test("the buyer's note goes, and a short or missing name spoils no word", () => {
    expect(hide("said: ring twice!", "ring twice")).toBe("said: …!");
    const buyer = { name: "Li", phone: null, address: null, town: "" };
    expect(hideBuyer("the client timed out", { buyer, buyer_note: null })).toBe("the client timed out");
    expect(hideBuyer("王小明 is no address", { buyer: { ...buyer, name: "王小明" }, buyer_note: null })).toBe(
      "… is no address",
    );
  });

  test("a hostile name is no pattern", () => {
    const buyer = { name: "a.*(b+)+$[x", phone: null, address: "\\", town: null };
    expect(hideBuyer("abbb and a.*(b+)+$[x", { buyer, buyer_note: null })).toBe("abbb and …");
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
