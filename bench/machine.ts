import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

/** What a figure is worth nothing without. */
export function machineLines(): string[] {
  const cores = cpus();
  const packageUrl = new URL("../node_modules/better-sqlite3/package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(packageUrl, "utf8")) as { version: string };
  return [
    `date: ${new Date().toISOString()}`,
    `machine: ${cores.length} × ${cores[0]?.model.trim() ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}`,
    `versions: node ${process.version}, better-sqlite3 ${version}`,
  ];
}
