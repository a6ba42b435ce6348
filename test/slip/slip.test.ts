import { describe, expect, test } from "vitest";
import { LANGUAGES } from "../../src/core/settings.ts";
import type { SlipMarks, Ticket } from "../../src/core/ticket.ts";
import { slipDocument } from "../../src/slip/picture.ts";
import { slipText, type SlipStyle } from "../../src/slip/slip.ts";
import { bare, item, LATE, MARKS, noodles, printerTest, storeTest } from "../golden/tickets.ts";

const STYLE: SlipStyle = { language: "en", columns: 32, time_zone: "Asia/Taipei", customer: "full" };

function linesOf(ticket: Ticket, marks: SlipMarks = MARKS, style: Partial<SlipStyle> = {}): string[] {
  return slipText(ticket, marks, { ...STYLE, ...style })
    .trimEnd()
    .split("\n")
    .map((line) => line.trim());
}

describe("the top of a slip", () => {
  test("says cancelled, which order, and what not to do, in one frame", () => {
    expect(slipText(noodles, MARKS, STYLE).split("\n").slice(0, 10)).toEqual([
      "********************************",
      "*       ORDER CANCELLED        *",
      "*            #1001             *",
      "*       1   000  000   1       *",
      "*      11   0 0  0 0  11       *",
      "*       1   0 0  0 0   1       *",
      "*       1   0 0  0 0   1       *",
      "*      111  000  000  111      *",
      "*         DO NOT MAKE          *",
      "********************************",
    ]);
  });

  test("carries the marks of this attempt right under the frame", () => {
    const marks = { ...LATE, may_be_repeat: true, reprint: 2 };
    expect(slipText(noodles, marks, STYLE).split("\n").slice(10, 16)).toEqual([
      "!!         REPRINT 2          !!",
      "!!      MAY BE A REPEAT       !!",
      "!!            LATE            !!",
      "!!       6 h 27 min ago       !!",
      "!!      cancelled 12:04       !!",
      "!!         sent 18:31         !!",
    ]);
  });

  test("the marks stand at the foot, too, in the contract's words", () => {
    const text = slipText(printerTest, { ...LATE, may_be_repeat: true, reprint: 2 }, STYLE);
    expect(
      text.endsWith("Slip 01KAV3T0M8Q4ZC9XW2N7R5HJ6B\nTEST, REPRINT 2,\n  MAY BE A REPEAT, LATE\n"),
    ).toBe(true);
  });

  test.each([
    [11 * 60_000, "11 min ago"],
    [59 * 60_000 + 59_999, "59 min ago"],
    [60 * 60_000, "1 h ago"],
    [61 * 60_000, "1 h 1 min ago"],
    [24 * 3_600_000 - 1, "23 h 59 min ago"],
    [24 * 3_600_000, "1 d ago"],
    [76 * 3_600_000, "3 d 4 h ago"],
  ])("%d ms late is said as %s", (lateMs, ago) => {
    const late = { ...MARKS, late_sent_at: noodles.cancelled_at + lateMs };
    expect(linesOf(noodles, late).join()).toMatch(new RegExp(`!! +${ago} +!!`));
  });

  test.each(["1001", "#1001", "# 1001"])("%s has large digits", (order_name) => {
    expect(linesOf({ ...noodles, order_name })).toContain("*      111  000  000  111      *");
  });

  test.each(["GS-100047", "12345678", "1001A", "##1"])("%s has none", (order_name) => {
    expect(linesOf({ ...noodles, order_name }).findIndex((line) => line.includes("DO NOT MAKE"))).toBe(3);
  });

  test("seven digits fit paper of 30 columns, closer together", () => {
    const lines = linesOf({ ...noodles, order_name: "1234567" }, MARKS, { columns: 30 });
    expect(lines.slice(3, 8)).toEqual([
      "* 1  222 333 4 4 555 666 777 *",
      "*11    2   3 4 4 5   6     7 *",
      "* 1  222 333 444 555 666   7 *",
      "* 1  2     3   4   5 6 6   7 *",
      "*111 222 333   4 555 666   7 *",
    ]);
  });

  test("a late slip of another day says the days", () => {
    const tomorrow = { ...MARKS, late_sent_at: Date.UTC(2026, 10, 25, 0, 30) };
    expect(linesOf(noodles, tomorrow)).toContain("!!   cancelled 24 Nov 12:04   !!");
    expect(linesOf(noodles, tomorrow)).toContain("!!     sent 25 Nov 08:30      !!");
  });

  test.each([printerTest, storeTest])("a test says TEST, and still that nothing is to be made", (ticket) => {
    const lines = linesOf(ticket);
    expect(lines[1]).toBe("*    TEST: NOT A REAL ORDER    *");
    expect(lines[2]).toBe("*       ORDER CANCELLED        *");
    expect(lines.slice(4, 10)).toContain("*         DO NOT MAKE          *");
    expect(lines.at(-1)).toBe("TEST");
  });

  test.each([
    [30, "----5---10---15---20---25---30"],
    [32, "----5---10---15---20---25---30--"],
    [42, "----5---10---15---20---25---30---35---40--"],
  ] as const)("a printer's test has a ruler of %i columns, no order has", (columns, ruler) => {
    expect(linesOf(printerTest, MARKS, { columns })).toContain(ruler);
    for (const ticket of [storeTest, noodles]) {
      expect(linesOf(ticket, MARKS, { columns }).join()).not.toContain("---10---");
    }
  });

  test("no mark where there is none", () => {
    expect(slipText(noodles, MARKS, STYLE)).not.toMatch(/!!|REPEAT|LATE|REPRINT|TEST/);
  });

  test("times are the printer's", () => {
    const style = { time_zone: "America/New_York" };
    expect(linesOf(noodles, MARKS, style)).toContain("Cancelled 23 Nov 2026 23:04");
  });

  test("a time the store did not give is not claimed", () => {
    expect(linesOf({ ...noodles, cancelled_at_known: false }).join(" ")).toContain(
      "Cancelled before 24 Nov 2026 12:04",
    );
  });
});

