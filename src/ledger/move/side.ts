import type { Moving } from "../sql/moving.ts";
import type { Table } from "./tables.ts";

/** A row's values, in the order of the columns. */
export type Row = readonly unknown[];
export type Key = number | string | Buffer;

/** How much is held in memory, and written in one transaction, at once. */
export interface BatchSize {
  rows: number;
  /** Of texts and blobs; the row that goes beyond it is the last. */
  bytes: number;
}

/** What both sides of a move can be asked for. */
export interface Side {
  /** For people, and to know it again: nothing of a user, no password. */
  name: string;
  /** In the table's order. */
  columnsOf(table: Table): Promise<string[]>;
  count(table: Table): Promise<number>;
  /** The next rows behind a key, in its order. @param after null: from the first */
  read(
    table: Table,
    columns: readonly string[],
    after: Key | null,
    most: Readonly<BatchSize>,
  ): Promise<Row[]>;
  /** The highest number that was ever given to a row of a numbered table, as far as it is known. */
  lastNumber(table: Table): Promise<number>;
  /** Lets go of it, as if the process had ended. */
  close(): Promise<void>;
}

/** Nobody else writes to it meanwhile, and it is only read. */
export interface Source extends Side {
  /** Where it was moved to before; null: nowhere. */
  movedTo: string | null;
  /** From now on it refuses to be used. What it may not be any more is looked at once more. @throws `ledger_in_use` */
  mark(to: string): Promise<void>;
}

/** Nobody else can use it meanwhile. */
export interface Target extends Side {
  /** What was begun; null: nothing was. */
  moving: Moving | null;
  /** Makes it ready, in one transaction with the note that a move was begun. */
  begin(from: string): Promise<void>;
  lastKey(table: Table): Promise<Key | null>;
  /** All of them or none. */
  write(table: Table, columns: readonly string[], rows: readonly Row[]): Promise<void>;
  /**
   * Puts back what was taken off by `begin`, and numbers further rows behind these. On the disk when it resolves.
   * @param lastNumbers by the name of the table
   */
  settle(lastNumbers: ReadonlyMap<string, number>): Promise<void>;
  /** From now on it may be used. */
  release(): Promise<void>;
}
