import { mkdirSync, writeFileSync } from "node:fs";
import { openBench } from "./bench.ts";
import type { Figure, Sample } from "./figure.ts";
import { FIGURES } from "./figures/index.ts";
import { machineLines } from "./machine.ts";
import { readOptions } from "./options.ts";
import { layOutTable, tableRow } from "./table.ts";

// `npm run bench`: measures every figure, round by round, and writes the table into bench/results/.

const RESULTS = new URL("./results/", import.meta.url);

// So that "exit" comes, at which all that was started and made is taken away.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

const args = process.argv.slice(2);
const { extent, only, name } = readOptions(args);
const figures = chosen(only);
const samples = new Map<Figure, Sample[]>(figures.map((figure) => [figure, []]));
const bench = await openBench(extent);
const machine = machineLines(bench.folder);
for (let round = 1; round <= extent.rounds; round++) {
  for (const figure of figures) {
    say(`round ${round} of ${extent.rounds}: ${figure.name}`);
    const sample = await figure.measure(bench);
    await bench.tidy();
    samples.get(figure)?.push(sample);
    say(`  ${JSON.stringify(sample)}`);
  }
}

const rows = figures.flatMap((figure) =>
  figure.rows(extent).map((row) => tableRow(row, samples.get(figure) ?? [])),
);
const { rounds, seconds, orders, rows: settled } = extent;
const text = [
  ["npm run bench", ...(args.length === 0 ? [] : ["--", ...args])].join(" "),
  ...machine,
  `extent: medians of ${rounds} rounds, ${seconds} s each, backlog ${orders}, filled ledger ${settled}`,
  "",
  layOutTable(rows),
  "",
].join("\n");
mkdirSync(RESULTS, { recursive: true });
writeFileSync(new URL(`${name}.txt`, RESULTS), text);
say(`\n${text}`);
process.exit(0);

function chosen(names: string[]): readonly Figure[] {
  const unknown = names.filter((name) => !FIGURES.some((figure) => figure.name === name));
  if (unknown.length > 0) {
    const known = FIGURES.map((figure) => figure.name).join(",");
    throw new Error(`--only ${unknown.join(",")}: no such figure; there are ${known}`);
  }
  return names.length === 0 ? FIGURES : FIGURES.filter((figure) => names.includes(figure.name));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
