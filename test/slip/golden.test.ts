import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { goldenFiles } from "../golden/slips.ts";

/** The golden files were approved by eye; `npm run golden:update` writes them anew. */
const ROOT = join(import.meta.dirname, "../..");

const files = goldenFiles();

describe("golden slips", () => {
  test.each([...files.keys()])("%s is as it was approved", (path) => {
    expect(files.get(path)).toBe(readFileSync(join(ROOT, path), "utf8"));
  });

  test.each(["test/golden/slips", "docs/slips"])("%s holds no forgotten slip", (folder) => {
    const there = readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`);
    expect(there.filter((path) => !path.endsWith(".md") && !files.has(path))).toEqual([]);
  });

  test("an ordinary order stays near 1 KB, a chunk of the older transports", () => {
    const text = readFileSync(join(ROOT, "test/golden/slips/noodles.32.txt"));
    expect(text.length).toBeLessThan(1024);
  });
});
