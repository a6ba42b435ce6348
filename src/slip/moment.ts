import { MINUTE_MS, offsetText, wallClock, type UnixMs } from "../core/time.ts";
import { fill, type Words } from "./words/words.ts";

/** The largest moment a `Date` can hold, either way. */
const MOMENT_MS_MAX = 8.64e15;

/** In a template. */
export const OFFSET = "{o}";

/**
 * @param template what to write of the moment: `{d}` `{m}` `{y}` `{h}` `{i}` (minutes), each zero-padded, `{b}` from
 * `months`, `{o}` how far clocks are ahead of UTC
 * @param months short names, January to December
 * @returns null for a number that is no moment
 */
export function momentText(
  at: UnixMs | null,
  timeZone: string,
  template: string,
  months: readonly string[] = [],
): string | null {
  if (at === null || !(Math.abs(at) <= MOMENT_MS_MAX)) return null;
  const { year, month, day, hour, minute } = wallClock(at, timeZone);
  const name = months[Number(month) - 1] ?? month;
  const offset = template.includes(OFFSET) ? offsetText(at, timeZone) : "";
  return fill(template, { y: year, m: month, b: name, d: day, h: hour, i: minute, o: offset });
}

const HOUR_MINUTES = 60;
const DAY_HOURS = 24;

/** @returns the two largest parts of a duration, rounded down: `27 min`, `6 h 27 min`, `3 d 4 h`, `3 d` */
export function durationText(durationMs: number, words: Words): string {
  const minutes = Math.floor(durationMs / MINUTE_MS);
  const hours = Math.floor(minutes / HOUR_MINUTES);
  if (hours === 0) return fill(words.minutes, { n: String(minutes) });
  if (hours < DAY_HOURS) {
    const [h, i] = [String(hours), String(minutes % HOUR_MINUTES)];
    return i === "0" ? fill(words.whole_hours, { h }) : fill(words.hours, { h, i });
  }
  const [d, h] = [String(Math.floor(hours / DAY_HOURS)), String(hours % DAY_HOURS)];
  return h === "0" ? fill(words.whole_days, { d }) : fill(words.days, { d, h });
}
