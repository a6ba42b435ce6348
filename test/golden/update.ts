import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { filesThere, goldenFiles } from "./slips.ts";

/**
 * `npm run golden:update`: writes the golden files that differ from what the code makes now, removes those that it
 * makes no more, and shows each difference. Look at all of them before you commit; pictures, with your eyes.
 */
const ROOT = join(import.meta.dirname, "../..");
/** Lines of one file's difference that are shown; a change of layout touches every file alike. */
const SHOWN_MAX = 40;

const files = goldenFiles();
const counts = { written: 0, unchanged: 0, removed: 0 };

for (const [path, now] of files) {
  const file = join(ROOT, path);
  if (existsSync(file) && readFileSync(file, "utf8") === now) {
    counts.unchanged++;
    continue;
  }
  say(existsSync(file) ? `${path}\n${difference(file, now)}` : `${path}: new`);
  writeFileSync(file, now);
  counts.written++;
}
for (const path of filesThere().filter((there) => !files.has(there))) {
  say(`${path}: removed`);
  rmSync(join(ROOT, path));
  counts.removed++;
}
say(`${counts.written} written, ${counts.unchanged} unchanged, ${counts.removed} removed`);

/** The changed lines, under the new ruler where the file has one. */
function difference(file: string, now: string): string {
  if (file.endsWith(".svg")) return "  another picture: look at it";
  const ruler = /^-.*\|$/m.exec(now)?.[0] ?? "";
  const { stdout } = spawnSync("git", ["diff", "--no-index", "--no-ext-diff", "--no-color", "-U0", "--", file, "-"], {
    input: now,
    encoding: "utf8",
  });
  const hunks = stdout.slice(stdout.indexOf("\n@@")).trim().split("\n");
  const lines = hunks.map((line) => (line.startsWith("@@") ? ` ${ruler}` : line));
  const more = lines.length - SHOWN_MAX;
  return [...lines.slice(0, SHOWN_MAX), ...(more > 0 ? [`  … and ${more} lines more`] : [])].join("\n");
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
