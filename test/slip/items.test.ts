import { describe, expect, test } from "vitest";
import type { Ticket } from "../../src/core/ticket.ts";
import { slipText, type SlipStyle } from "../../src/slip/slip.ts";
import { item, MARKS, noodles } from "../golden/tickets.ts";

const STYLE: SlipStyle = { language: "en", columns: 32, time_zone: "Asia/Taipei", customer: "full" };

function linesOf(ticket: Ticket): string[] {
  return slipText(ticket, MARKS, STYLE)
    .split("\n")
    .map((line) => line.trim());
}

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
      ["12 x Beef noodle soup with 96.00", "     everything", "     Note: NO PEANUTS"].join("\n"),
    );
  });

  test("a wrapped name goes on under the amount", () => {
    const text = slipText({ ...noodles, items: [item("a ".repeat(20), { amount: "96.00" })] }, MARKS, STYLE);
    expect(text).toContain("1 x a a a a a a a a a a a  96.00\n    a a a a a a a a a\n");
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

  test("codes give way to names, where not all items fit", () => {
    const many = Array.from({ length: 40 }, (_, index) => item(`Dish${String(index + 1)}`, { sku: "D-1" }));
    const lines = linesOf({ ...noodles, items: many });
    expect(lines).toContain("1 x Dish40");
    expect(lines).not.toContain("SKU D-1");
    expect(
      linesOf({ ...noodles, items: many.slice(0, 30) }).filter((line) => line === "SKU D-1"),
    ).toHaveLength(30);
  });

  test("one buyer's endless options do not flood the paper", () => {
    const options = Array.from({ length: 500 }, () => ({ name: null, value: "x".repeat(400) }));
    const flood = Array.from({ length: 40 }, () => item("Soup", { options, note: "NO NUTS", sku: "S-1" }));
    const text = slipText({ ...noodles, items: flood }, MARKS, STYLE);
    expect(text).toContain("+ 498 more options\n    Note: NO NUTS\n");
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
    const [noteEnd, nameEnd] = ["please please...", "soup sou..."];
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
