import { RelayError } from "../core/errors.ts";
import { pause } from "../core/time.ts";
import { CommandFailed, type Cli } from "./cli.ts";
import { createProgress } from "./progress.ts";
import { stopSignal } from "./stopping.ts";

/** Acts of one batch share a commit. Between two a running service has the ledger to itself. */
const BATCH = 50;
const PAUSE_MS = 20;

/** What came of many acts. */
export interface BulkResult {
  matched: number;
  /** How many came to what, such as `redriven: 120`. */
  came_to: Record<string, number>;
  /** False: somebody stopped it. */
  finished: boolean;
}

export interface Bulk {
  /** Oldest first. */
  ids: readonly string[];
  /** @returns what it came to, in one word */
  act: (id: string) => Promise<string>;
  /** For the bar: `redriven`. */
  done: string;
}

/** Of an act that is not possible: nothing was done, and the others go on. */
const REFUSED = "refused";

/**
 * One act after another, in batches. The first Ctrl-C ends it after the batch that runs.
 * @throws CommandFailed when the ledger fails on the way
 */
export async function actOnAll(cli: Cli, { ids, act, done }: Bulk): Promise<BulkResult> {
  const result: BulkResult = { matched: ids.length, came_to: {}, finished: true };
  const progress = createProgress(cli, ids.length);
  const stop = { asked: false };
  void stopSignal(cli).then(() => (stop.asked = true));
  let acted = 0;
  try {
    while (acted < ids.length) {
      const batch = ids.slice(acted, acted + BATCH);
      const words = await Promise.all(batch.map((id) => act(id).catch(refusalOf)));
      for (const word of words) result.came_to[word] = (result.came_to[word] ?? 0) + 1;
      acted += batch.length;
      progress.show(acted, `${count(acted)} of ${count(ids.length)} ${done}`);
      if (acted >= ids.length) break;
      await pause(cli.clock, PAUSE_MS);
      if (stop.asked) return { ...result, finished: false };
    }
    return result;
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    throw new CommandFailed(`${error.message}; ${actedOn(result)} before, run it again for the rest`);
  } finally {
    progress.clear();
  }
}

function refusalOf(error: unknown): string {
  const isItsState = error instanceof RelayError && (error.code === "conflict" || error.code === "not_found");
  if (!isItsState) throw error;
  return REFUSED;
}

/** @throws CommandFailed when somebody stopped it: the exit code says that there is more to do */
export function requireFinished(result: BulkResult): void {
  if (result.finished) return;
  throw new CommandFailed(`stopped: ${actedOn(result)}; run the same command again for the rest`);
}

function actedOn({ matched, came_to }: BulkResult): string {
  const acted = Object.values(came_to).reduce((sum, one) => sum + one, 0);
  return `${count(acted)} of ${count(matched)} were done`;
}

/** `120 redriven, 3 refused`. */
export function cameTo({ came_to }: BulkResult): string {
  const words = Object.entries(came_to).map(([word, many]) => `${count(many)} ${word}`);
  return words.length === 0 ? "nothing" : words.join(", ");
}

/** What many rows are of, those of the most first. @param groupOf the fields by which they are told apart */
export function tally<Row, Group extends object>(
  rows: readonly Row[],
  groupOf: (row: Row) => Group,
): { group: Group; many: number }[] {
  const groups = new Map<string, { group: Group; many: number }>();
  for (const row of rows) {
    const group = groupOf(row);
    const key = JSON.stringify(group);
    groups.set(key, { group, many: (groups.get(key)?.many ?? 0) + 1 });
  }
  return [...groups.values()].sort((a, b) => b.many - a.many);
}

export function count(many: number): string {
  return many.toLocaleString("en");
}
