import { existsSync } from "node:fs";
import { join } from "node:path";
import { lockedPackages, manifestAt, ROOT } from "./lock.ts";

/** One package that runs in production. */
export interface Licensed {
  name: string;
  version: string;
  /** SPDX, as the package itself says where it is installed, else as the lockfile says. */
  licence: string;
}

/** What `npm ci --omit=dev` installs, by name and version, each once. */
export function productionLicences(): Licensed[] {
  const rows = lockedPackages()
    .filter(({ dev }) => dev !== true)
    .map(({ name, version, path, license }) => {
      const own = existsSync(join(ROOT, path, "package.json")) ? manifestAt(path).license : undefined;
      return { name, version, licence: own ?? license ?? "none named" };
    });
  return [...new Map(rows.map((row) => [`${row.name} ${row.version}`, row])).values()].sort((a, b) =>
    `${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1,
  );
}

/** The text of docs/licences.md. */
export function licencesPage(rows: readonly Licensed[]): string {
  const counts = new Map<string, number>();
  for (const { licence } of rows) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  const totals = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([licence, count]) => `${licence} ${count}`);
  return [
    "# Licences",
    "",
    "Every package that runs in production, with its licence as it names it itself. Written by `npm run licences`; a test",
    "compares this page with package-lock.json and fails on a licence that is not on its list (test/supply/licences.test.ts).",
    "",
    `${rows.length} packages: ${totals.join(", ")}.`,
    "",
    "| package | version | licence |",
    "|---|---|---|",
    ...rows.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`),
    "",
  ].join("\n");
}
