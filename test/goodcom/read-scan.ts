import type { SlipRead } from "./read-slip.ts";
import { detailFields, type Field } from "./read-fields.ts";
import { TEXT, type Vocabulary } from "./read-words.ts";

interface Found {
  field: Field;
  length: number;
  groups: (string | undefined)[];
}

/** Reads a text from its beginning to its end as one field after another; throws for what is none, or is said twice. */
export function scan(slip: SlipRead, text: string, fields: readonly Field[], said: Set<string>): void {
  let rest = text.trim();
  while (rest !== "") {
    const found = longest(rest, fields);
    if (found === null) throw new Error(`cannot read «${rest}» of «${text}»`);
    const { field, length, groups } = found;
    if (field.name !== "item" && said.has(field.name)) throw new Error(`${field.name} twice: «${text}»`);
    said.add(field.name);
    field.read(slip, groups);
    rest = rest.slice(length).trimStart();
  }
}

function longest(text: string, fields: readonly Field[]): Found | null {
  let best: Found | null = null;
  for (const field of fields) {
    const match = patternOf(field.pattern).exec(text);
    if (match !== null && match[0].length > (best?.length ?? 0)) {
      best = { field, length: match[0].length, groups: match.slice(1) };
    }
  }
  return best;
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
