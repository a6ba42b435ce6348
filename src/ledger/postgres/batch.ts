import type { Batch, ColumnType } from "../sql/statement.ts";

/** The SQL of a batch, whose parameters are one array for each column. */
export function textOfBatch({ types, sql }: Batch): string {
  const names = Object.keys(types);
  const arrays = Object.values(types).map((type, index) => `$${index + 1}::${type}[]`);
  const given = `given AS (
    SELECT * FROM unnest(${arrays.join(", ")}) WITH ORDINALITY AS given (${names.join(", ")}, nth))`;
  const others = /^\s*WITH\s/;
  return others.test(sql) ? `WITH ${given}, ${sql.replace(others, "")}` : `WITH ${given} ${sql}`;
}

/** @param rows values in the order of the columns. @returns the arrays, as PostgreSQL receives them in binary */
export function arraysOfBatch({ types }: Batch, rows: readonly (readonly unknown[])[]): Buffer[] {
  return Object.values(types).map((type, column) => {
    const values = rows.map((row) => row[column]);
    return type === "bigint" ? bigints(values as (number | null)[]) : bytes(type, values as Bytes[]);
  });
}

type Bytes = string | Buffer | null;

/** pg_type.dat of PostgreSQL: these never change. */
const OIDS: Record<ColumnType, number> = { bytea: 17, bigint: 20, text: 25 };
/** array_recv of PostgreSQL: dimensions, whether there are NULLs, the elements' type, how many, the first one's index. */
const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;
const BIGINT_BYTES = 8;

function arrayWith(type: ColumnType, values: readonly unknown[], elementBytes: number): Buffer {
  const array = Buffer.allocUnsafe(HEADER_BYTES + values.length * LENGTH_BYTES + elementBytes);
  array.writeInt32BE(1, 0);
  array.writeInt32BE(values.includes(null) ? 1 : 0, 4);
  array.writeInt32BE(OIDS[type], 8);
  array.writeInt32BE(values.length, 12);
  array.writeInt32BE(1, 16);
  return array;
}

function bigints(values: readonly (number | null)[]): Buffer {
  const known = values.filter((value) => value !== null).length;
  const array = arrayWith("bigint", values, known * BIGINT_BYTES);
  let at = HEADER_BYTES;
  for (const value of values) {
    if (value === null) {
      at = array.writeInt32BE(NULL_LENGTH, at);
      continue;
    }
    at = array.writeInt32BE(BIGINT_BYTES, at);
    at = array.writeInt32BE(Math.floor(value / 2 ** 32), at);
    at = array.writeUInt32BE(value >>> 0, at);
  }
  return array;
}

function bytes(type: "text" | "bytea", values: readonly Bytes[]): Buffer {
  const lengths = values.map((value) => (value === null ? 0 : Buffer.byteLength(value)));
  const array = arrayWith(
    type,
    values,
    lengths.reduce((sum, length) => sum + length, 0),
  );
  let at = HEADER_BYTES;
  values.forEach((value, index) => {
    const length = lengths[index] ?? 0;
    at = array.writeInt32BE(value === null ? NULL_LENGTH : length, at);
    if (typeof value === "string") array.write(value, at);
    else if (value !== null) array.set(value, at);
    at += length;
  });
  return array;
}
