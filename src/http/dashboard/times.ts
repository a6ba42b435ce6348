import type { Settings } from "../../core/settings.ts";
import { MINUTE_MS, SECOND_MS, toRfc3339, wallClock, type UnixMs } from "../../core/time.ts";
import { html, type Html } from "./html.ts";

/** From where a page looks at time: now, and the zone of whoever reads it. */
export interface Viewpoint {
  now: UnixMs;
  /** IANA. */
  zone: string;
}

/** Each delivery is told in its printer's zone: the cook's own clock. */
export function zonesOf({ printers }: Settings, now: UnixMs): (row: { printer: string }) => Viewpoint {
  const zones = new Map(printers.map(({ name, time_zone }) => [name, time_zone]));
  return ({ printer }) => ({ now, zone: zones.get(printer) ?? "UTC" });
}

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

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

/** `02:13:05` today, `2026-11-23 02:13:05` on any other day. */
export function clockText(at: UnixMs, { now, zone }: Viewpoint): string {
  const day = dayText(at, zone);
  const { hour, minute } = wallClock(at, zone);
  // A zone's offset is a whole number of minutes, so the seconds are everywhere the same.
  const time = `${hour}:${minute}:${new Date(at).toISOString().slice(17, 19)}`;
  return day === dayText(now, zone) ? time : `${day} ${time}`;
}

function dayText(at: UnixMs, zone: string): string {
  const { year, month, day } = wallClock(at, zone);
  return `${year}-${month}-${day}`;
}

export function clockTime(at: UnixMs, viewpoint: Viewpoint): Html {
  return html`<time datetime="${toRfc3339(at)}">${clockText(at, viewpoint)}</time>`;
}

export function agoTime(at: UnixMs, viewpoint: Viewpoint): Html {
  return html`<time datetime="${toRfc3339(at)}">${agoText(at, viewpoint)}</time>`;
}
