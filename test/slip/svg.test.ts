import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { slipSvg } from "../../src/slip/picture.ts";
import type { SlipStyle } from "../../src/slip/slip.ts";
import { renderSvg } from "../../src/slip/svg.ts";
import { item, MARKS, noodles } from "../golden/tickets.ts";
import { CELL, drawn, drawnLine, numberOf } from "./drawn.ts";

const STYLE: SlipStyle = { language: "en", columns: 32, time_zone: "Asia/Taipei", customer: "full" };

describe("the paper", () => {
  // Rolls of 58 and 80 mm, of 8 dots a millimetre; for 42 columns of 7.1.
  test.each([
    [30, 464, 52, "58 mm paper, 30 columns"],
    [32, 464, 40, "58 mm paper, 32 columns"],
    [42, 568, 32, "80 mm paper, 42 columns"],
    [48, 640, 32, "80 mm paper, 48 columns"],
  ] as const)(
    "bug: of %i columns is %i dots wide, printed from dot %i, and says its size",
    (columns, width, left, size) => {
      const svg = slipSvg(noodles, MARKS, { ...STYLE, columns });
      const head = /^<svg [^>]*>/.exec(svg)![0];
      const height = numberOf(head, " height")!;
      expect(numberOf(head, " width")).toBe(width);
      expect(head).toContain(`viewBox="0 0 ${String(width)} ${String(height)}"`);
      expect(svg).toContain(`<desc>${size}</desc>`);
      expect(svg).toMatch(new RegExp(`<g transform="translate\\(${String(left)},\\d+\\)" font-family`));
      // A rule goes over all columns, and as far from one edge of the paper as from the other.
      expect(svg).toContain(`h${String(columns * CELL)}"`);
      expect(columns * CELL).toBe(width - 2 * left);
    },
  );

  test("is as high as its lines: 24 dots each", () => {
    const heightOf = (document: string): number =>
      numberOf(/^<svg [^>]*>/.exec(renderSvg(document, 32, "", "en"))![0], " height")!;
    expect(heightOf("|a\n|b\n|c") - heightOf("|a")).toBe(48);
    expect(heightOf("|^^a") - heightOf("|a")).toBe(24);
  });

  test("takes its letters from the viewer's system", () => {
    const fontsOf = (ticket: typeof noodles): Set<string> =>
      new Set(slipSvg(ticket, MARKS, STYLE).match(/font-family="[^"]*"/g));
    expect(fontsOf(noodles)).toEqual(new Set(['font-family="monospace,sans-serif"']));
    expect(fontsOf({ ...noodles, items: [item("Phở"), item("שלום")] })).toEqual(
      new Set(['font-family="monospace,sans-serif"', 'font-family="sans-serif"']),
    );
  });

  test("is the same, byte for byte, each time", () => {
    expect(slipSvg(noodles, MARKS, STYLE)).toBe(slipSvg(noodles, MARKS, STYLE));
  });
});

describe("letters", () => {
  test("of Latin stand each in the cell of its column", () => {
    const line = fc.string({
      unit: fc.constantFrom(...Array.from("abcXYZ019 .,:!?#()")),
      minLength: 1,
      maxLength: 32,
    });
    fc.assert(
      fc.property(line, (text) => {
        const expected = Array.from(text, (letter, from) => ({ text: letter, from })).filter(
          ({ text: letter }) => letter !== " ",
        );
        // Receiptline trims a line: the document says `~` for a space that stays.
        const pieces = drawnLine(text.replaceAll(" ", "~"));
        expect(pieces.map((piece) => ({ text: piece.text, from: piece.from }))).toEqual(expected);
      }),
    );
  });

  test("of Chinese take two columns", () => {
    expect(drawnLine("2 x 牛肉a").map(({ text, from }) => [text, from])).toEqual([
      ["2", 0],
      ["x", 2],
      ["牛", 4],
      ["肉", 6],
      ["a", 8],
    ]);
  });

  test.each([
    ["Phở bò", ["ở"]],
    ["Cà phê sữa đá", ["ữ"]],
    ["Crème brûlée", []],
    ["Thị TỔNG", ["ị", "Ổ"]],
    // No letter of its own: e with a line below.
    ["ke\u0331bab", ["e\u0331"]],
  ])(
    "with marks that fonts of one width lack come from another, in the middle of their cells: %s",
    (text, stacked) => {
      const pieces = drawnLine(text);
      expect(pieces.map(({ from }) => from)).toEqual(
        Array.from(text.replace(/\p{M}/gu, "")).flatMap((letter, column) => (letter === " " ? [] : [column])),
      );
      const other = pieces.filter(({ attributes }) => attributes.includes('text-anchor="middle"'));
      expect(other.map((piece) => piece.text)).toEqual(stacked);
      expect(other.every(({ attributes }) => attributes.includes('font-family="sans-serif"'))).toBe(true);
    },
  );

  test("that are wide in it are made as narrow as their cells", () => {
    expect(drawnLine("TỔNG cộng Thị CHỊ").filter(({ isRun }) => isRun)).toMatchObject([
      { text: "Ổ", from: 1, columns: 1 },
    ]);
  });

  test("twice as wide keep their columns in the scale of the text", () => {
    const pieces = drawnLine("^^^ab");
    expect(pieces.map(({ text, from }) => [text, from])).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
    expect(pieces[0]!.attributes).toContain('transform="scale(2,2)"');
  });

  test("that mean something to XML are text", () => {
    const name = `</text><script>alert("1")</script>&amp;'`;
    const svg = slipSvg({ ...noodles, order_name: "<b>", items: [item(name), item("ש<&ש")] }, MARKS, STYLE);
    const texts = drawn(svg).map((piece) => piece.text);
    expect(texts.join("")).toContain(name);
    expect(texts).toContain("ש<&ש");
    expect(svg).toContain("<title>ORDER CANCELLED &#60;b&#62;</title>");
    const drawnAs = Array.from(svg.matchAll(/&#(\d+);/g), ([, code]) => String.fromCharCode(Number(code)));
    expect(new Set(drawnAs)).toEqual(new Set(["<", ">", "&", '"', "'"]));
    expect(svg.replace(/<\/?(svg|title|desc|path|g|rect|text|tspan)[ />][^<>]*|&#\d+;/g, "")).not.toMatch(
      /[<&]/,
    );
  });
});
