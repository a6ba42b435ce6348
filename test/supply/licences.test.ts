import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { licencesPage, productionLicences } from "./licences.ts";
import { lockedPackages, ROOT } from "./lock.ts";

/** SPDX names of licences that ask for no more than their text to be passed on. Another one is a person's decision. */
const ALLOWED = [
  ...[
    "MIT",
    "MIT-0",
    "ISC",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "Apache-2.0",
    "0BSD",
    "BlueOak-1.0.0",
    "Unlicense",
  ],
  ...["CC0-1.0", "Python-2.0"],
];

test("every package that runs in production has a licence on the list", () => {
  const others = productionLicences().filter(({ licence }) => !ALLOWED.includes(licence));
  expect(others).toEqual([]);
});

test("docs/licences.md is of this lockfile; else: npm run licences", () => {
  expect(readFileSync(join(ROOT, "docs/licences.md"), "utf8")).toBe(licencesPage(productionLicences()));
});

test("a package says of itself what the lockfile says of it", () => {
  const said = new Map(
    productionLicences().map(({ name, version, licence }) => [`${name} ${version}`, licence]),
  );
  for (const { name, version, license, dev } of lockedPackages()) {
    if (dev !== true) expect(said.get(`${name} ${version}`), name).toBe(license);
  }
});

test("the page tells each package, each once, and how many of each licence", () => {
  const page = licencesPage([
    { name: "a", version: "1.0.0", licence: "MIT" },
    { name: "b", version: "2.1.0", licence: "ISC" },
    { name: "c", version: "0.1.0", licence: "MIT" },
  ]);
  expect(page).toContain("3 packages: ISC 1, MIT 2.");
  expect(page.match(/^\| [abc] .*$/gm)).toEqual([
    "| a | 1.0.0 | MIT |",
    "| b | 2.1.0 | ISC |",
    "| c | 0.1.0 | MIT |",
  ]);
});
