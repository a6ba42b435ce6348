import type { UnixMs } from "../../core/time.ts";

/** Crockford's base 32, in the order of its characters: ids sort as their moments do. */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_CHARS = 10;
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
/** The first moment that has no ULID. */
const MOMENTS_MAX = 2 ** 48;

/** An id is made within milliseconds of the moment at which its row says it was created; this is "within" at its widest. */
const APART_MS = 60_000;

/** Whether an id does not tell when its row was created: that was long before, or the clock was set in between. */
export function isApart(id: string, createdAt: UnixMs): boolean {
  return !ULID.test(id) || Math.abs(timeOf(id) - createdAt) > APART_MS;
}

function timeOf(ulid: string): UnixMs {
  return Array.from(ulid.slice(0, TIME_CHARS)).reduce(
    (sum, digit) => sum * DIGITS.length + DIGITS.indexOf(digit),
    0,
  );
}

/** Before every ULID of this moment or later, after every earlier one. @see https://github.com/ulid/spec "Timestamp" */
export function firstIdAt(at: UnixMs): string {
  let rest = Math.min(Math.max(at, 0), MOMENTS_MAX - 1);
  let digits = "";
  for (let n = 0; n < TIME_CHARS; n++) {
    digits = (DIGITS[rest % DIGITS.length] ?? "") + digits;
    rest = Math.floor(rest / DIGITS.length);
  }
  return digits;
}

/** Every row that was created at `since` or later has an id from this on, unless it `isApart`. */
export function lowestIdSince(since: UnixMs): string {
  return firstIdAt(since - APART_MS);
}

/** Every row that was created before `until` has an id below this, unless it `isApart`. */
export function lowestIdAfter(until: UnixMs): string {
  return firstIdAt(until + APART_MS);
}
