import { RelayError } from "../../core/errors.ts";
import type { LedgerPlace } from "../../core/ledger-place.ts";
import { storable } from "../postgres/values.ts";
import { sumOf, type TableSum } from "./compare.ts";
import type { BatchSize, Key, Side, Source, Target } from "./side.ts";
import { openPostgresSource, openPostgresTarget } from "./postgres.ts";
import { openSqliteSource, openSqliteTarget, sqliteName } from "./sqlite.ts";
import { TABLES, type Table } from "./tables.ts";

export interface MoveOptions {
  from: LedgerPlace;
  /** The other kind. */
  to: LedgerPlace;
  /** The source may be used as before, beside the target. */
  keep: boolean;
  onProgress: (progress: MoveProgress) => void;
  /** Asked between two batches; what is there stays, and the next move goes on. */
  stopped: () => boolean;
  most?: BatchSize;
}

/** How far it is: first all is copied, then all is compared. */
export interface MoveProgress {
  step: "copied" | "compared";
  table: string;
  /** Rows, of all tables together. */
  done: number;
  total: number;
  /** This was the table's last batch. */
  ended: boolean;
}

export interface MoveReport {
  /** As the ledgers are called: nothing of users, no password. */
  from: string;
  to: string;
  /** An earlier, unfinished one went on. */
  resumed: boolean;
  /** False: somebody stopped it. */
  finished: boolean;
  /** The same on both sides; empty unless it is finished. */
  tables: ({ table: string } & TableSum)[];
  /** Values that had a character of number 0, which PostgreSQL has no place for. */
  replaced: number;
}

/** Packed rows are small: a batch of them is some hundred KB. */
const MOST: BatchSize = { rows: 2000, bytes: 4 * 1024 * 1024 };

/** One that was told to stop. */
class Stopped extends Error {}

/**
 * Moves a whole ledger from one kind of database into another. Killed at any moment, the same move goes on where it was:
 * the target's own rows tell how far it is. It may be used only when all of it is there and equal on both sides.
 *
 * @throws `conflict` when the target has anything else in it, or the source was moved elsewhere, or both differ at the
 *   end; `ledger_in_use` when somebody uses one of them; `not_found`, `ledger_unavailable`, `ledger_newer`
 */
