import { expect, test } from "vitest";
import { currency, httpUrl, integer, language, moment, oneOf, timeZone } from "../../src/cli/options.ts";
import { fakeCli } from "./fake-cli.ts";

const { cli } = fakeCli(); // the clock stands at 2026-11-03T12:00:00Z

test("a time is RFC 3339 or an age", () => {
  const read = moment(cli.clock);
  expect(read("2026-11-03T09:30Z")).toBe(Date.UTC(2026, 10, 3, 9, 30));
  expect(read("2026-11-01")).toBe(Date.UTC(2026, 10, 1));
  expect(read("90s")).toBe(Date.UTC(2026, 10, 3, 11, 58, 30));
  expect(read("30m")).toBe(Date.UTC(2026, 10, 3, 11, 30));
  expect(read("2h")).toBe(Date.UTC(2026, 10, 3, 10));
  expect(read("3d")).toBe(Date.UTC(2026, 9, 31, 12));
  for (const wrong of ["yesterday", "2", "2w", "-1h", "", "1.5h"]) {
    expect(() => read(wrong)).toThrow("Give a time such as 2026-11-03T12:00Z, or an age such as 2h.");
  }
});

test("a number is whole and in range", () => {
  const read = integer(1, 200);
  expect([read("1"), read("200")]).toEqual([1, 200]);
  for (const wrong of ["0", "201", "1e2", "0x10", "5 ", "", "NaN", "99999999999"]) {
    expect(() => read(wrong)).toThrow("Give a whole number from 1 to 200.");
  }
});

test("choices, zones, languages, currencies, addresses", () => {
  expect(oneOf(["a", "b"])("b")).toBe("b");
  expect(() => oneOf(["a", "b"])("constructor")).toThrow("Give one of a, b.");
  expect(timeZone("Asia/Taipei")).toBe("Asia/Taipei");
  expect(() => timeZone("Taipei")).toThrow("Give an IANA time zone such as Asia/Taipei.");
  expect(language("zh_TW")).toBe("zh-Hant");
  expect(() => language("nl")).toThrow("Give a language tag such as zh-TW, of one of en, zh-Hant, zh-Hans,");
  expect(currency("JPY")).toBe("JPY");
  expect(() => currency("usd")).toThrow("Give an ISO 4217 code such as USD.");
  expect(httpUrl("http://127.0.0.1:8080/")).toBe("http://127.0.0.1:8080");
  expect(() => httpUrl("ftp://host")).toThrow("Give an address such as http://127.0.0.1:8080.");
});
