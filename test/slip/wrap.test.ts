import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wrap } from "../../src/slip/wrap.ts";
import { anyText } from "./arbitrary-ticket.ts";
import { columnsByTable } from "./east-asian-width.ts";

describe("wrap", () => {
  test.each([
    ["Beef noodle soup", 8, ["Beef", "noodle", "soup"]],
    ["Beef noodle soup", 11, ["Beef noodle", "soup"]],
    ["4f0e8a1c8d0b4d4f", 6, ["4f0e8a", "1c8d0b", "4d4f"]],
    // A word longer than a line: behind a hyphen or a slash before anywhere else.
    ["TW-2026-11-29-XINYI-000104857", 15, ["TW-2026-11-29-", "XINYI-000104857"]],
    ["No. 2026/11/24/000104857", 10, ["No.", "2026/11/", "24/", "000104857"]],
    ["TW-000104857104857-7", 10, ["TW-0001048", "57104857-7"]],
    ["-12345678 //12345678", 6, ["-12345", "678", "//1234", "5678"]],
    ["招牌牛肉麵", 6, ["招牌牛", "肉麵"]],
    ["招牌（大碗）", 8, ["招牌（大", "碗）"]],
    ["改變，六點", 4, ["改", "變，", "六點"]],
    ["24-11\u00a012:04, sent", 12, ["24-11 12:04,", "sent"]],
    ["", 10, [""]],
  ])("%s at %i columns", (text, columns, lines) => {
    expect(wrap(text, columns)).toEqual(lines);
  });

  test.each([
    ["और गार्लिक नान", 8, ["और", "गार्लिक", "नान"]],
    ["சாம்பார் இட்லி", 10, ["சாம்பார்", "இட்லி"]],
  ])("regression: %s was broken inside a word, at a vowel that takes a column", (text, columns, lines) => {
    expect(wrap(text, columns)).toEqual(lines);
  });

  test("breaks Thai between words", () => {
    expect(wrap("ลูกค้าเปลี่ยนใจ", 8)).toEqual(["ลูกค้า", "เปลี่ยนใจ"]);
  });

  test("loses no letter and makes no line too wide", () => {
    const squash = (text: string): string => text.replace(/[ \u00a0]/g, "");
    const lineText = anyText.map((text) => text.replace(/[\p{C}\p{Z}]+/gu, " "));
    fc.assert(
      fc.property(lineText, fc.integer({ min: 4, max: 48 }), (text, columns) => {
        const lines = wrap(text, columns);
        expect(squash(lines.join(""))).toBe(squash(text));
        for (const line of lines) expect(columnsByTable(line), line).toBeLessThanOrEqual(columns);
      }),
      { numRuns: 500 },
    );
  });

  test("breaks letters of one column where it breaks the same with accents", () => {
    const ascii = fc.array(fc.constantFrom("e", "t", "9", " ", " ", "-", ".", "(", "e-t"), { maxLength: 60 });
    const columnsOf = fc.integer({ min: 6, max: 32 });
    fc.assert(
      fc.property(ascii, columnsOf, fc.constantFrom(0, 2, -2), (parts, columns, hanging) => {
        const text = `e${parts.join("")}`;
        const accented = wrap(text.replaceAll("e", "é"), columns, hanging);
        expect(wrap(text, columns, hanging)).toEqual(accented.map((line) => line.replaceAll("é", "e")));
      }),
      { numRuns: 500 },
    );
  });
});