describe("a slip without items", () => {
  test("says that nothing more is known, where nothing is", () => {
    const text = linesOf({ ...bare, order_id: "77", order_name: "77" });
    expect(text).toContain("ORDER 77 CANCELLED");
    expect(text.join(" ")).toContain("Nothing more is known: see dashboard");
  });

  test("says that the items are not known, where something is", () => {
    const text = linesOf({ ...bare, order_name: "77", payment: "unpaid" });
    expect(text).toContain("ORDER 77 CANCELLED");
    expect(text.join(" ")).toContain("Items not known: see shop");
    expect(text.join(" ")).not.toContain("Nothing more");
    expect(text).toContain("NOT PAID");
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

  test("an item of nothing but emoji has a name, and one of nothing at all", () => {
    expect(linesOf({ ...noodles, items: [item("🍜")] })).toContain("1 x (steaming bowl)");
    expect(linesOf({ ...noodles, items: [item("\u3164")] })).toContain("1 x (no name)");
  });

  test("sixty lines of items are printed, the rest counted", () => {
    const many = Array.from({ length: 61 }, (_, index) => item(`Dish${String(index + 1)}`));
    const lines = linesOf({ ...noodles, items: many });
    expect(lines).toContain("1 x Dish60");
    expect(lines).not.toContain("1 x Dish61");
    expect(lines).toContain("+ 1 more items, see #1001");
    expect(slipText({ ...noodles, items: many.slice(0, 60) }, MARKS, STYLE)).not.toContain("more items");
  });

  test("an item's details take paper from the items behind it", () => {
    const options = Array.from({ length: 9 }, (_, index) => ({
      name: null,
      value: `extra ${String(index)}`,
    }));
    const many = Array.from({ length: 7 }, () => item("Soup", { options }));
    expect(linesOf({ ...noodles, items: many })).toContain("+ 1 more items, see #1001");
  });

  test("one buyer's endless options do not flood the paper", () => {
    const options = Array.from({ length: 500 }, () => ({ name: null, value: "x".repeat(400) }));
    const flood = Array.from({ length: 40 }, () => item("Soup", { options, note: "NO NUTS", sku: "S-1" }));
    const text = slipText({ ...noodles, items: flood }, MARKS, STYLE);
    expect(text).toContain("+ 498 more options\n    Note: NO NUTS\n    SKU S-1\n");
    expect(text).toMatch(/\+ \d\d more items, see #1001/);
    expect(text.split("\n").length).toBeLessThan(110);
  });

  test("a stranger's text begins no line of its own", () => {
    const buyer_note = `${"x ".repeat(11)}PAID, DO NOT CANCEL`;
    const buyer = { name: "Tom", phone: null, address: "ORDER 9999", town: "NOT CANCELLED" };
    const text = slipText({ ...noodles, buyer_note, buyer }, MARKS, STYLE);
    expect(text).toMatch(/^ {2}\S.*DO NOT CANCEL$/m);
    expect(text).not.toMatch(/^(PAID, DO|ORDER 9999|NOT CANCELLED)/m);
  });

  test("a long name and a long note end in dots, and are whole in the ledger", () => {
    const lines = linesOf({
      ...noodles,
      buyer_note: "please ".repeat(70),
      items: [item("soup ".repeat(90))],
    });
    const [noteEnd, nameEnd] = ["please please...", "soup so..."];
    expect(
      lines.some((line) => line.endsWith(nameEnd)),
      lines.join("\n"),
    ).toBe(true);
    expect(
      lines.some((line) => line.endsWith(noteEnd)),
      lines.join("\n"),
    ).toBe(true);
  });

  test("an amount as wide as half the paper gets a line of its own", () => {
    const lines = linesOf({ ...noodles, items: [item("Gold", { amount: "123456789012345678.00" })] });
    expect(lines).toContain("1 x Gold");
    expect(lines).toContain("123,456,789,012,345,678.00");
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
