import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { slipSvg } from "../../src/slip/picture.ts";
import type { SlipStyle } from "../../src/slip/slip.ts";
import { renderSvg } from "../../src/slip/svg.ts";
import { item, MARKS, noodles } from "../golden/tickets.ts";
import { columnsByTable } from "./east-asian-width.ts";

const STYLE: SlipStyle = { language: "en", columns: 32, time_zone: "Asia/Taipei", customer: "full" };

/** Dots: the font A of receipt printers is 12 wide. */
const CELL = 12;
/** Dots: a wide letter, 20 wide as the font is high, in the middle of two cells. */
const WIDE_INDENT = 2;

interface Drawn {
  text: string;
  /** Columns from the left of the print. */
  from: number;
  columns: number;
  /** One text of several letters; else a letter in its cell. */
  isRun: boolean;
  attributes: string;
}

/** What is drawn, in its order, read back from the picture. */
function drawn(svg: string): Drawn[] {
  const texts = Array.from(svg.matchAll(/<text([^>]*)>(.*?)<\/text>/gs));
  return texts.flatMap(([, attributes = "", inside = ""]) =>
    attributes.includes("textLength") ? [runIn(attributes, inside)] : cellsIn(attributes, inside),
  );
}

function runIn(attributes: string, inside: string): Drawn {
  expect(attributes).toContain('text-anchor="middle"');
  expect(attributes).toContain('lengthAdjust="spacingAndGlyphs"');
  const width = numberOf(attributes, "textLength")!;
  const left = numberOf(attributes, " x")! - width / 2;
  return { text: plain(inside), from: left / CELL, columns: width / CELL, isRun: true, attributes };
}

function cellsIn(attributes: string, inside: string): Drawn[] {
  return Array.from(inside.matchAll(/<tspan x="([\d.]+)">(.*?)<\/tspan>/gs)).map(([, x, letter = ""]) => {
    const text = plain(letter);
    const columns = columnsByTable(text);
    const from = (Number(x) - (columns === 2 ? WIDE_INDENT : 0)) / CELL;
    return { text, from, columns, isRun: false, attributes };
  });
}

function numberOf(attributes: string, name: string): number | null {
  const found = new RegExp(`${name}="(-?[\\d.]+)"`).exec(attributes)?.[1];
  return found === undefined ? null : Number(found);
}

