import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../supply/lock.ts";

/** One instruction of a Dockerfile. */
export interface Step {
  /** `RUN`, `COPY` … */
  word: string;
  /** What starts with `--` in front: `{ from: "build" }`. */
  flags: Record<string, string>;
  /** The rest, in one line. */
  rest: string;
}

export interface Stage {
  /** The image it begins with. */
  base: string;
  name: string | null;
  steps: Step[];
}

export function dockerfile(): Stage[] {
  return stagesOf(readFileSync(join(ROOT, "Dockerfile"), "utf8"));
}

/** Enough of the format for ours: comments in lines of their own, lines joined by `\`, no heredocs. */
export function stagesOf(text: string): Stage[] {
  const lines = text
    .replace(/^#.*\n/gm, "")
    .replaceAll("\\\n", " ")
    .split("\n");
  const stages: Stage[] = [];
  for (const line of lines) {
    const [, word, flagged = ""] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (word === undefined) {
      if (line.trim() !== "") throw new Error(`not understood in the Dockerfile: ${line}`);
      continue;
    }
    const step = { word, ...flagsOf(flagged) };
    if (word === "FROM") {
      const [base = "", , name = null] = step.rest.split(/\s+/);
      stages.push({ base, name, steps: [] });
    } else stages.at(-1)?.steps.push(step);
  }
  return stages;
}

function flagsOf(text: string): Pick<Step, "flags" | "rest"> {
  const flags: Record<string, string> = {};
  let rest = text;
  for (let found; (found = /^--([a-z-]+)=(\S+)\s+/.exec(rest)) !== null; rest = rest.slice(found[0].length)) {
    flags[found[1] ?? ""] = found[2] ?? "";
  }
  return { flags, rest: rest.trim() };
}

/** What `ENV` sets in a stage. */
export function environmentOf({ steps }: Stage): Record<string, string> {
  const pairs = steps
    .filter(({ word }) => word === "ENV")
    .flatMap(({ rest }) => [...rest.matchAll(/(\w+)=(?:"([^"]*)"|(\S*))/g)]);
  return Object.fromEntries(pairs.map(([, name = "", quoted, bare = ""]) => [name, quoted ?? bare]));
}

/** The last one of its kind in a stage: what counts of `USER`, `CMD` and the like. */
export function lastOf({ steps }: Stage, word: string): Step | undefined {
  return steps.findLast((step) => step.word === word);
}

/** Names of the build context, by the list of what .dockerignore lets through. */
export function contextNames(): string[] {
  const [first, ...rest] = readFileSync(join(ROOT, ".dockerignore"), "utf8").trim().split("\n");
  if (first !== "*" || rest.some((line) => !/^![\w.-]+$/.test(line))) {
    throw new Error(".dockerignore must leave everything out, then let names through, one a line");
  }
  return rest.map((line) => line.slice(1));
}
