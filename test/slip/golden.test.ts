import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { framed, ruler } from "../golden/frame.ts";
import { filesThere, goldenFiles } from "../golden/slips.ts";
import { slipText } from "../../src/slip/slip.ts";
import { MARKS, noodles } from "../golden/tickets.ts";

/** The golden files were approved by eye; `npm run golden:update` writes them anew. */
const ROOT = join(import.meta.dirname, "../..");

const files = goldenFiles();

describe("golden slips", () => {
  test.each([...files.keys()])("%s is as it was approved", (path) => {
    const file = join(ROOT, path);
    expect(files.get(path)).toBe(existsSync(file) ? readFileSync(file, "utf8") : "no such file");
  });

  test("none is forgotten in the folders", () => {
    expect(filesThere().filter((path) => !files.has(path))).toEqual([]);
  });

  test("an ordinary order stays near 1 KB, a chunk of the older transports", () => {
    const style = { language: "en", columns: 32, time_zone: "Asia/Taipei", customer: "full" } as const;
    expect(Buffer.byteLength(slipText(noodles, MARKS, style))).toBeLessThan(1200);
  });
});

describe("the frame of a golden slip", () => {
  test("a ruler counts the columns", () => {
    expect(ruler(30)).toBe("----5---10---15---20---25---30|");
    expect(ruler(32)).toBe("----5---10---15---20---25---30--|");
  });

  test("lines end where the paper does: wide letters are two columns, marks none; what is wider sticks out", () => {
    expect(framed("ab\n牛肉\ne\u0301e\n12345678901\n", 10).split("\n").slice(1)).toEqual([
      "ab        |",
      "牛肉      |",
      "e\u0301e        |",
      "12345678901|",
      "",
    ]);
  });

  test("a last line without an end is not closed", () => {
    expect(framed("ab\ncd", 5)).toBe("----5|\nab   |\ncd");
  });
});