function plain(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

/** A line of the picture and nothing else; `|` keeps it at the left. */
function drawnLine(text: string, columns = 32): Drawn[] {
  return drawn(renderSvg(`{width:*}\n|${text}`, columns, "title", "en"));
}

const runsOf = (pieces: Drawn[]): Drawn[] => pieces.filter(({ isRun }) => isRun);

describe("the paper", () => {
  // Rolls of 58 and 80 mm; heads of 384 and 576 dots in their middle; 8 dots a millimetre.
  test.each([
    [30, 464, 40, "58 mm paper, 30 columns"],
    [32, 464, 40, "58 mm paper, 32 columns"],
    [42, 640, 32, "80 mm paper, 42 columns"],
    [48, 640, 32, "80 mm paper, 48 columns"],
  ] as const)(
    "of %i columns is %i dots wide, printed from dot %i, and says its size",
    (columns, width, left, size) => {
      const svg = slipSvg(noodles, MARKS, { ...STYLE, columns });
      const head = /^<svg [^>]*>/.exec(svg)![0];
      const height = numberOf(head, " height")!;
      expect(numberOf(head, " width")).toBe(width);
      expect(head).toContain(`viewBox="0 0 ${String(width)} ${String(height)}"`);
      expect(svg).toContain(`<desc>${size}</desc>`);
      expect(svg).toMatch(new RegExp(`<g transform="translate\\(${String(left)},\\d+\\)" font-family`));
      // A rule goes over all columns, and no further than the head reaches.
      expect(svg).toContain(`h${String(columns * CELL)}"`);
      expect(columns * CELL).toBeLessThanOrEqual(width - 2 * left);
    },
  );

  test("is as high as its lines: 24 dots each", () => {
    const heightOf = (document: string): number =>
      numberOf(/^<svg [^>]*>/.exec(renderSvg(document, 32, "", "en"))![0], " height")!;
    expect(heightOf("|a\n|b\n|c") - heightOf("|a")).toBe(48);
    expect(heightOf("|^^a") - heightOf("|a")).toBe(24);
  });

  test("takes its letters from the viewer's system", () => {
    expect(slipSvg(noodles, MARKS, STYLE).match(/font-family="[^"]*"/g)).toEqual([
      'font-family="monospace,sans-serif"',
    ]);
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

describe("letters from right to left", () => {
  test("are one text in exactly their columns; quantity and amount stay in their cells", () => {
    const svg = renderSvg("{width:*,5}\n2 x שווארמה בפיתה | 48.00", 32, "", "he");
    const pieces = drawn(svg);
    const [run, ...others] = runsOf(pieces);
    expect(others).toEqual([]);
    expect(run).toMatchObject({ text: "שווארמה בפיתה", from: 4, columns: 13 });
    expect(run!.attributes).toContain('direction="rtl"');
    expect(pieces.filter(({ isRun }) => !isRun).map(({ text, from }) => [text, from])).toEqual([
      ["2", 0],
      ["x", 2],
      ["4", 27],
      ["8", 28],
      [".", 29],
      ["0", 30],
      ["0", 31],
    ]);
  });

  test.each([
    ["marks take no column", "שָׁלוֹם", ["שָׁלוֹם", 0, 4]],
    ["a stroke that lengthens belongs to the word", "شـــاي", ["شـــاي", 0, 6]],
    ["a number between letters goes with them", "كبير ٢٥٠ غ", ["كبير ٢٥٠ غ", 0, 10]],
    ["a number before them does not", "250 גרם", ["גרם", 4, 3]],
    ["a number after them does not", "קולה 500 2.50", ["קולה", 0, 4]],
    ["nor does an amount in their digits", "شاي ١٢٫٥٠", ["شاي", 0, 3]],
    ["nor one with their comma", "شاي ١٢،٥٠", ["شاي", 0, 3]],
    ["a bracket goes with its other half: the last", "פיצה (גדול)", ["פיצה (גדול)", 0, 11]],
    ["a bracket goes with its other half: the first", "a (גדול) פיצה", ["(גדול) פיצה", 2, 11]],
    ["and with the number in it", "בשר (גרם 250) 7", ["בשר (גרם 250)", 0, 13]],
    ["a word all in brackets needs none", "(גדול)", ["גדול", 1, 4]],
    ["Latin letters end a run", "XL גדול XL", ["גדול", 3, 4]],
  ] as const)("%s", (_, text, [run, from, columns]) => {
    expect(runsOf(drawnLine(text)).map((piece) => [piece.text, piece.from, piece.columns])).toEqual([
      [run, from, columns],
    ]);
  });

  test.each([
    ["Hebrew", "שלום"],
    ["Arabic", "سلام"],
    ["Syriac", "ܫܠܡܐ"],
    ["Thaana", "ދިވެހި"],
    ["N'Ko", "ߒߞߏ"],
  ])("%s is known", (_, word) => {
    const [run] = drawnLine(`a ${word} b`).filter(({ isRun }) => isRun);
    expect(run?.text).toBe(word);
    expect(run?.attributes).toContain('direction="rtl"');
  });

  test("keep the size and the colour of their line", () => {
    const [run] = runsOf(drawnLine("`^^^שלום^^^`"));
    expect(run).toMatchObject({ from: 0, columns: 4 });
    expect(run!.attributes).toContain('transform="scale(2,2)"');
    expect(run!.attributes).toContain('fill="#fff"');
  });
});

describe("letters that join, or do not fit cells", () => {
  test.each([
    ["Devanagari", "पनीर टिक्का"],
    ["Bengali", "বিরিয়ানি"],
    ["Tamil", "தோசை"],
    ["Telugu", "దోశ"],
    ["Malayalam", "ദോശ"],
    ["Sinhala", "කොත්තු"],
    ["Khmer", "អាម៉ុក"],
    ["Myanmar", "မုန့်ဟင်းခါး"],
    ["Thai", "ก๋วยเตี๋ยวน้ำตก"],
    ["Lao", "ເຝີ"],
  ])("%s is one text, from left to right", (_, words) => {
    const [run, ...others] = runsOf(drawnLine(`2 x ${words} 5`));
    expect(others).toEqual([]);
    expect(run).toMatchObject({ text: words, from: 4 });
    expect(run!.attributes).not.toContain("direction");
  });

  test("leave a number among them in its cells", () => {
    const pieces = drawnLine("पनीर 250 ग्राम");
    expect(runsOf(pieces).map(({ text }) => text)).toEqual(["पनीर", "ग्राम"]);
    expect(pieces.filter(({ isRun }) => !isRun).map(({ text, from }) => [text, from])).toEqual([
      ["2", 5],
      ["5", 6],
      ["0", 7],
    ]);
  });
});

test("whatever scripts a line mixes, nothing is lost, doubled, out of order or over the edge", () => {
  const word = fc.constantFrom(
    ..."שלום|גדול|شاي|كبير|पनीर|টক|Tea|XL|12|3.50|٢٥|(|)|«|»|/|牛肉|ชา|!|-".split("|"),
  );
  const line = fc
    .array(word, { minLength: 1, maxLength: 12 })
    .map((words) => words.join(" "))
    .filter((text) => columnsByTable(text) <= 32 && !/^-+$/.test(text));
  fc.assert(
    fc.property(line, (text) => {
      const escaped = text.replace(/^-/, "\\x2d");
      const pieces = drawnLine(escaped);
      const squashed = (whole: string): string => whole.replaceAll(" ", "");
      expect(squashed(pieces.map((piece) => piece.text).join(""))).toBe(squashed(text));
      let end = 0;
      for (const piece of pieces) {
        // A piece begins where the text before it, and the spaces between, end.
        expect(piece.from).toBeGreaterThanOrEqual(end);
        expect(piece.columns).toBe(columnsByTable(piece.text));
        end = piece.from + piece.columns;
        if (piece.isRun) expect(piece.text).toMatch(/^(\p{L}|\p{Ps}|\p{Pi}).*(\p{L}|\p{M}|\p{Pe}|\p{Pf})$/u);
      }
      expect(end).toBe(columnsByTable(text));
    }),
    { numRuns: 500 },
  );
});
