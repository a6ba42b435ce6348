import { describe, expect, test } from "vitest";
import { LANGUAGES } from "../../src/core/settings.ts";
import type { SlipMarks, Ticket } from "../../src/core/ticket.ts";
import { slipDocument } from "../../src/slip/picture.ts";
import { slipText, type SlipStyle } from "../../src/slip/slip.ts";
import { bare, item, LATE, MARKS, noodles, printerTest, storeTest } from "../golden/tickets.ts";

const STYLE: SlipStyle = { language: "en", columns: 32, time_zone: "Asia/Taipei", customer: "full" };

function linesOf(ticket: Ticket, marks: SlipMarks = MARKS, style: Partial<SlipStyle> = {}): string[] {
  return slipText(ticket, marks, { ...STYLE, ...style })
    .split("\n")
    .map((line) => line.trim());
}

describe("the top of a slip", () => {
  test("says cancelled, which order, and what not to do, in one frame", () => {
    expect(slipText(noodles, MARKS, STYLE).split("\n").slice(0, 5)).toEqual([
      "********************************",
      "*       ORDER CANCELLED        *",
      "*            #1001             *",
      "*         DO NOT MAKE          *",
      "********************************",
    ]);
  });

  test("carries the marks of this attempt right under the frame", () => {
    const marks = { ...LATE, may_be_repeat: true, reprint: 2 };
    expect(slipText(noodles, marks, STYLE).split("\n").slice(5, 10)).toEqual([
      "!!         REPRINT 2          !!",
      "!!      MAY BE A REPEAT       !!",
      "!!            LATE            !!",
      "!!      cancelled 12:04       !!",
      "!!         sent 18:31         !!",
    ]);
  });

  test("a late slip of another day says the days", () => {
    const tomorrow = { ...MARKS, late_sent_at: Date.UTC(2026, 10, 25, 0, 30) };
    expect(linesOf(noodles, tomorrow)).toContain("!!   cancelled 24-11 12:04    !!");
    expect(linesOf(noodles, tomorrow)).toContain("!!      sent 25-11 08:30      !!");
  });

  test.each([printerTest, storeTest])("a test says TEST, and still that nothing is to be made", (ticket) => {
    const lines = linesOf(ticket);
    expect(lines[1]).toBe("*    TEST: NOT A REAL ORDER    *");
    expect(lines[2]).toBe("*       ORDER CANCELLED        *");
    expect(lines[4]).toBe("*         DO NOT MAKE          *");
  });

  test("no mark where there is none", () => {
    expect(slipText(noodles, MARKS, STYLE)).not.toMatch(/!!|REPEAT|LATE|REPRINT|TEST/);
  });

  test("times are the printer's", () => {
    const style = { time_zone: "America/New_York" };
    expect(linesOf(noodles, MARKS, style)).toContain("Cancelled 23-11-2026 23:04");
  });

  test("a time the store did not give is not claimed", () => {
    expect(linesOf({ ...noodles, cancelled_at_known: false }).join(" ")).toContain(
      "Cancelled before 24-11-2026 12:04",
    );
  });
});

describe("a slip that knows nothing but the order", () => {
  test("says so plainly", () => {
    const text = linesOf({ ...bare, order_id: "77", order_name: "77" });
    expect(text).toContain("ORDER 77 CANCELLED");
    expect(text.join(" ")).toContain("Nothing more is known: see ledger");
  });
});

describe("the items", () => {
  test("quantity first, long names wrapped under themselves, details below, amounts in their column", () => {
    const text = slipText(
      {
        ...noodles,
        items: [
          item("Beef noodle soup with everything", { quantity: "12", note: "NO PEANUTS", amount: "96.00" }),
        ],
      },
      MARKS,
      STYLE,
    );
    expect(text).toContain(
      ["12 x Beef noodle soup with 96.00", "     everything", "    Note: NO PEANUTS"].join("\n"),
    );
  });

  test("an unknown quantity is not read as one", () => {
    expect(linesOf({ ...noodles, items: [item("Iced tea", { quantity: null })] })).toContain("? x Iced tea");
  });

  test("an item of nothing but emoji keeps a name", () => {
    expect(linesOf({ ...noodles, items: [item("🍜")] })).toContain("1 x (no name)");
  });

  test("forty are printed, the rest counted", () => {
    const many = Array.from({ length: 41 }, (_, index) => item(`Dish${String(index + 1)}`));
    const lines = linesOf({ ...noodles, items: many });
    expect(lines).toContain("1 x Dish40");
    expect(lines).not.toContain("1 x Dish41");
    expect(lines).toContain("+ 1 more items, see #1001");
    expect(slipText({ ...noodles, items: many.slice(0, 40) }, MARKS, STYLE)).not.toContain("more items");
  });

  test("one buyer's endless options do not flood the paper", () => {
    const options = Array.from({ length: 500 }, () => ({ name: null, value: "x".repeat(400) }));
    const flood = Array.from({ length: 40 }, () => item("Soup", { options }));
    const lines = linesOf({ ...noodles, items: flood });
    expect(lines).toContain("+ 480 more options");
    expect(lines).toContain("+ 39 more items, see #1001");
    expect(lines.length).toBeLessThan(400);
  });

  test("an amount as wide as half the paper gets a line of its own", () => {
    const lines = linesOf({ ...noodles, items: [item("Gold", { amount: "123456789012345678.00" })] });
    expect(lines).toContain("1 x Gold");
    expect(lines).toContain("123456789012345678.00");
  });
});

describe("money", () => {
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

describe("the buyer", () => {
  test.each([
    ["full", ["Customer: Tom Chen", "+886 912 345 678", "5F, 12 Yongkang St", "Taipei 106, TW"]],
    ["short", ["Customer: Tom Chen", "...678"]],
    ["none", []],
  ] as const)("%s", (customer, expected) => {
    const lines = linesOf(noodles, MARKS, { customer });
    const about = /Tom|912|678$|Yongkang|Taipei/;
    expect(lines.filter((line) => about.test(line))).toEqual(expected);
  });
});

describe("languages", () => {
  const marks = { ...LATE, may_be_repeat: true, reprint: 3 };

  test.each(LANGUAGES)("%s keeps the contract's words", (language) => {
    for (const ticket of [printerTest, noodles]) {
      const text = slipText(ticket, marks, { ...STYLE, language });
      expect(text).toContain("MAY BE A REPEAT");
      expect(text).toContain("REPRINT 3");
      expect(text).toContain("LATE");
      expect(text).toContain("12:04");
      expect(text).toContain("18:31");
      if (ticket.kind === "test") expect(text).toContain("TEST");
      expect(text).not.toMatch(/\{\w+\}/);
    }
  });

  test.each(LANGUAGES.filter((language) => language !== "en"))("%s is not English", (language) => {
    expect(slipText(noodles, MARKS, { ...STYLE, language })).not.toMatch(
      /ORDER CANCELLED|DO NOT MAKE|Reason/,
    );
  });
});

describe("the document", () => {
  test("holds a stranger's receiptline as text alone", () => {
    const document = slipDocument({ ...noodles, reason: "{code:1} | ^^x^^ \\x7c" }, MARKS, STYLE);
    expect(document).toContain("Reason: \\x7bcode:1\\x7d \\x7c \\x5e\\x5ex\\x5e\\x5e \\x5cx7c");
  });
});
