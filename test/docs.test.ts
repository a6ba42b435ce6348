import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

// What the documents claim of the project is there: files, links, commands, and every number of the standard.

const PAGES = [
  ...["README.md", "SECURITY.md", "CHANGELOG.md", "src/README.md", "bench/README.md"],
  ...readdirSync("docs", { recursive: true, encoding: "utf8" }).flatMap((name) =>
    name.endsWith(".md") ? [`docs/${name}`] : [],
  ),
];

const textOf = (page: string): string => readFileSync(page, "utf8");

test("bug: no page of docs is left out, in whichever folder it lies", () => {
  expect(PAGES).toEqual(expect.arrayContaining(["docs/observability/README.md", "docs/slips/README.md"]));
});

describe.each(PAGES)("%s", (page) => {
  const text = textOf(page);

  test("links and pictures lead somewhere", () => {
    const links = [
      ...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]+)(?:#[^)\s]*)?\)/g),
      ...text.matchAll(/<img src="(?!https?:|data:)([^"]+)"/g),
    ];
    const gone = links
      .map(([, to = ""]) => normalize(join(dirname(page), to)))
      .filter((to) => !existsSync(to));
    expect(gone).toEqual([]);
  });

  test("tests that are named exist", () => {
    const named = [...text.matchAll(/\btest\/[\w./-]*\w\.test\.ts/g)].map(([path]) => path);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  test("scripts that are named exist", () => {
    const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/\bnpm run (?:-s )?([a-z][\w:]*)/g)].map(([, script = ""]) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

/** Levels 1 and 2 of ASVS 5.0.0 by section, up to which number; the further ones of a section are level 3. */
const ASVS: Record<string, number> = {
  ...{ "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2 },
  ...{ "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1 },
  ...{ "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2 },
  ...{ "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4 },
  ...{ "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3 },
  ...{ "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4 },
  ...{ "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2 },
  ...{ "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1 },
  ...{ "9.1": 3, "9.2": 4 },
  ...{ "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1 },
  ...{ "12.1": 3, "12.2": 2, "12.3": 4 },
  ...{ "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5 },
  ...{ "14.1": 2, "14.2": 4, "14.3": 3 },
  ...{ "15.1": 3, "15.2": 3, "15.3": 7 },
  ...{ "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3 },
};

/** Numbers of a table's first cell or of a list: `1.4.1–1.4.3` stands for what lies between, too. */
function numbersIn(text: string): string[] {
  return [...text.matchAll(/(\d+\.\d+)\.(\d+)(?:–\d+\.\d+\.(\d+))?/g)].flatMap(([, section, from, to]) => {
    const [first, last] = [Number(from), Number(to ?? from)];
    return Array.from({ length: last - first + 1 }, (_, step) => `${section}.${first + step}`);
  });
}

test("docs/asvs.md has every requirement of levels 1 and 2 once, but for the chapters that have no object", () => {
  const lines = textOf("docs/asvs.md").split("\n");
  const without = lines.slice(lines.findIndex((line) => line.startsWith("## What has no object here")));
  const told = [
    ...lines.flatMap((line) => numbersIn(/^\| (\d[^|]*)\|/.exec(line)?.[1] ?? "")),
    ...without.flatMap(numbersIn),
  ];
  const wanted = Object.entries(ASVS).flatMap(([section, last]) =>
    Array.from({ length: last }, (_, step) => `${section}.${step + 1}`),
  );
  expect(wanted).toHaveLength(217);
  expect(told.toSorted()).toEqual(wanted.toSorted());
});
