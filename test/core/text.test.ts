import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanLine, FIELD_CHARS_MAX, textOf } from "../../src/core/text.ts";

test("control, bidirectional and zero-width characters never pass", () => {
  expect(cleanLine("a\u0000b\u001b@c\u202Ed\u2066e\u200Bf\uFEFFg\u00adh")).toBe("ab@cdefgh");
  expect(cleanLine("line one\r\nline two\tend\u2028x")).toBe("line one line two end x");
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 2000 }), (text) => {
      const line = cleanLine(text);
      expect(line).not.toMatch(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u);
      expect(line.isWellFormed()).toBe(true);
      expect(Array.from(line).length).toBeLessThanOrEqual(FIELD_CHARS_MAX);
      expect(line).toBe(line.trim());
    }),
  );
});

test.each([
  ["\u001b[2J\u001b[31mPAID\u001b[0m", "PAID"],
  ["a\u009b1;31mb", "ab"],
  ["[31m without its ESC is text", "[31m without its ESC is text"],
  ["cut off \u001b[3", "cut off [3"],
])("an escape sequence goes with its ESC: %j", (text, clean) => {
  expect(cleanLine(text)).toBe(clean);
});

test("noncharacters never pass", () => {
  expect(cleanLine("1\uffff2\ufdd03\ufffe")).toBe("123");
});

test("long text is cut by code points, not through one", () => {
  expect(cleanLine("🍜".repeat(10), 3)).toBe("🍜🍜…");
  expect(cleanLine("x".repeat(10_000_000)).length).toBe(FIELD_CHARS_MAX);
});

test("regression: a text that begins and ends with a quoted word lost its outer quotes", () => {
  expect(textOf('"Hot" noodles "XL"')).toBe('"Hot" noodles "XL"');
  expect(textOf('"paid"')).toBe("paid");
});

test("text from values of any type", () => {
  expect(textOf('"paid"')).toBe("paid");
  expect(textOf(12.5)).toBe("12.5");
  expect([
    textOf(""),
    textOf('""'),
    textOf("  "),
    textOf(null),
    textOf({}),
    textOf(true),
    textOf(NaN),
  ]).toEqual(Array(7).fill(null));
});
