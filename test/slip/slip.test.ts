import { describe, expect, test } from "vitest";
import { LANGUAGES } from "../../src/core/settings.ts";
import type { SlipMarks, Ticket } from "../../src/core/ticket.ts";
import { slipContent } from "../../src/slip/content.ts";
import { receiptDocument } from "../../src/slip/document.ts";
import { layOut } from "../../src/slip/layout.ts";
import { slipText, type SlipStyle } from "../../src/slip/slip.ts";
import { WORDS } from "../../src/slip/words/index.ts";
import { fill } from "../../src/slip/words/words.ts";
import { bare, LATE, LATE_BY_YEARS, MARKS, noodles, printerTest, storeTest } from "../golden/tickets.ts";

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
    expect(text).toContain("Slip 01KAV3T0M8Q4ZC9XW2N7R5HJ6B\nTEST, REPRINT 2,\n  MAY BE A REPEAT, LATE\n!!");
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
    const late = { ...MARKS, sent_at: noodles.cancelled_at + lateMs };
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

  test("bug: in the night in which clocks are set back a late slip was sent before its order was cancelled", () => {
    const ticket = { ...noodles, cancelled_at: Date.parse("2026-10-25T02:50:00+02:00") };
    const marks = { ...MARKS, sent_at: Date.parse("2026-10-25T02:05:00+01:00") };
    const text = slipText(ticket, marks, { ...STYLE, time_zone: "Europe/Berlin" });
    expect(text).toMatch(/!! +15 min ago +!!\n!! +cancelled 02:50 UTC\+2 +!!\n!! +sent 02:05 UTC\+1 +!!\n/);
  });

  test("a late slip of another day says the days", () => {
    const tomorrow = { ...MARKS, sent_at: Date.UTC(2026, 10, 25, 0, 30) };
    expect(linesOf(noodles, tomorrow)).toContain("!!   cancelled 24 Nov 12:04   !!");
    expect(linesOf(noodles, tomorrow)).toContain("!!     sent 25 Nov 08:30      !!");
  });

  test.each(LANGUAGES)("bug: %s: a late slip of another year says the years", (language) => {
    const marks = { ...MARKS, sent_at: LATE_BY_YEARS.sent_at };
    const said = slipText(noodles, marks, { ...STYLE, language }).replaceAll(/[!\s]+/g, " ");
    const { date, late_cancelled, late_sent } = WORDS[language];
    const cancelled = fill(date, { d: "24", m: "11", b: "Nov", y: "2026" });
    const sent = fill(date, { d: "22", m: "10", b: "Oct", y: "2028" });
    expect(said).toContain(fill(late_cancelled, { at: `${cancelled} 12:04` }));
    expect(said).toContain(fill(late_sent, { at: `${sent} 12:04` }));
  });

  test("a late slip of the same year, as the kitchen's clock has it, does not", () => {
    // In Taipei both are of 2027.
    const cancelled_at = Date.UTC(2026, 11, 31, 17);
    const lines = linesOf({ ...noodles, cancelled_at }, { ...MARKS, sent_at: Date.UTC(2027, 0, 2, 1) });
    expect(lines).toContain("!!   cancelled 01 Jan 01:00   !!");
    expect(lines).toContain("!!     sent 02 Jan 09:00      !!");
  });

  test.each([30, 32, 42, 48] as const)(
    "bug: at %i columns a long number is parted behind its hyphens, at head and foot alike",
    (columns) => {
      const order_name = "TW-2026-11-29-XINYI-000104857";
      const lines = linesOf({ ...noodles, order_name }, MARKS, { columns });
      const inside = (text: string): string => text.replace(/^(\*|!!) +| +(\*|!!)$/g, "");
      const head = lines
        .slice(
          2,
          lines.findIndex((line) => line.includes("DO NOT MAKE")),
        )
        .map(inside);
      expect(head.join("")).toBe(order_name);
      for (const row of head.slice(0, -1)) expect(row).toMatch(/-$/);
      expect(lines.slice(-head.length).map(inside)).toEqual(head);
    },
  );

  test.each([printerTest, storeTest])("a test says TEST, and still that nothing is to be made", (ticket) => {
    const lines = linesOf(ticket);
    expect(lines[1]).toBe("*    TEST: NOT A REAL ORDER    *");
    expect(lines[2]).toBe("*       ORDER CANCELLED        *");
    expect(lines.slice(4, 10)).toContain("*         DO NOT MAKE          *");
    expect(lines.at(-2)).toBe("TEST");
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
    const text = slipText(noodles, MARKS, STYLE);
    expect(text).not.toMatch(/REPEAT|LATE|REPRINT|TEST/);
    expect(text.match(/^!!/gm)).toHaveLength(1);
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

describe("the lower half of a slip, seen alone", () => {
  test("is no order to make: the items are headed, and the end says it again", () => {
    const lines = linesOf(noodles);
    expect(lines[lines.indexOf("2 x Beef noodle soup       16.00") - 1]).toBe(
      "--------- DO NOT MAKE ----------",
    );
    expect(lines.at(-1)).toBe("!!   ORDER CANCELLED #1001    !!");
  });

  test("says when it was sent, for it may have waited in the cloud or for paper", () => {
    expect(linesOf(noodles)).toContain("Sent 12:04");
    expect(linesOf(noodles, { ...MARKS, sent_at: Date.UTC(2026, 10, 25, 0, 30) })).toContain(
      "Sent 25 Nov 2026 08:30",
    );
  });
});

test("a reason that was not given is said to be", () => {
  expect(linesOf({ ...noodles, reason: null })).toContain("Reason: not given");
  expect(linesOf({ ...storeTest, reason: null }).join()).not.toContain("Reason");
});

describe("a slip without items", () => {
  test("says that nothing more is known, where nothing is", () => {
    const text = linesOf({ ...bare, order_id: "77", order_name: "77" });
    expect(text).toContain("ORDER 77 CANCELLED");
    expect(text.join(" ")).toContain("Nothing more is known: see dashboard");
  });

  test("does not claim that nothing is known where a telephone number is", () => {
    const ticket = { ...bare, buyer: { ...bare.buyer, phone: "0912 345 678" } };
    expect(linesOf(ticket).join(" ")).not.toContain("Nothing more");
  });

  test("says that the items are not known, where something is", () => {
    const text = linesOf({ ...bare, order_name: "77", payment: "unpaid" });
    expect(text).toContain("ORDER 77 CANCELLED");
    expect(text.join(" ")).toContain("Items not known: see shop");
    expect(text.join(" ")).not.toContain("Nothing more");
    expect(text).toContain("NOT PAID");
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

test("of a short number its end would be nearly all: customer: short prints none of it", () => {
  const buyer = { ...noodles.buyer, phone: "12 345" };
  expect(linesOf({ ...noodles, buyer }, MARKS, { customer: "short" }).join()).not.toMatch(/345|\.\.\./);
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
    const content = slipContent({ ...noodles, reason: "{code:1} | ^^x^^ \\x7c" }, MARKS, STYLE);
    const document = receiptDocument(layOut(content, STYLE.columns));
    expect(document).toContain("Reason: \\x7bcode:1\\x7d \\x7c \\x5e\\x5ex\\x5e\\x5e \\x5cx7c");
  });
});
