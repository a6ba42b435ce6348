import type { SlipRead } from "./read-slip.ts";
import { detailFields, type Field } from "./read-fields.ts";
import { TEXT, type Vocabulary } from "./read-words.ts";

interface Found {
  field: Field;
  length: number;
  groups: (string | undefined)[];
}

/**
 * Reads a text from its beginning to its end as one field after another; throws for what is none, or is said twice.
 *
 * @param said names of the fields read so far; added to
 */
export function scan(slip: SlipRead, text: string, fields: readonly Field[], said: Set<string>): void {
  const found = split(text, 0, fields, new Set());
  if (found === null) throw new Error(`cannot be read: «${text}»`);
  for (const { field, groups } of found) {
    if (field.name !== "item" && said.has(field.name)) throw new Error(`${field.name} twice: «${text}»`);
    said.add(field.name);
    field.read(slip, groups);
  }
}

/** The longest field first, for one label may begin like another. @param dead where no way leads to the end */
function split(text: string, from: number, fields: readonly Field[], dead: Set<number>): Found[] | null {
  const start = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
  if (start === text.length) return [];
  if (dead.has(start)) return null;
  for (const found of candidates(text.slice(start), fields)) {
    const rest = split(text, start + found.length, fields, dead);
    if (rest !== null) return [found, ...rest];
  }
  dead.add(start);
  return null;
}

function candidates(text: string, fields: readonly Field[]): Found[] {
  return fields
    .flatMap((field): Found[] => {
      const match = patternOf(field.pattern).exec(text);
      return match === null || match[0] === ""
        ? []
        : [{ field, length: match[0].length, groups: match.slice(1) }];
    })
    .sort((a, b) => b.length - a.length);
}

const compiled = new Map<string, RegExp>();
function patternOf(source: string): RegExp {
  let pattern = compiled.get(source);
  if (pattern === undefined) compiled.set(source, (pattern = new RegExp(`^(?:${source})`)));
  return pattern;
}

/** An item with its details; its amount stands in front in `⟦⟧`, or on a line of its own under the name. */
export function itemField(vocabulary: Vocabulary): Field {
  const { amount, decimal } = vocabulary;
  const details = detailFields(vocabulary).map(({ pattern }) => pattern.replace(/(?<!\\)\((?!\?)/g, "(?:"));
  return {
    name: "item",
    pattern:
      `(?:⟦(${amount})⟧\\s*)?(${amount}|\\?)\\s*x\\s*(${TEXT})` +
      `(?:\\s*⟪(${amount})⟫)?((?:\\s*(?:${details.join("|")}))*)`,
    read: (slip, [right, quantity = "", name = "", below, rest = ""]) => {
      const sum = right ?? below;
      slip.items.push({
        quantity: quantity === "?" ? null : decimal(quantity),
        name,
        details: detailsOf(rest, vocabulary),
        amount: sum === undefined ? null : decimal(sum),
      });
    },
  };
}

export function detailsOf(text: string, vocabulary: Vocabulary): string[] {
  const details: string[] = [];
  const fields = detailFields(vocabulary).map(({ kind, pattern }): Field => ({
    name: "item",
    pattern,
    read: (_, groups) => void details.push([kind, ...groups].join(" ")),
  }));
  scan({} as SlipRead, text, fields, new Set());
  return details;
}
