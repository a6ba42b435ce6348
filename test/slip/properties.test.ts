import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { slipSvg } from "../../src/slip/picture.ts";
import { slipText } from "../../src/slip/slip.ts";
import { item, MARKS, noodles } from "../golden/tickets.ts";
import { anyMarks, anyStyle, anyText, FORBIDDEN, ticketOf } from "./arbitrary-ticket.ts";
import { columnsByTable } from "./east-asian-width.ts";

const RUNS = { numRuns: 300 };

describe("any ticket as text", () => {
  test("has lines no wider than the paper, ended by \\n alone, without control or bidi characters", () => {
    fc.assert(
      fc.property(ticketOf(anyText), anyMarks, anyStyle, (ticket, marks, style) => {
        const text = slipText(ticket, marks, style);
        expect(text).not.toMatch(FORBIDDEN);
        expect(text.endsWith("\n")).toBe(true);
        for (const line of text.slice(0, -1).split("\n")) {
          expect(columnsByTable(line), line).toBeLessThanOrEqual(style.columns);
          expect(line).not.toBe("");
        }
      }),
      RUNS,
    );
  });

  test("opens with the framed banner, whatever the order is called", () => {
    fc.assert(
      fc.property(anyText, anyStyle, (order_name, style) => {
        const lines = slipText({ ...noodles, order_name }, MARKS, { ...style, language: "en" }).split("\n");
        expect(lines[0]).toBe("*".repeat(style.columns));
        expect(lines[1]).toMatch(/^\* +ORDER CANCELLED +\*$/);
        const end = lines.indexOf("*".repeat(style.columns), 1);
        expect(lines[end - 1]).toMatch(/^\* +DO NOT MAKE +\*$/);
      }),
      RUNS,
    );
  });

  test("ends with the headline and the order once more, whatever the order is called", () => {
    fc.assert(
      fc.property(anyText, anyStyle, (order_name, style) => {
        const text = slipText({ ...noodles, order_name }, MARKS, { ...style, language: "en" });
        const lines = text.slice(0, -1).split("\n");
        const last = lines.slice(lines.findLastIndex((line) => !line.startsWith("!!")) + 1);
        const end = last.map((line) => /^!! (.*) !!$/.exec(line)![1]).join("");
        // The banner has it first, then perhaps its digits, then the command.
        const banner = lines.slice(1, lines.indexOf("*".repeat(style.columns), 1));
        const head = banner.map((line) => line.slice(1, -1)).join("");
        expect(end.replace(/\s/g, "")).toMatch(/^ORDERCANCELLED./);
        expect(head.replace(/\s/g, "")).toContain(end.replace(/\s/g, ""));
      }),
      RUNS,
    );
  });

  test("prints a stranger's text letter by letter, whatever it means to a printer", () => {
    const hostile = fc.string({
      unit: fc.constantFrom(...Array.from("|{}~_\"`^\\-=#*;/<>&'!@$%x1bnrM03麵é")),
      minLength: 1,
      maxLength: 90,
    });
    fc.assert(
      fc.property(hostile, anyStyle, (name, style) => {
        const ticket = { ...noodles, reason: null, items: [item(name, { quantity: "1" })] };
        const squashed = slipText(ticket, MARKS, style).replace(/\s/g, "");
        expect(squashed).toContain(`1x${name}`);
      }),
      RUNS,
    );
  });
});

describe("any ticket as a picture", () => {
  test("is well-formed, stands alone, and holds nothing that runs, loads or refers", () => {
    fc.assert(
      fc.property(ticketOf(anyText), anyMarks, anyStyle, (ticket, marks, style) => {
        const svg = slipSvg(ticket, marks, style);
        expect(svg).not.toMatch(FORBIDDEN);
        expect(wellFormedTags(svg)).toEqual(
          new Set(["svg", "title", "desc", "path", "g", "rect", "text", "tspan"]),
        );
        const tags = svg.match(/<[^>]*>/g)!.join("");
        expect(tags).not.toMatch(/style|href|url\(|\son\w+=|@import/i);
        expect(tags.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toContain("//");
      }),
      RUNS,
    );
  });

  test("is the same every time", () => {
    fc.assert(
      fc.property(ticketOf(anyText), anyMarks, anyStyle, (ticket, marks, style) => {
        expect(slipSvg(ticket, marks, style)).toBe(slipSvg(ticket, marks, style));
      }),
      { numRuns: 20 },
    );
  });
});

/** @returns the names of all elements; throws where tags do not nest, or a `<` or `&` is not markup */
function wellFormedTags(svg: string): Set<string> {
  const names = new Set<string>();
  const open: string[] = [];
  const rest = svg.replace(
    /<(\/?)([a-z]+)((?:\s[\w:-]+="[^"<>]*")*)\s*(\/?)>/g,
    (_, end, name, __, alone) => {
      names.add(name as string);
      if (end === "/") expect(open.pop()).toBe(name);
      else if (alone !== "/") open.push(name as string);
      return "";
    },
  );
  expect(open).toEqual([]);
  expect(rest.replace(/&#\d+;/g, "")).not.toMatch(/[<>&]/);
  return names;
}
