import { describe, expect, test } from "vitest";
import { slipText, type SlipStyle } from "../../src/slip/slip.ts";
import type { Ticket } from "../../src/core/ticket.ts";
import { MARKS, noodles } from "../golden/tickets.ts";

const STYLE: SlipStyle = { language: "en", columns: 32, time_zone: "Asia/Taipei", customer: "full" };

function linesOf(ticket: Ticket): string[] {
  return slipText(ticket, MARKS, STYLE).split("\n");
}

describe("money", () => {
  test.each([
    ["de", "12.345,60"],
    ["en", "12,345.60"],
    ["es", "12.345,60"],
    ["fr", "12 345,60"],
    ["vi", "12.345,60"],
    ["th", "12,345.60"],
    ["zh-Hant", "12,345.60"],
  ] as const)("%s writes twelve thousand as %s", (language, total) => {
    const ticket = { ...noodles, amounts: { ...noodles.amounts, total: "12345.60" } };
    expect(slipText(ticket, MARKS, { ...STYLE, language })).toContain(` ${total}\n`);
  });

  test.each([
    ["-5.00", "-5.00"],
    ["0", "0"],
    ["1.234", "1.234"],
    ["99999999999999999999.99", "99,999,999,999,999,999,999.99"],
    ["1234", "1,234"],
    ["about 5", "about 5"],
  ])("a total of %s is printed as %s", (total, printed) => {
    const ticket = { ...noodles, amounts: { ...noodles.amounts, total } };
    expect(slipText(ticket, MARKS, STYLE)).toMatch(new RegExp(`^(TOTAL USD)? *${printed}$`, "m"));
  });

  test("a sum that does not add up is printed as sent", () => {
    const amounts = {
      ...noodles.amounts,
      subtotal: "1.00",
      delivery: "2.00",
      discount: "0.00",
      total: "7.77",
    };
    expect(slipText({ ...noodles, amounts }, MARKS, STYLE)).toMatch(/^TOTAL USD +7\.77$/m);
  });

  test("a store's code for a payment is said in words", () => {
    expect(linesOf({ ...noodles, payment_method: "credit_card" })).toContain("PAID (credit card)");
  });

  test("that nothing went back is said where something was paid", () => {
    const amounts = { ...noodles.amounts, refunded: "0.00" };
    expect(linesOf({ ...noodles, amounts })).toContain("Refund 0.00 of 21.00");
    expect(linesOf({ ...noodles, amounts, payment: "unpaid" }).join()).not.toContain("Refund");
    expect(linesOf({ ...noodles, amounts: { ...amounts, total: "0.00" } }).join()).not.toContain("Refund");
  });

  test("zero amounts are left out, save a zero total; a discount is taken off", () => {
    const amounts = { ...noodles.amounts, delivery: "0.00", tip: "0", discount: "2.50", total: "0.00" };
    const text = slipText({ ...noodles, amounts }, MARKS, STYLE);
    expect(text).not.toMatch(/^(Delivery|Tip|Tax) +0/m);
    expect(text).toMatch(/^Discount +-2\.50$/m);
    expect(text).toMatch(/^TOTAL USD +0\.00$/m);
  });

  test("the currency is said where no total names it", () => {
    const amounts = { ...noodles.amounts, total: null };
    expect(linesOf({ ...noodles, amounts })).toContain("Currency: USD");
    expect(linesOf({ ...noodles, amounts })).toContain("Refund 21.00");
  });

  test.each([
    ["paid", "PAID"],
    ["unpaid", "NOT PAID"],
    ["partially_paid", "PARTLY PAID"],
    ["authorized", "AUTHORISED, NOT CHARGED"],
    ["refunding", "REFUND UNDER WAY"],
    ["refunded", "REFUNDED"],
    ["partially_refunded", "PARTLY REFUNDED"],
    ["failed", "PAYMENT FAILED"],
  ] as const)("%s is %s", (payment, words) => {
    expect(linesOf({ ...noodles, payment, payment_method: null })).toContain(words);
  });
});
