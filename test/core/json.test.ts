import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { isObject, JSON_DEPTH_MAX, parseJson } from "../../src/core/json.ts";

test("ids longer than 2^53 keep every digit, quoted or not", () => {
  expect(parseJson('{"id":21056577640603870897253153,"n":[-9007199254740993],"ok":42}')).toEqual({
    id: "21056577640603870897253153",
    n: ["-9007199254740993"],
    ok: 42,
  });
  expect(parseJson('{"pay_amount":8.0,"long":14.4000000000000001}')).toEqual({
    pay_amount: 8,
    long: 14.4,
  });
});

test("a long number inside a string stays a string", () => {
  expect(parseJson('{"note":"call [12345678901234567890"}')).toEqual({ note: "call [12345678901234567890" });
});

test("of duplicate keys the last counts, and __proto__ is a plain key", () => {
  expect(parseJson('{"id":"1","id":"2"}')).toEqual({ id: "2" });
  const value = parseJson('{"__proto__":{"polluted":true},"id":"1"}') as Record<string, unknown>;
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(value.polluted).toBeUndefined();
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("nesting is bounded, brackets inside strings do not count", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
  expect(() => parseJson(nested(JSON_DEPTH_MAX))).not.toThrow();
  expect(() => parseJson(nested(JSON_DEPTH_MAX + 1))).toThrow(RangeError);
  expect(() => parseJson("[".repeat(1_000_000))).toThrow(RangeError);
  expect(parseJson(JSON.stringify({ note: `"\\${"[".repeat(100)}` }))).toEqual({
    note: `"\\${"[".repeat(100)}`,
  });
});

test("what JSON.parse reads without loss is read the same", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      fc.pre(!/\d{16}/.test(text));
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test("an object is told from a list, null and text", () => {
  expect([isObject({}), isObject([]), isObject(null), isObject("x")]).toEqual([true, false, false, false]);
});

/** What a number is written with, and what may stand around it. */
const json = fc
  .array(
    fc.constantFrom(
      "1",
      "9007199254740993",
      "-",
      "0",
      ".",
      "e",
      "+",
      "[",
      "]",
      "{",
      "}",
      ",",
      ":",
      '"',
      "\\",
      " ",
      "a",
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

test("regression: quotes around long integers made good what is no JSON, or changed other values", () => {
  const reviver = (_key: string, value: unknown, { source }: { source?: string }): unknown =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? "")
      ? source
      : value;
  fc.assert(
    fc.property(
      fc.oneof(
        json,
        json.map((text) => `{"a":[${text}]}`),
      ),
      (text) => {
        let expected: unknown;
        try {
          // TypeScript does not know the third argument yet (ES2025).
          expected = JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
        } catch {
          expect(() => parseJson(text)).toThrow(SyntaxError);
          return;
        }
        expect(parseJson(text)).toEqual(expected);
      },
    ),
    { numRuns: 3000 },
  );
  for (const text of [
    "{9007199254740993:1}",
    "[09007199254740993]",
    "[9007199254740993-]",
    "[--9007199254740993]",
  ]) {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  }
});

test("no value is visited one by one for a long number among them", () => {
  const zeros = JSON.stringify(new Array(1000).fill(0));
  const parse = vi.spyOn(JSON, "parse");
  try {
    expect(parseJson(`{"id":9007199254740993,"zeros":${zeros}}`)).toMatchObject({ id: "9007199254740993" });
    expect(parse.mock.calls.map((args) => args.length)).toEqual([1]);
  } finally {
    parse.mockRestore();
  }
});