export async function moveLedger({ from, to, ...options }: MoveOptions): Promise<MoveReport> {
  const source = await (from.kind === "sqlite" ? openSqliteSource(from.path) : openPostgresSource(from));
  try {
    refuseMovedSource(source, to);
    const target = await (to.kind === "sqlite" ? openSqliteTarget(to.path) : openPostgresTarget(to));
    try {
      return await moveBetween(source, target, options);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Before a target is made. One that was moved to this one may have been killed just before its end. */
function refuseMovedSource({ movedTo, name }: Source, to: LedgerPlace): void {
  if (movedTo === null || movedTo === (to.kind === "sqlite" ? sqliteName(to.path) : to.name)) return;
  throw new RelayError("conflict", `${name} was moved to ${movedTo} before: move that one, if any`);
}

async function moveBetween(
  source: Source,
  target: Target,
  { keep, ...options }: Omit<MoveOptions, "from" | "to">,
): Promise<MoveReport> {
  const resumed = target.moving !== null;
  const run = { source, target, most: MOST, ...options };
  const report = { from: source.name, to: target.name, resumed };
  const before = await begin(source, target);
  const columns = await columnsOfBoth(source, target);
  const total = await countAll(source);
  try {
    await copyAll({ ...run, columns, total }, before);
    await target.settle(await lastNumbersOf(source));
    const sums = await compareAll({ ...run, columns, total });
    if (!keep) await source.mark(target.name);
    await target.release();
    return { ...report, finished: true, ...sums };
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return { ...report, finished: false, tables: [], replaced: 0 };
  }
}

/** @returns how many rows are there already */
async function begin(source: Source, target: Target): Promise<number> {
  const there = await countAll(target);
  const { moving } = target;
  if (moving?.from === source.name) return there;
  if (moving !== null) {
    throw new RelayError(
      "conflict",
      `a move from ${moving.from} into ${target.name} is not finished: end that one, or give an empty target`,
    );
  }
  if (source.movedTo !== null) {
    throw new RelayError(
      "conflict",
      `${source.name} was moved to ${target.name} already: set RELAY_DATABASE to that one`,
    );
  }
  if (there > 0) {
    throw new RelayError(
      "conflict",
      `${target.name} has a ledger in it already (${there} rows): give an empty target; nothing was changed there`,
    );
  }
  await target.begin(source.name);
  return 0;
}

async function countAll(side: Side): Promise<number> {
  let total = 0;
  for (const table of TABLES) total += await side.count(table);
  return total;
}

async function columnsOfBoth(source: Side, target: Side): Promise<Map<Table, string[]>> {
  const columns = new Map<Table, string[]>();
  for (const table of TABLES) {
    const [own, others] = [await source.columnsOf(table), await target.columnsOf(table)];
    const missing = own.filter((column) => !others.includes(column));
    if (missing.length > 0 || own.length !== others.length) {
      throw new Error(`${table.name} has other columns in ${source.name} than in ${target.name}`);
    }
    columns.set(table, own);
  }
  return columns;
}

interface Run extends Required<Pick<MoveOptions, "onProgress" | "stopped" | "most">> {
  source: Source;
  target: Target;
  columns: ReadonlyMap<Table, string[]>;
  total: number;
}

async function copyAll(run: Run, before: number): Promise<void> {
  let done = before;
  for (const table of TABLES) {
    for await (const rows of copied(run, table)) {
      done += rows;
      run.onProgress({ step: "copied", table: table.name, done, total: run.total, ended: rows === 0 });
    }
  }
}

/** The next rows are read while those before are written. @returns how many were written, at last none */
async function* copied(run: Run, table: Table): AsyncGenerator<number> {
  const { source, target, most } = run;
  const columns = run.columns.get(table) ?? [];
  const keyAt = columns.indexOf(table.key);
  const readAfter = (key: Key | null): ReturnType<Source["read"]> => source.read(table, columns, key, most);
  let rows = await readAfter(await target.lastKey(table));
  while (rows.length > 0) {
    if (run.stopped()) throw new Stopped();
    const stored = rows.map((row) => row.map(storable));
    const [next] = await Promise.all([
      readAfter(rows.at(-1)?.[keyAt] as Key),
      target.write(table, columns, stored),
    ]);
    yield rows.length;
    rows = next;
  }
  yield 0;
}

async function lastNumbersOf(source: Source): Promise<Map<string, number>> {
  const last = new Map<string, number>();
  for (const table of TABLES) if (table.isNumbered) last.set(table.name, await source.lastNumber(table));
  return last;
}

/** @throws `conflict` when a table differs */
async function compareAll(run: Run): Promise<Pick<MoveReport, "tables" | "replaced">> {
  const tables: MoveReport["tables"] = [];
  const differ: string[] = [];
  let [done, replaced] = [0, 0];
  for (const table of TABLES) {
    const columns = run.columns.get(table) ?? [];
    const tell = (ended: boolean): void =>
      run.onProgress({ step: "compared", table: table.name, done, total: run.total, ended });
    const onRows = (rows: number): void => {
      if (run.stopped()) throw new Stopped();
      done += rows;
      tell(false);
    };
    const [given, taken] = await Promise.all([
      sumOf(run.source, table, columns, { most: run.most, onRows }),
      sumOf(run.target, table, columns, { most: run.most, onRows: () => undefined }),
    ]);
    tell(true);
    replaced += given.replaced;
    tables.push({ table: table.name, rows: given.rows, sha256: given.sha256 });
    if (given.sha256 !== taken.sha256)
      differ.push(`${table.name} (${given.rows} rows, ${taken.rows} in the copy)`);
  }
  if (differ.length === 0) return { tables, replaced };
  throw new RelayError(
    "conflict",
    `${run.target.name} is not what ${run.source.name} is: ${differ.join(", ")}; was the source written to between two ` +
      "runs? Take the target away and move into an empty one; the source is as it was",
  );
}
