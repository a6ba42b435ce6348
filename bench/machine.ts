import { closeSync, fdatasyncSync, openSync, readFileSync, statfsSync, writeSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { monotonicMs } from "./clock.ts";
import { median } from "./stats.ts";
import { postgresVersion } from "./subjects/postgres.ts";

/** `f_type` of statfs(2). */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: "ext4",
  0x58465342: "xfs",
  0x9123683e: "btrfs",
  0x2fc12fc1: "zfs",
  0x794c7630: "overlay",
  0x01021994: "tmpfs",
};
const FLUSHES = 100;
const PAGE_BYTES = 4096;

/** What a figure is worth nothing without. @param folder where the ledgers are */
export function machineLines(folder: string): string[] {
  const cores = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return [
    `date: ${new Date().toISOString()}`,
    `machine: ${cores.length} cores of ${cores[0]?.model.trim() ?? "an unknown processor"}, ${gigabytes} GB, Linux ${release()}`,
    `disk: ${fileSystemOf(folder)}, a 4 KB write and its flush take ${flushMs(folder).toFixed(2)} ms (median)`,
    `versions: node ${process.version}, better-sqlite3 ${versionOf("better-sqlite3")}, bullmq ${versionOf("bullmq")}, ` +
      `pg ${versionOf("pg")}, pg-boss ${versionOf("pg-boss")}, PostgreSQL ${postgresVersion() ?? "none"}`,
  ];
}

export function refuseMemoryDisk(folder: string): void {
  if (fileSystemOf(folder) === "tmpfs") {
    throw new Error(`${folder} is in memory, so flushes cost nothing: set TMPDIR to a folder on a disk`);
  }
}

function fileSystemOf(folder: string): string {
  const { type } = statfsSync(folder);
  return FILE_SYSTEMS[type] ?? `file system 0x${type.toString(16)}`;
}

function flushMs(folder: string): number {
  const file = openSync(join(folder, "flushes"), "w");
  const took = Array.from({ length: FLUSHES }, () => {
    const startedAt = monotonicMs();
    writeSync(file, Buffer.alloc(PAGE_BYTES));
    fdatasyncSync(file);
    return monotonicMs() - startedAt;
  });
  closeSync(file);
  return median(took);
}

function versionOf(name: string): string {
  const packageUrl = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(packageUrl, "utf8")) as { version: string }).version;
}
