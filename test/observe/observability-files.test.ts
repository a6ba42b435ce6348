import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ATTEMPTED, CONFIRMED, RECEIVED, watched } from "./watched.ts";

const FOLDER = fileURLToPath(new URL("../../docs/observability/", import.meta.url));
const read = (name: string): string => readFileSync(`${FOLDER}${name}`, "utf8");

const RULES = (
  parse(read("alerts.yaml")) as { groups: { rules: { alert: string; expr: string }[] }[] }
).groups.flatMap(({ rules }) => rules);
interface Panel {
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string }[];
}
const { panels } = JSON.parse(read("grafana-dashboard.json")) as { panels: Panel[] };
const EXPRESSIONS = [
  ...RULES.map(({ alert, expr }) => ({ where: alert, expr })),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ where: title, expr }))),
];
/** What Prometheus itself adds to every series. */
const OF_PROMETHEUS = ["instance", "job"];

/** Label names by name of a series, as `/metrics` has them, and their values where the list is closed. */
const series = new Map<string, Map<string, Set<string>>>();
let scraped = "";

beforeAll(async () => {
  // Also what only a relay on PostgreSQL has.
  const { observer } = watched({ machineOffsetMs: () => 0 });
  observer.watch();
  for (const event of [RECEIVED, ATTEMPTED, CONFIRMED]) observer.emit(event);
  const { text } = await observer.scrape();
  await observer.close();
  scraped = text;
  for (const line of text.split("\n")) {
    const [, name, labels = ""] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const known = series.get(name) ?? new Map<string, Set<string>>();
    series.set(name, known);
    for (const [, label = "", value = ""] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
      known.set(label, (known.get(label) ?? new Set()).add(value));
    }
  }
});

/** The series that an expression names, with its label matchers. */
function selectorsOf(expr: string): { name: string; matchers: string }[] {
  return [...expr.matchAll(/\b((?:relay|process|nodejs)_\w+|up)\b(?:\{([^}]*)\})?/g)].map(
    ([, name = "", matchers = ""]) => ({ name, matchers }),
  );
}

test("every expression names a series", () => {
  expect(RULES.length).toBeGreaterThan(10);
  expect(panels.length).toBeGreaterThan(10);
  expect(EXPRESSIONS.filter(({ expr }) => selectorsOf(expr).length === 0)).toEqual([]);
});

describe.each(EXPRESSIONS)("$where: $expr", ({ expr }) => {
  test("names only what /metrics has, by labels and values that it has", () => {
    for (const { name, matchers } of selectorsOf(expr)) {
      if (name === "up") continue;
      const labels = series.get(name);
      expect(labels, name).toBeDefined();
      for (const [, label = "", operator = "", wanted = ""] of matchers.matchAll(
        /(\w+)(=~|!~|!=|=)"([^"]*)"/g,
      )) {
        if (OF_PROMETHEUS.includes(label)) continue;
        expect([...(labels?.keys() ?? [])], name).toContain(label);
        const values = operator.endsWith("~") ? wanted.split("|") : [wanted];
        for (const value of values)
          expect([...(labels?.get(label) ?? [])], `${name} ${label}`).toContain(value);
      }
    }
  });

  test("groups and legends go by labels that its series have", () => {
    const known = selectorsOf(expr).flatMap(({ name }) => [...(series.get(name)?.keys() ?? [])]);
    const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/));
    expect(grouped.filter((label) => ![...known, ...OF_PROMETHEUS].includes(label))).toEqual([]);
  });
});

test("the panels of the dashboard stand beside each other, none over another", () => {
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
});

test("the table in the README names every series, and no other", () => {
  const named = [...read("README.md").matchAll(/`((?:relay|process|nodejs)_\w+)`/g)].map(
    ([, name = ""]) => name,
  );
  const families = [...series.keys()].map((name) => name.replace(/_(bucket|sum|count)$/, ""));
  expect([...new Set(named)].sort()).toEqual([...new Set(families)].sort());
});

const PROMTOOL = spawnSync("promtool", ["--version"]).error === undefined;
// Not needed with CI=true either: what the rules name is held to /metrics above.
if (!PROMTOOL)
  process.stderr.write(
    "promtool was not found (apt-get install prometheus): its tests of the rules are skipped\n",
  );

describe.skipIf(!PROMTOOL)("by promtool", () => {
  test.each([
    ["the rules are sound", ["check", "rules", "alerts.yaml"]],
    ["each is raised by what it is for", ["test", "rules", "alerts.test.yaml"]],
  ])("%s", (_what, args) => {
    const { status, stdout, stderr } = spawnSync("promtool", args, { cwd: FOLDER, encoding: "utf8" });
    expect({ status, said: `${stdout}${stderr}` }).toMatchObject({
      status: 0,
      said: expect.stringContaining("SUCCESS") as string,
    });
  });

  test("bug: a gauge had quantiles: what /metrics says has nothing that promtool would have otherwise", () => {
    const { status, stderr } = spawnSync("promtool", ["check", "metrics"], {
      input: scraped,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("every rule has its test", () => {
    const tests = read("alerts.test.yaml");
    expect(RULES.filter(({ alert }) => !tests.includes(alert))).toEqual([]);
  });
});
