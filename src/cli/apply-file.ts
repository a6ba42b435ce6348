import { isScalar, LineCounter, parseDocument, visit, type Document } from "yaml";
import type { z } from "zod";
import { textsInFile } from "../config.ts";
import { PLATFORM_NAMES } from "../core/cancellation.ts";
import { isObject } from "../core/json.ts";
import { applyFileSchema, type ApplyFile } from "../core/settings.ts";
import { CommandFailed, type Cli } from "./cli.ts";
import { readBounded } from "./files.ts";
import { substitute } from "./substitute.ts";

/** Some five thousand stores fit. The worst that can be written in it is read in seconds. */
const FILE_BYTES_MAX = 1024 * 1024;
/** YAML's aliases repeat what they name; so many repeats are a bomb, not settings. */
const YAML_ALIASES_MAX = 100;
const PROBLEMS_TOLD_MAX = 20;

/**
 * @param env where `${NAME}` is taken from; what it lacks may stand in `.env`, as for the service's settings
 * @param prune whether what the file does not name is to be deleted
 * @throws CommandFailed with every problem and its place (`stores[0].tokens: ...`), never with a value
 */
export async function readApplyFile(path: string, env: Cli["env"], prune: boolean): Promise<ApplyFile> {
  const text = textOf(await readBounded(path, FILE_BYTES_MAX), path);
  return parseApplyText(text, path, { ...textsInFile(env), ...env }, prune);
}

/** Read as UTF-8 all the same, a secret of another encoding would be stored as one that verifies nothing. */
function textOf(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new CommandFailed(`${path} is not UTF-8: save it with that encoding, and apply it again`);
  }
}

/** @param path only named in messages */
export function parseApplyText(text: string, path: string, env: Cli["env"], prune = false): ApplyFile {
  const value = parseYaml(text, path) ?? {};
  // What a full disk or a broken pipe leaves of a file.
  if (prune && isObject(value) && Object.keys(value).length === 0) {
    throw new CommandFailed(
      `${path} is empty: --prune would delete every printer and store; if that is meant, write printers: [] and stores: []`,
    );
  }
  const parsed = applyFileSchema.safeParse(substitute(value, env));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(problemOf);
  const told = problems.slice(0, PROBLEMS_TOLD_MAX).join("; ");
  const more = problems.length > PROBLEMS_TOLD_MAX ? `; and ${problems.length - PROBLEMS_TOLD_MAX} more` : "";
  throw new CommandFailed(`${path} is not applied: ${told}${more}`);
}

/** One parser for both: JSON is YAML. Its own messages quote the source, secrets and all, and are not used. */
function parseYaml(text: string, path: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    prettyErrors: false,
    lineCounter: lines,
    // Not "silent", which leaves out all documents but the first without a word.
    logLevel: "error",
    // Settings have no others, and the parser's time multiplies with every key that stands in a key.
    stringKeys: true,
    // Its own check compares every key of a map with every other: 256 KiB of keys took it a minute.
    uniqueKeys: false,
  });
  const [error] = document.errors;
  const fault = error === undefined ? repeatedKey(document) : { at: error.pos[0], code: error.code };
  if (fault !== null) {
    const { line, col } = lines.linePos(fault.at);
    const what = fault.code.toLowerCase().replaceAll("_", " ");
    const advice = fault.code === "MULTIPLE_DOCS" ? SEVERAL : quotesAdvice(text, line);
    throw new CommandFailed(
      `${path}, line ${line}, column ${col}: not valid YAML or JSON (${what})${advice}`,
    );
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: YAML_ALIASES_MAX });
    // Throws where an alias stands within what it names: whoever walks through such a value never ends.
    JSON.stringify(value);
    return value;
  } catch {
    throw new CommandFailed(
      `${path}: too many aliases, or one that names nothing or what it stands in; write the values out`,
    );
  }
}

const SEVERAL = "; put all printers and stores into one, without --- between them";

/** Within `{ }` and `[ ]` the braces of a bare `${NAME}` are YAML's own: what it then says of them helps nobody. */
function quotesAdvice(text: string, line: number): string {
  const written = text.split("\n")[line - 1] ?? "";
  return /[[{,:]\s*\$\{/.test(written) ? `; within { } and [ ] write "\${NAME}" in quotes` : "";
}

/** The first key that its map has already. */
function repeatedKey(document: Document): { at: number; code: string } | null {
  const found: number[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          found.push(key.range?.[0] ?? 0);
          return visit.BREAK;
        }
        seen.add(key.value);
      }
      return undefined;
    },
  });
  const [at] = found;
  return at === undefined ? null : { at, code: "DUPLICATE_KEY" };
}

function problemOf(issue: z.core.$ZodIssue): string {
  const place = issue.path.reduce<string>((path, key) => {
    if (typeof key === "number") return `${path}[${key}]`;
    return path === "" ? String(key) : `${path}.${String(key)}`;
  }, "");
  return `${place === "" ? "the file" : place}: ${wordsOf(issue)}`;
}

function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_union" && issue.path.at(-1) === "platform") {
    return `must be one of ${PLATFORM_NAMES.join(", ")}`;
  }
  const words = issue.message.replace(/^Invalid input: /, "");
  const unquoted =
    issue.code === "invalid_type" && issue.expected === "string" && !words.endsWith("undefined");
  return unquoted
    ? `${words}; put it in quotes`
    : words.replace(/, received undefined$/, ", and it is missing");
}
