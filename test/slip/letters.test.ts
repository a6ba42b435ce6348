import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderSvg } from "../../src/slip/svg.ts";
import { drawn, drawnLine, runsOf, type Drawn } from "./drawn.ts";
import { columnsByTable } from "./east-asian-width.ts";

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
    ["a number after them is theirs", "شارع سالم المبارك 12", ["شارع سالم المبارك 12", 0, 20]],
    ["in their digits as well", "شاي ١٢٫٥٠", ["شاي ١٢٫٥٠", 0, 9]],
    ["and a comma that ends the line", "اتصل قبل الوصول،", ["اتصل قبل الوصول،", 0, 16]],
    ["and a bracket whose other half is on another line", "בלי בצל) 2", ["בלי בצל) 2", 0, 10]],
    ["a number before them, where the line begins", "250 גרם", ["250 גרם", 0, 7]],
    ["and a dash there", "~~2- חריף (3)", ["2- חריף (3)", 2, 11]],
    ["brackets at both ends", "(גדול) 12 (קטן)", ["(גדול) 12 (קטן)", 0, 15]],
    ["where the text begins behind a quantity", "2 x 7 חטיפים", ["7 חטיפים", 4, 8]],
    ["one of a measure is none", "2.5 kg 7 חטיפים", ["חטיפים", 9, 6]],
    ["where the text begins behind a label", "Customer note: 2- חריף!", ["2- חריף!", 15, 8]],
    ["behind a label with a space before its colon", "Note : 2 פיתות", ["2 פיתות", 7, 7]],
    ["a label's own number is not theirs", "Gate 5: דירה 4", ["דירה 4", 8, 6]],
    ["nor a number behind Latin letters", "XL 3 פיתות", ["פיתות", 5, 5]],
    ["nor one before Latin letters", "שווארמה 2 XL", ["שווארמה", 0, 7]],
    ["nor one before Chinese", "פיתה, 2 牛肉", ["פיתה", 0, 4]],
    ["a bracket goes with its other half: the last", "פיצה (גדול) XL", ["פיצה (גדול)", 0, 11]],
    ["a bracket goes with its other half: the first", "a (גדול) פיצה", ["(גדול) פיצה", 2, 11]],
    ["the first, of a last that ends the line", "XL (גדול)", ["(גדול)", 3, 6]],
    ["and with the number in it", "בשר (גרם 250) 7 XL", ["בשר (גרם 250)", 0, 13]],
    ["inside another", "XL ((גדול) קטן) 3", ["((גדול) קטן) 3", 3, 14]],
    ["a quotation mark goes with its other half", `XL "גדול"`, [`"גדול"`, 3, 6]],
    ["also in brackets", `XL ("גדול") 'קטן'`, [`("גדול") 'קטן'`, 3, 14]],
    ["a sign of an abbreviation is none", `XL 'ק"ג' ג' 5`, [`'ק"ג' ג' 5`, 3, 10]],
    ["nor is a sign of inches", `TV 12" גדול 14"`, [`גדול 14"`, 7, 8]],
    ["a bracket stays with one before Latin letters", "a (XL גדול) 5", ["גדול", 6, 4]],
    ["and with one behind them", "(גדול XL)", ["גדול", 1, 4]],
    ["Latin letters end a run", "XL גדול XL", ["גדול", 3, 4]],
  ] as const)("%s", (_, text, [run, from, columns]) => {
    expect(
      runsOf(drawnLine(text.replaceAll(`"`, "\\x22"))).map((piece) => [
        piece.text,
        piece.from,
        piece.columns,
      ]),
    ).toEqual([[run, from, columns]]);
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

  test.each([
    ["טל 052 123 4567 דלת 3", "052 123 4567"],
    ["هاتف +965-5123-4567", "+965-5123-4567"],
    ["هاتف ٠٥٠ ١٢٣ ٤٥٦٧", "٠٥٠ ١٢٣ ٤٥٦٧"],
  ])("let a telephone number be read from the left: %s", (text, phone) => {
    const svg = renderSvg(`{width:*}\n|${text}`, 32, "", "en");
    expect(runsOf(drawn(svg))).toMatchObject([{ text, from: 0, columns: columnsByTable(text) }]);
    expect(svg.split(`<tspan direction="ltr" unicode-bidi="embed">${phone}</tspan>`)).toHaveLength(2);
  });

  test("leave other numbers as they are", () => {
    expect(renderSvg("{width:*}\n|דירה 4, 12 עד 250 גרם", 32, "", "en")).not.toContain("unicode-bidi");
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
    ..."שלום|גדול|شاي|كبير|पनीर|টক|Tea|XL|x|Note:|Phở|HỦY|12|3.50|٢٥|(|)|«|»|/|牛肉|ชา|!|-".split("|"),
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
        if (piece.isRun) expectEdges(piece, text);
      }
      expect(end).toBe(columnsByTable(text));
    }),
    { numRuns: 500 },
  );
});

const FROM_RIGHT = /[\p{scx=Hebrew}\p{scx=Arabic}]/u;
const FROM_LEFT = /[\p{L}--[\p{scx=Hebrew}\p{scx=Arabic}]]/v;

/** No space at a run's edges; beside one from the right nothing is left over that belongs to it. */
function expectEdges({ text, from, columns, attributes }: Drawn, line: string): void {
  expect(text).toBe(text.trim());
  if (!attributes.includes('direction="rtl"')) {
    expect(text).toMatch(/^\p{L}(.*[\p{L}\p{M}])?$/u);
    return;
  }
  expect(text).toMatch(FROM_RIGHT);
  expect(text).not.toMatch(FROM_LEFT);
  const cellsOfLine = Array.from(line).flatMap((letter) =>
    Array<string>(columnsByTable(letter)).fill(letter),
  );
  const before = cellsOfLine.slice(0, from).join("").trim();
  const after = cellsOfLine
    .slice(from + columns)
    .join("")
    .trim();
  // A bracket whose other half stands behind a letter from the left stays with that.
  expect(after).toMatch(/^$|^[\(\)«»]|[\p{L}--[\p{scx=Hebrew}\p{scx=Arabic}]]/v);
  expect(before).toMatch(/^$|[\(\)«»]$|[\p{L}--[\p{scx=Hebrew}\p{scx=Arabic}]]/v);
  expect(before).not.toMatch(/(^[^\p{L}]* x|Note:) [^\p{L}()«»]+$/u);
}
