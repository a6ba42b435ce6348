import { createHash, type Hash } from "node:crypto";
import { storable } from "../postgres/values.ts";
import type { BatchSize, Key, Row, Side } from "./side.ts";
import type { Table } from "./tables.ts";

/** What all rows of a table come to on one side. */
export interface TableSum {
  rows: number;
  /** Over all columns of all rows, in the order of their key. */
  sha256: string;
}

export interface Summed extends TableSum {
  /** Values that PostgreSQL cannot hold as they are. */
  replaced: number;
}

/** @param onRows after each batch */
export async function sumOf(
  side: Side,
  table: Table,
  columns: readonly string[],
  { most, onRows }: { most: BatchSize; onRows: (rows: number) => void },
): Promise<Summed> {
  const hash = createHash("sha256");
  const keyAt = columns.indexOf(table.key);
  let after: Key | null = null;
  let [rows, replaced] = [0, 0];
  for (;;) {
    const read: Row[] = await side.read(table, columns, after, most);
    const last = read.at(-1);
    if (last === undefined) return { rows, replaced, sha256: hash.digest("hex") };
    for (const row of read) replaced += addRow(hash, row);
    rows += read.length;
    after = last[keyAt] as Key;
    onRows(read.length);
  }
}

/** @returns how many of its values are compared by what is stored for them */
function addRow(hash: Hash, row: Row): number {
  let replaced = 0;
  const stored = row.map((value) => {
    if (Buffer.isBuffer(value)) return { base64: value.toString("base64") };
    const kept = storable(value);
    if (kept !== value) replaced++;
    return kept;
  });
  hash.update(JSON.stringify(stored));
  return replaced;
}
