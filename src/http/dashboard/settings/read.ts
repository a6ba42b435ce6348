import { createHmac } from "node:crypto";
import type { z } from "zod";
import type { Field, Problems, Values } from "./form.ts";

/** A form as it came: of a secret only what was typed now. */
export type Typed = ReadonlyMap<string, string>;

export type Read<Value> = { ok: true; value: Value } | { ok: false; problems: Problems };

/** Through the schema of the apply file, with its problems put into words for people, by field. */
export function readBy<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  fields: readonly Field[],
): Read<z.output<Schema>> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  const problems = new Map<string, string>();
  for (const issue of parsed.error.issues) {
    const name = fieldAt(issue.path, fields);
    if (!problems.has(name)) problems.set(name, wordsOf(issue));
  }
  return { ok: false, problems };
}

/** The field of a setting, or of what it is a part of, or its first part. */
function fieldAt(path: readonly PropertyKey[], fields: readonly Field[]): string {
  for (let length = path.length; length > 0; length--) {
    const name = path.slice(0, length).join(".");
    const field =
      fields.find((one) => one.name === name) ?? fields.find((one) => one.name.startsWith(`${name}.`));
    if (field !== undefined) return field.name;
  }
  return "";
}

/** The schema's own words where it has some; zod's are for programmers. */
function wordsOf(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid|Too|Unrecognized) ?/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "too_small":
      return issue.origin === "number" || issue.origin === "int"
        ? `must be ${issue.minimum} or more`
        : "is empty";
    case "too_big":
      return issue.origin === "number" || issue.origin === "int"
        ? `must be ${issue.maximum} or less`
        : "is too long";
    case "invalid_type":
      return issue.expected === "number" || issue.expected === "int"
        ? "must be a whole number"
        : "is missing";
    case "invalid_format":
      return "has characters that cannot stand here";
    default:
      return "is none of those to choose from";
  }
}

/** What was typed over what is stored. A box that is not ticked is not sent at all. */
export function typedOver(fields: readonly Field[], stored: Values, form: Typed): Map<string, string> {
  return new Map(
    fields.map(({ name, control }) => {
      const absent = control.kind === "check" ? "" : (stored.get(name) ?? "");
      return [name, (form.get(name) ?? absent).trim()];
    }),
  );
}

/** A number as a schema takes it; empty: none. */
export function numberIn(text: string | undefined): number | null | string {
  if (text === undefined || text === "") return null;
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

/** Empty: left to the schema's default. */
export function orDefault(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

/**
 * Tells whether what a form was made from is still what is stored. Keyed, because secrets are a part of it.
 * @param entry null: the form is for a new one
 */
export function versionOf(key: Buffer, kind: "printer" | "store", entry: object | null): string {
  return createHmac("sha256", key)
    .update(`settings ${kind} ${JSON.stringify(entry)}`)
    .digest("base64url");
}
