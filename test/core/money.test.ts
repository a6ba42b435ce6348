import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { currencyDigits, lineTotal, parseAmount, parseQuantity, sumAmounts } from "../../src/core/money.ts";

test("a currency has its own digits (ISO 4217)", () => {
  expect([
    currencyDigits("USD"),
    currencyDigits("JPY"),
    currencyDigits("KWD"),
    currencyDigits("krw"),
  ]).toEqual([2, 0, 3, 0]);
  expect([currencyDigits(null), currencyDigits("8.00"), currencyDigits("ZZZ")]).toEqual([2, 2, 2]);
});

describe("parseAmount", () => {
  test.each([
    ["8.00", "USD", "8.00"],
    ["123.4", "USD", "123.40"],
    [38.400000000000006, "USD", "38.40"],
    [14, "USD", "14.00"],
    ["1.005", "USD", "1.01"],
    ["1500", "JPY", "1500"],
    ["1500.00", "JPY", "1500"],
    ["1500.5", "JPY", "1501"],
    ["15000.00", "IDR", "15000"],
    [1499.9999999999998, "HUF", "1500"],
    ["0.001", "HUF", "0"],
    ["1.2345", "KWD", "1.235"],
    ["-3.5", "USD", "-3.50"],
    ["-0.001", "USD", "0.00"],
    [".5", "USD", "0.50"],
    ["5.", "USD", "5.00"],
    ['"8.00"', "USD", "8.00"],
    ["12345678901234567890.12", "USD", "12345678901234567890.12"],
  ])("%s %s → %s", (value, currency, expected) => {
    expect(parseAmount(value, currency)).toBe(expected);
  });

  test.each([
    "amount",
    "",
    "1,000.00",
    "1e400",
    "1e99",
    1e21,
    "NaN",
    null,
    undefined,
    {},
    [],
    true,
    "9".repeat(31),
  ])("%s is no amount", (value) => {
    expect(parseAmount(value, "USD")).toBeNull();
  });
});

test.each([
  ["1234.50", "HUF", "1234.50"],
  ["1250.5", "PKR", "1250.50"],
  [15000.25, "IDR", "15000.25"],
  ["-0.5", "COP", "-0.50"],
  ["2500.125", "IQD", "2500.125"],
])("regression: %s %s was rounded to whole ones, though the store charged %s", (value, currency, kept) => {
  expect(parseAmount(value, currency)).toBe(kept);
});

test("what stands there as it is kept is read as any other number is", () => {
  const currencies = fc.constantFrom("JPY", "USD", "KWD", "HUF", null);
  const numerals = fc.stringMatching(/^(?:0|[1-9]\d{0,12}|0\d)(?:\.\d{1,4})?$/);
  fc.assert(
    fc.property(numerals, currencies, fc.integer({ min: -5, max: 1000 }), (text, currency, quantity) => {
      // With a space before it no text is as it is kept.
      expect(parseAmount(text, currency)).toBe(parseAmount(` ${text}`, currency));
      expect(lineTotal(text, 1, currency)).toBe(lineTotal(text, "1", currency));
      expect(parseQuantity(quantity)).toBe(parseQuantity(String(quantity)));
    }),
  );
});

test("what a float's arithmetic leaves of zero is zero", () => {
  expect(parseAmount(0.1 + 0.2 - 0.3, "USD")).toBe("0.00");
  expect(parseAmount(-1e-17, "JPY")).toBe("0");
  expect(parseAmount(0.005, "USD")).toBe("0.01");
});

test("sums and line totals are decimal", () => {
  expect(lineTotal("0.1", 3, "USD")).toBe("0.30");
  expect(lineTotal("12.34", "10", "USD")).toBe("123.40");
  expect(lineTotal("8.00", null, "USD")).toBeNull();
  expect(sumAmounts(["0.10", null, "0.20"], "USD")).toBe("0.30");
  expect(sumAmounts([null], "USD")).toBeNull();
});

test("quantities look as people write them", () => {
  expect([parseQuantity(2), parseQuantity("2.000"), parseQuantity("0.5"), parseQuantity("two")]).toEqual([
    "2",
    "2",
    "0.5",
    null,
  ]);
});
