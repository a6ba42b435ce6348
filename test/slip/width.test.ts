import { describe, expect, test } from "vitest";
import { cut, textWidth } from "../../src/slip/width.ts";
import { widePoints } from "./east-asian-width.ts";

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

test("cut counts columns, not characters", () => {
  expect(cut("取消訂單", 6, "…")).toBe("取消…");
  expect(cut("取消訂單", 8, "…")).toBe("取消訂單");
  expect(cut("abc", 2, "…")).toBe("a…");
  expect(cut("取消 order", 9, "...")).toBe("取消 o...");
  expect(cut("取消 order", 8, "...")).toBe("取消...");
});
