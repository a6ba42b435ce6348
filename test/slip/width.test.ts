import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cut, textWidth, wrap } from "../../src/slip/width.ts";
import { anyText } from "./arbitrary-ticket.ts";
import { columnsByTable, widePoints } from "./east-asian-width.ts";

describe("textWidth", () => {
  test.each([
    ["", 0],
    ["#1001", 5],
    ["牛肉麵", 6],
    ["（大碗）", 8],
    ["한국어", 6],
    ["カタカナ", 8],
    ["ｶﾀｶﾅ", 4],
    ["ก๋วยเตี๋ยว", 7],
    ["phở", 3],
    ["e\u0301", 1],
    ["Ünïcödé", 7],
  ])("%s takes %i columns", (text, columns) => {
    expect(textWidth(text)).toBe(columns);
  });

  test("is two for every character that Unicode calls wide", () => {
    const assigned = Array.from(widePoints(), (point) => String.fromCodePoint(point)).filter((char) =>
      /\P{Cn}/u.test(char),
    );
    expect(assigned.length).toBeGreaterThan(100_000);
    expect(assigned.filter((char) => textWidth(char) !== 2)).toEqual([]);
  });
});

describe("wrap", () => {
  test.each([
    ["Beef noodle soup", 8, ["Beef", "noodle", "soup"]],
    ["Beef noodle soup", 11, ["Beef noodle", "soup"]],
    ["4f0e8a1c8d0b4d4f", 6, ["4f0e8a", "1c8d0b", "4d4f"]],
    ["招牌牛肉麵", 6, ["招牌牛", "肉麵"]],
    ["招牌（大碗）", 8, ["招牌（大", "碗）"]],
    ["改變，六點", 4, ["改", "變，", "六點"]],
    ["24-11\u00a012:04, sent", 12, ["24-11 12:04,", "sent"]],
    ["", 10, [""]],
  ])("%s at %i columns", (text, columns, lines) => {
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
});

test("cut counts columns, not characters", () => {
  expect(cut("取消訂單", 6, "…")).toBe("取消…");
  expect(cut("取消訂單", 8, "…")).toBe("取消訂單");
  expect(cut("abc", 2, "…")).toBe("a…");
  expect(cut("取消 order", 9, "...")).toBe("取消 o...");
  expect(cut("取消 order", 8, "...")).toBe("取消...");
});
