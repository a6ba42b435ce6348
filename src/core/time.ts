/** Milliseconds since the Unix epoch, UTC: the only form in which the relay keeps a moment. */
export type UnixMs = number;

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The door by which time and waiting come in; `system.ts` has the real one, tests bring their own. */
export interface Clock {
  now(): UnixMs;
  /** Runs `task` once after `delayMs` (0 or more) unless the returned function is called first. */
  after(delayMs: number, task: () => void): () => void;
}

/** A machine's clock, which may be set, and beside it how long it has run, which nobody sets. */
export interface MachineClock extends Clock {
  /** Whole milliseconds since some moment. Where the machine sleeps it may stand still. */
  elapsed(): number;
}

/** Waits on the clock that was handed in. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => void clock.after(delayMs, resolve));
}

/** @returns false when `work` takes longer than `ms`: it goes on all the same. @throws what `work` throws in time */
export async function endsWithin(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const cancel = clock.after(ms, () => resolve(false));
  return Promise.race([work.then(() => true), late]).finally(cancel);
}

/** RFC 3339 in UTC, as every answer of the API writes a time; null stays null. */
export function toRfc3339(at: UnixMs): string;
export function toRfc3339(at: UnixMs | null): string | null;
export function toRfc3339(at: UnixMs | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** The wall-clock parts of a moment in one IANA zone, each zero-padded. */
export interface WallClock {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** By zone and minute: the slips of one rush hold the same few moments, and formatting one costs as much as a line. */
const latest = new Map<string, WallClock>();
const LATEST_MAX = 64;

/**
 * @param at since 1972, when the last zone was put to whole minutes
 * @param timeZone an IANA name, checked when the settings were applied
 * @throws RangeError when the zone is unknown
 */
export function wallClock(at: UnixMs, timeZone: string): WallClock {
  const key = `${Math.floor(at / MINUTE_MS)} ${timeZone}`;
  let found = latest.get(key);
  if (found === undefined) {
    found = formatted(at, timeZone);
    if (latest.size === LATEST_MAX) latest.clear();
    latest.set(key, found);
  }
  return found;
}

function formatted(at: UnixMs, timeZone: string): WallClock {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    formats.set(timeZone, format);
  }
  const parts = { year: "", month: "", day: "", hour: "", minute: "" };
  for (const { type, value } of format.formatToParts(at)) {
    if (type in parts) parts[type as keyof WallClock] = value;
  }
  return { ...parts, year: parts.year.padStart(4, "0") };
}

/** How far a place's clocks are ahead of UTC. */
export function offsetAt(at: UnixMs, zone: string): number {
  const { year, month, day, hour, minute } = wallClock(at, zone);
  const shown = Date.parse(`${year}-${month}-${day}T${hour}:${minute}Z`);
  return shown - Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

/** `UTC`, `UTC+8`, `UTC-3:30`. */
export function offsetText(at: UnixMs, zone: string): string {
  const minutes = offsetAt(at, zone) / MINUTE_MS;
  if (minutes === 0) return "UTC";
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const past = rest === 0 ? "" : `:${String(rest).padStart(2, "0")}`;
  return `UTC${minutes < 0 ? "-" : "+"}${hours}${past}`;
}

// 2001-01-01 to 2200-01-01: outside it a number or date is a mistake, not a moment of an order.
const EARLIEST_MS = Date.UTC(2001, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

/**
 * Reads a moment as stores write it: ISO 8601 with an offset, PostgreSQL's `+08` too (or none: then UTC), with up to
 * nanoseconds, or Unix seconds or milliseconds. Anything else, and any moment before 2001 or after 2200, is null.
 */
export function parseMoment(value: unknown): UnixMs | null {
  const ms = toMs(value);
  return ms !== null && ms >= EARLIEST_MS && ms < LATEST_MS ? ms : null;
}

function toMs(value: unknown): number | null {
  if (typeof value === "number") return fromUnix(value);
  if (typeof value !== "string") return null;
  const text = value.trim().replace(/^"(.*)"$/, "$1");
  if (/^\d{10}(\d{3})?$/.test(text)) return fromUnix(Number(text));
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(\.\d{1,9})?)?\s?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$/i.exec(
      text,
    );
  if (match === null) return null;
  const [, date, clock = "00:00", seconds = ":00", fraction = "", zone = "Z"] = match;
  const offset = /^[a-z]/i.test(zone) ? "Z" : `${zone.slice(0, 3)}:${zone.slice(3).replace(":", "") || "00"}`;
  if (!isDay(date ?? "")) return null;
  const ms = Date.parse(`${date ?? ""}T${clock}${seconds}${fraction.slice(0, 4)}${offset}`);
  return Number.isNaN(ms) ? null : ms;
}

/** The engine takes 30 February for 2 March. */
function isDay(date: string): boolean {
  const ms = Date.parse(date);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
}

function fromUnix(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  return value < 100_000_000_000 ? Math.round(value * SECOND_MS) : Math.round(value);
}
