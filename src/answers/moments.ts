import type { Settings } from "../core/settings.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, offsetText, SECOND_MS, wallClock, type UnixMs } from "../core/time.ts";

/** From where an answer looks at time: now, and the zone of whoever reads it. */
export interface Viewpoint {
  now: UnixMs;
  /** IANA. */
  zone: string;
  /** Where times of several zones stand beside each other, each names its own. */
  named?: boolean;
  /** No service runs on the ledger: what waits there does not go on by itself. */
  unserved?: boolean;
  /** The printer cloud, or this printer's account there, takes no orders now. */
  away?: boolean;
  /** The printer is in no settings: nothing can be sent to it. */
  gone?: boolean;
}

/** Each delivery is told in its printer's zone: the cook's own clock. */
export function zonesOf(settings: Settings, now: UnixMs): (row: { printer: string }) => Viewpoint {
  const zones = new Map(settings.printers.map(({ name, time_zone }) => [name, time_zone]));
  const named = sharedZone(settings) === null;
  return ({ printer }) => ({ now, zone: zones.get(printer) ?? "UTC", named, gone: !zones.has(printer) });
}

/** The zone in which all printers stand; null: there are several, or none. */
export function sharedZone({ printers }: Pick<Settings, "printers">): string | null {
  const [zone, another] = new Set(printers.map(({ time_zone }) => time_zone));
  return another === undefined ? (zone ?? null) : null;
}

/** `8 s`, `4 min`, `3 h`, `2 d`: how long, in the largest unit that tells enough. */
export function spanText(ms: number): string {
  const span = Math.max(0, ms);
  if (span < MINUTE_MS) return `${Math.floor(span / SECOND_MS)} s`;
  if (span < HOUR_MS) return `${Math.floor(span / MINUTE_MS)} min`;
  if (span < 2 * DAY_MS) return `${Math.floor(span / HOUR_MS)} h`;
  return `${Math.floor(span / DAY_MS)} d`;
}

/** `4 min ago`, or `in 20 s`. */
export function agoText(at: UnixMs, { now }: Pick<Viewpoint, "now">): string {
  return at > now ? `in ${spanText(at - now + SECOND_MS - 1)}` : `${spanText(now - at)} ago`;
}

/** `02:13:05` today, `2026-11-23 02:13:05` on any other day; with `UTC+8` behind it where zones are named. */
export function clockText(at: UnixMs, { now, zone, named = false }: Viewpoint): string {
  const text = dayText(at, zone) === dayText(now, zone) ? timeText(at, zone) : dayTimeText(at, zone);
  return named ? `${text} ${offsetText(at, zone)}` : text;
}

/** `2026-11-23 02:13:05`, whatever day it is. */
export function dayTimeText(at: UnixMs, zone: string): string {
  return `${dayText(at, zone)} ${timeText(at, zone)}`;
}

function timeText(at: UnixMs, zone: string): string {
  const { hour, minute } = wallClock(at, zone);
  // A zone's offset is a whole number of minutes, so the seconds are everywhere the same.
  return `${hour}:${minute}:${new Date(at).toISOString().slice(17, 19)}`;
}

function dayText(at: UnixMs, zone: string): string {
  const { year, month, day } = wallClock(at, zone);
  return `${year}-${month}-${day}`;
}
