import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBuyerMatcher } from "../../src/core/buyer-match.ts";

const NOBODY = { store: null, everything: false, orders: [], email: null, customer_id: null };
const isIn = (phone: string, body: unknown): boolean =>
  createBuyerMatcher({ ...NOBODY, phone }).isIn(JSON.stringify(body));

describe("regression: a phone was not found", () => {
  test.each([
    "0987600456/0911222333",
    "0911222333/0987600456",
    "0987600456x12",
    "0987600456ext12",
    "٠٩٨٧٦٠٠٤٥٦",
  ])("in a phone field with %j", (phone) => {
    expect(isIn("0987600456", { phone })).toBe(true);
    expect(isIn("+886 987-600-456", { phone })).toBe(true);
    expect(isIn("0987600457", { phone })).toBe(false);
  });

  test.each([
    "王小明，0987600456",
    "Wang,0987600456",
    "tel0987600456",
    "Amy0987600456",
    "#0987600456",
    "LINE #0987600456",
    "https://wa.me/886987600456",
    "+886 987600456",
    "0987·600·456",
    "0987_600_456",
    "0987\u2013600\u2013456",
    "0987\u200b600\u200b456",
    "\u2066+886 987 600 456\u2069",
    "11/30 0987600456",
    "2026-11-30 0987-600-456",
    "0987600456 2026-11-29 18:30",
    "deliver 12.11.2026 0987600456",
    "0987600456/0911222333",
    "0911222333-0987600456",
    "0987600456x12",
    "0987600456 #12",
    "٠٩٨٧٦٠٠٤٥٦",
    "०९८७६००४५६",
    "0987-60-0456",
  ])("in the note %j", (note) => {
    expect(isIn("0987600456", { note })).toBe(true);
    expect(isIn("0987600457", { note })).toBe(false);
  });
});

describe("regression: somebody else's number was taken for a phone", () => {
  test.each([
    { note: "0.987600456" },
    { note: "at 25.033964, 121.987600456" },
    { note: "paid 987600456.50" },
    { note: "0933-7600456" },
    { note: "order #0987600456" },
    { note: "order 886987600456" },
    { note: "訂單 #0987600456" },
    { name: "#0987600456" },
    { order_name: "0987600456" },
  ])("%j", (body) => expect(isIn("0987600456", body)).toBe(false));
});

const end = fc.stringMatching(/^[1-9]\d{8}$/);
const between = fc.constantFrom("", " ", "-", " - ", ".", "/", "_", "·", "・", "\u2013", "\u00a0", "\u200b");
const groups = fc.constantFrom([3, 3, 3], [2, 3, 4], [9], [1, 4, 4], [3, 2, 4]);
const words = fc.constantFrom(
  "",
  "Wang, ",
  "王小明，",
  "tel",
  "Amy",
  "☎ ",
  "للاتصال ",
  "#",
  "(",
  "11/30 ",
  "2026-11-30 ",
);
const behind = fc.constantFrom(
  "",
  ", thanks",
  "謝謝",
  "x12",
  " ext 3",
  "。",
  ")",
  " 2026-11-30 18:30",
  "/0911222333",
  " 0911222333",
);
const zero = fc.constantFrom("0", "٠", "०", "０", "๐");
const inScript = (text: string, of: string): string =>
  text.replace(/\d/g, (digit) => String.fromCodePoint((of.codePointAt(0) ?? 0) + Number(digit)));

function writtenAs(number: string, code: string, sizes: readonly number[], sign: string): string {
  let at = 0;
  const parts = sizes.map((size) => number.slice(at, (at += size)));
  const isGlued = code === "0" || code === "00886";
  return isGlued ? code + parts.join(sign) : [code, ...parts].filter((part) => part !== "").join(sign);
}

const written = fc.record({
  ...{ number: end, sizes: groups, sign: between, before: words, after: behind, zero },
  asked: fc.constantFrom("0", "+886", "00886"),
  code: fc.constantFrom("0", "+886", "00886", "886", ""),
});

test("a phone is found in a field and in a note however it is written, whatever stands beside it", () => {
  const property = fc.property(written, ({ number, sizes, sign, before, after, zero: of, asked, code }) => {
    const phone = inScript(writtenAs(number, code, sizes, sign), of);
    expect(isIn(asked + number, { customer: { phone: phone + after } }), phone + after).toBe(true);
    const note = before + phone + after;
    expect(isIn(asked + number, { note }), note).toBe(true);
  });
  fc.assert(property, { numRuns: 3000 });
});

test("one that ends differently is not", () => {
  const property = fc.property(
    written,
    fc.integer({ min: 1, max: 9 }),
    ({ number, sizes, sign, before, after, zero: of, asked, code }, more) => {
      const other = number.slice(0, -1) + String((Number(number.at(-1)) + more) % 10);
      fc.pre(!"0911222333".endsWith(other));
      const text = inScript(writtenAs(number, code, sizes, sign), of) + after;
      expect(isIn(asked + other, { phone: text }), text).toBe(false);
      expect(isIn(asked + other, { note: before + text }), before + text).toBe(false);
    },
  );
  fc.assert(property, { numRuns: 3000 });
});

test("regression: a text of a megabyte that was made of the phone's end stopped the ledger: past a hundred it goes", () => {
  const like = (times: number): unknown => ({ note: "9 1 2 3 4 5 6; ".repeat(times) });
  expect(isIn("555555555123456", like(100))).toBe(false);
  expect(isIn("555555555123456", like(101))).toBe(true);
  expect(isIn("555555555123456", like(70_000))).toBe(true);
  expect(isIn("555555555654321", like(70_000))).toBe(false);
});
