import type { Batch, ColumnType } from "../sql/statement.ts";

/** @param names of the parameters; null: they are in their order. @returns what a statement is run with */
export function valuesOf(names: readonly string[] | null, parameters: readonly unknown[]): unknown[] {
  if (names === null) return parameters.map(storable);
  const given = parameters[0] as Record<string, unknown> | undefined;
  return names.map((name) => {
    const value = given?.[name];
    if (value === undefined) throw new Error(`the parameter :${name} is missing`);
    return storable(value);
  });
}

/** @returns what a work asks a batch with, in the order of the columns. @throws when a column does not take it */
export function fitting({ types }: Batch, parameters: readonly unknown[]): unknown[] {
  const byName = parameters[0] as Record<string, unknown>;
  return Object.entries(types).map(([name, type], index) => {
    const value = storable(isNamed(parameters) ? byName[name] : parameters[index]);
    if (value !== null && !FITS[type](value)) throw new TypeError(`the parameter ${name} is no ${type}`);
    return value;
  });
}

function isNamed([first]: readonly unknown[]): boolean {
  return typeof first === "object" && first !== null && !Buffer.isBuffer(first);
}

const FITS: Record<ColumnType, (value: unknown) => boolean> = {
  bigint: (value) => Number.isSafeInteger(value),
  text: (value) => typeof value === "string",
  bytea: (value) => Buffer.isBuffer(value),
};

/** PostgreSQL has no place for the character of number 0 in a text. */
export function storable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(storable);
  return typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "\ufffd") : value;
}
