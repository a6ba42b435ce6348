import { describe, expect, test } from "vitest";
import { hideBuyer } from "../../src/core/buyer.ts";

const ticket = {
  buyer: { name: "王小明", phone: "+886 912-345-678", address: "No. 25 (back), Yongkang St.", town: "Da'an" },
  buyer_note: "Ring twice.",
};

describe("the cloud's words without the buyer", () => {
  test.each([
    ["order of 王小明 refused", "order of … refused"],
    ["phone 0912345678 is invalid", "phone … is invalid"],
    ["phone +886912345678 is invalid", "phone … is invalid"],
    ["phone (0912) 345-678", "phone …"],
    ["to no. 25 (BACK), yongkang st., DA'AN", "to …, …"],
    ["note: Ring twice. bad", "note: … bad"],
  ])("%s", (said, expected) => {
    expect(hideBuyer(said, ticket)).toBe(expected);
  });

  test("leaves what is nobody's", () => {
    for (const said of ["sign error", "code 1043", "order 2105179555309 unknown", ""])
      expect(hideBuyer(said, ticket)).toBe(said);
    const nobody = { buyer: { name: null, phone: null, address: null, town: null }, buyer_note: null };
    expect(hideBuyer("sign error 0912345678", nobody)).toBe("sign error 0912345678");
    const short = { buyer: { name: "Al", phone: "91", address: "", town: " " }, buyer_note: null };
    expect(hideBuyer("also called 91", short)).toBe("also called 91");
  });

  test("a phone number of a thousand digits takes no time", () => {
    const long = { buyer: { ...ticket.buyer, phone: "1".repeat(1000) }, buyer_note: null };
    expect(hideBuyer("1".repeat(2000) + "x", long)).toMatch(/^[ …]+x$/);
  });
});
