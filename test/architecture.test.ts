import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

/**
 * The import table of src/README.md, held. A part is a folder of src/ or one of the files beside them; `relay`
 * is relay.ts with relay-deps.ts, acts.ts, set-up.ts, attempts.ts, intake.ts, once.ts, settings-now.ts and
 * the folder stores/; `app` is app.ts with kit.ts. "values" may also be imported as types.
 */
const TABLE: Record<string, { values: string[]; types: string[]; packages: string[] }> = {
  core: { values: [], types: [], packages: ["zod", "big.js"] },
  platforms: { values: ["core"], types: [], packages: ["undici", "p-retry", "zod"] },
  slip: { values: ["core"], types: [], packages: ["receiptline"] },
  goodcom: { values: ["core", "slip"], types: [], packages: ["undici", "zod"] },
  ledger: { values: ["core"], types: [], packages: ["better-sqlite3", "pg"] },
  answers: { values: ["core"], types: ["ledger"], packages: ["zod"] },
  relay: { values: ["core"], types: ["platforms", "ledger", "goodcom", "observe"], packages: [] },
  worker: { values: ["core"], types: ["relay", "ledger", "observe"], packages: [] },
  http: {
    values: ["core", "slip", "answers"],
    types: ["relay", "ledger", "observe", "platforms", "goodcom"],
    packages: ["express", "raw-body", "helmet", "zod"],
  },
  observe: {
    values: ["core"],
    types: ["ledger"],
    packages: [
      ...["pino", "prom-client", "p-retry", "undici"],
      ...["api", "exporter-trace-otlp-http", "resources", "sdk-trace"].map(
        (name) => `@opentelemetry/${name}`,
      ),
    ],
  },
  config: { values: ["core"], types: [], packages: ["zod"] },
  system: { values: ["core"], types: [], packages: [] },
  "process-name": { values: [], types: [], packages: [] },
  heap: { values: ["system"], types: [], packages: [] },
  version: { values: [], types: [], packages: [] },
  cli: {
    values: ["core", "config", "version", "answers", "slip", "goodcom", "platforms"],
    types: ["app", "relay", "ledger"],
    packages: ["commander", "yaml", "zod"],
  },
  app: {
    values: [
      ...["core", "platforms", "slip", "goodcom", "ledger", "relay", "worker", "http", "observe"],
      ...["config", "system", "process-name", "version"],
    ],
    types: [],
    packages: ["ulid"],
  },
  "ledger-thread": { values: ["ledger", "system", "heap"], types: [], packages: [] },
  main: { values: ["cli", "app", "ledger", "system", "heap"], types: [], packages: [] },
};

/** The one home of each source of time, chance and environment. */
const HOMES: { pattern: RegExp; files: string[] }[] = [
  { pattern: /\bDate\.now\b|\bnew Date\(\)/, files: ["system.ts"] },
  { pattern: /\bMath\.random\b/, files: ["system.ts"] },
  { pattern: /\bset(Timeout|Interval)\(/, files: ["system.ts"] },
  { pattern: /\bprocess\.env\b/, files: ["main.ts"] },
];

const LINES_MAX = 300;
const SRC = resolve(import.meta.dirname, "../src");
const RELAY_FILES = [
  "relay",
  "relay-deps",
  "acts",
  "set-up",
  "attempts",
  "intake",
  "once",
  "settings-now",
  "stores",
];

interface Import {
  file: string;
  target: string;
  typeOnly: boolean;
}

const files = sourcesUnder(SRC);
const imports = files.flatMap(importsOf);

function sourcesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    const isImport = ts.isImportDeclaration(statement);
    if (!isImport && !ts.isExportDeclaration(statement)) return [];
    if (!statement.moduleSpecifier || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const named = isImport ? statement.importClause?.namedBindings : statement.exportClause;
    const allTypes =
      named !== undefined &&
      "elements" in named &&
      named.elements.every((one) => "isTypeOnly" in one && one.isTypeOnly);
    const hasDefault = isImport && statement.importClause?.name !== undefined;
    const clauseIsType = isImport
      ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      : statement.isTypeOnly;
    return [
      { file, target: statement.moduleSpecifier.text, typeOnly: clauseIsType || (allTypes && !hasDefault) },
    ];
  });
}

function partOf(file: string): string {
  const [first = ""] = relative(SRC, file).split(/[\\/]/);
  const name = first.replace(/\.ts$/, "");
  if (name === "kit") return "app";
  return RELAY_FILES.includes(name) ? "relay" : name;
}

function arrow({ file, target, typeOnly }: Import): string {
  return `${relative(SRC, file)} → ${target}${typeOnly ? " (types)" : ""}`;
}

describe("the import table", () => {
  test("every part of src/ stands in it", () => {
    expect([...new Set(files.map(partOf))].filter((part) => !(part in TABLE))).toEqual([]);
  });

  test("no other arrow between parts", () => {
    const wrong = imports.filter(({ file, target, typeOnly }) => {
      if (!target.startsWith(".")) return false;
      const [from, to] = [partOf(file), partOf(resolve(dirname(file), target))];
      const rule = TABLE[from];
      if (from === to || rule === undefined) return false;
      return !rule.values.includes(to) && !(typeOnly && rule.types.includes(to));
    });
    expect(wrong.map(arrow)).toEqual([]);
  });

  test("packages only where they belong", () => {
    const wrong = imports.filter(({ file, target, typeOnly }) => {
      if (target.startsWith(".") || target.startsWith("node:")) return false;
      const name = target
        .split("/")
        .slice(0, target.startsWith("@") ? 2 : 1)
        .join("/");
      return !typeOnly && !(TABLE[partOf(file)]?.packages ?? []).includes(name);
    });
    expect(wrong.map(arrow)).toEqual([]);
  });

  test("core is pure: it touches no file, no socket and no cryptography", () => {
    expect(
      imports.filter(({ file, target }) => partOf(file) === "core" && target.startsWith("node:")).map(arrow),
    ).toEqual([]);
  });

  test("no cycle between files, of types neither", () => {
    const edges = new Map<string, string[]>();
    for (const { file, target } of imports) {
      if (!target.startsWith(".")) continue;
      edges.set(file, [...(edges.get(file) ?? []), resolve(dirname(file), target)]);
    }
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: string[]): void => {
      if (path.includes(file))
        cycles.push([...path.slice(path.indexOf(file)), file].map((f) => relative(SRC, f)).join(" → "));
      if (done.has(file) || path.includes(file)) return;
      for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });
});

describe("the house", () => {
  test.each(HOMES)("$pattern only in $files", ({ pattern, files: homes }) => {
    const strangers = files.filter(
      (file) =>
        !homes.includes(relative(SRC, file)) && pattern.test(withoutComments(readFileSync(file, "utf8"))),
    );
    expect(strangers.map((file) => relative(SRC, file))).toEqual([]);
  });

  test(`no file over ${String(LINES_MAX)} lines`, () => {
    const all = [...files, ...sourcesUnder(resolve(SRC, "../test"))];
    const long = all.filter((file) => readFileSync(file, "utf8").split("\n").length - 1 > LINES_MAX);
    expect(long.map((file) => relative(SRC, file))).toEqual([]);
  });

  test("the map in src/README.md names every part and every file beside the folders", () => {
    const map = readFileSync(join(SRC, "README.md"), "utf8");
    const names = readdirSync(SRC, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || (entry.name.endsWith(".ts") && entry.name !== "README.md"))
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
    expect(names.filter((name) => !map.includes(name))).toEqual([]);
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "");
}
