import type { Cli } from "./cli.ts";
import { cut } from "../slip/width.ts";
import { CUT } from "./table.ts";

/** How far something is, on one line of the terminal that is written over and cleared at the end. */
export interface Progress {
  /** @param words what is beside the bar, such as `120 of 3,000 redriven` */
  show(done: number, words: string): void;
  clear(): void;
}

/** Back to the line's begin, and clear it. */
const SAME_LINE = "\r\u001b[K";
const COLUMNS_DEFAULT = 80;
const BAR_COLUMNS_MAX = 30;
const SHOWN_EVERY_MS = 100;
const PERCENT_COLUMNS = "  100 %  ".length;

/** Only a terminal is shown anything: a file or a log would get a thousand lines of it. */
export function createProgress(cli: Cli, total: number): Progress {
  const { stderr, clock } = cli;
  if (stderr.isTTY !== true) return { show: () => undefined, clear: () => undefined };
  let shownAt = -Infinity;
  return {
    show(done, words) {
      const now = clock.now();
      if (done < total && now >= shownAt && now - shownAt < SHOWN_EVERY_MS) return;
      shownAt = now;
      stderr.write(SAME_LINE + progressLine(done, total, words, stderr.columns ?? COLUMNS_DEFAULT));
    },
    clear: () => void stderr.write(SAME_LINE),
  };
}

/** No longer than `columns` less one: a full line would wrap, and the next could not write over it. */
export function progressLine(done: number, total: number, words: string, columns: number): string {
  const part = total === 0 ? 1 : Math.min(done / total, 1);
  const room = columns - 1 - PERCENT_COLUMNS - words.length - "[]".length;
  const bar = Math.max(0, Math.min(BAR_COLUMNS_MAX, room));
  const full = Math.floor(part * bar);
  const drawn = bar === 0 ? "" : `[${"#".repeat(full)}${"-".repeat(bar - full)}]`;
  return cut(`${drawn}  ${String(Math.floor(part * 100)).padStart(3)} %  ${words}`, columns - 1, CUT);
}
