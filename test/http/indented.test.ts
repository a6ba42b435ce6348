import { expect, test } from "vitest";
import { indented } from "../../src/http/dashboard/indented.ts";

const SAMPLE = {
  order: { id: 7, name: "#1001", items: [{ title: 'Noodles "hot", {spicy}: [1]', count: 2 }, {}, []] },
  ...{ note: null, ok: true, path: "C:\\", empty: "", deep: [[1, -2.5e-3], ["取消"]] },
};

test("JSON has its lines broken, however it came", () => {
  for (const written of [
    JSON.stringify(SAMPLE),
    JSON.stringify(SAMPLE, null, 4),
    ` ${JSON.stringify(SAMPLE)}\n`,
  ])
    expect(indented(written)).toBe(JSON.stringify(SAMPLE, null, 2));
  for (const short of ["{}", "[]", "7", '"text"', "null"]) expect(indented(short)).toBe(short);
});

test("bug: what was shown as the store's had other numbers and fewer names than the store had sent", () => {
  const body = '{"total":19.90,"id":12345678901234567890,"far":1e400,"2":"b","1":"a","1":"c"}';
  expect(indented(body).split("\n")).toEqual([
    ...["{", '  "total": 19.90,', '  "id": 12345678901234567890,', '  "far": 1e400,'],
    ...['  "2": "b",', '  "1": "a",', '  "1": "c"', "}"],
  ]);
});

test("escapes are read, and what would end a line is none", () => {
  expect(indented('["\\u53d6\\u6d88","a\\nb"]')).toBe('[\n  "取消",\n  "a\\nb"\n]');
});

test("what is no JSON, or nests too deep, is shown as it is", () => {
  for (const text of ["", "a=1&b=2", '{"a":1', `${"[".repeat(100)}${"]".repeat(100)}`]) {
    expect(indented(text)).toBe(text);
  }
});

test("long text is cut, soon", () => {
  const shown = indented(JSON.stringify(Array.from({ length: 300_000 }, (_, n) => n)));
  expect(shown).toMatch(/^\[\n {2}0,\n {2}1,\n/);
  expect(shown).toMatch(/\n… \(cut here; the API has all of it\)$/);
  expect(shown.length).toBeLessThan(66_000);
});
