import { wallClock, type UnixMs } from "../core/time.ts";
import { fill } from "./words/words.ts";

/** The largest moment a `Date` can hold, either way. */
const MOMENT_MS_MAX = 8.64e15;

/**
 * @param template what to write of the moment: `{d}` `{m}` `{y}` `{h}` `{i}` (minutes), each zero-padded
 * @returns null for a number that is no moment
 */
export function momentText(at: UnixMs | null, timeZone: string, template: string): string | null {
  if (at === null || !(Math.abs(at) <= MOMENT_MS_MAX)) return null;
  const { year, month, day, hour, minute } = wallClock(at, timeZone);
  return fill(template, { y: year, m: month, d: day, h: hour, i: minute });
}
