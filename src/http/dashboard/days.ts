import type { Settings } from "../../core/settings.ts";
import { DAY_MS, offsetAt, type UnixMs } from "../../core/time.ts";
import { HttpProblem } from "../problem.ts";

/** Days as a date field gives them, `2026-11-24`; null: not asked for. */
export interface Days {
  from: string | null;
  to: string | null;
}

export function daysOf(search: URLSearchParams): Days {
  const day = (name: string): string | null => ((search.get(name) ?? "") ? search.get(name) : null);
  return { from: day("from"), to: day("to") };
}

/** The rest of the search, which is the API's own. */
export function withoutDays(search: URLSearchParams): string {
  const rest = new URLSearchParams(search);
  rest.delete("from");
  rest.delete("to");
  return rest.toString();
}

/** Whoever looks for a day means the shop's: the asked printer's zone, or the one that all printers share, else UTC. */
export function zoneOfSearch(printer: string | null, { printers }: Settings): string {
  const asked = printers.filter(({ name }) => name === printer);
  const zones = new Set((asked.length > 0 ? asked : printers).map(({ time_zone }) => time_zone));
  const [zone] = zones;
  return zones.size === 1 && zone !== undefined ? zone : "UTC";
}

/** @throws HttpProblem `invalid` for what is no day */
export function dayFilter({ from, to }: Days, zone: string): { since?: UnixMs; until?: UnixMs } {
  return {
    ...(from === null ? {} : { since: startOfDay(from, zone, 0) }),
    ...(to === null ? {} : { until: startOfDay(to, zone, 1) }),
  };
}

/** The moment at which a day begins at a place; where its midnight is skipped (clocks put forward), the first after it. */
function startOfDay(day: string, zone: string, daysLater: number): UnixMs {
  const utc = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00Z`) : NaN;
  if (Number.isNaN(utc)) throw new HttpProblem("invalid", "from, to: a day is written as 2026-11-24.");
  const midnight = utc + daysLater * DAY_MS;
  // The zone's offset at UTC's midnight may not be the one at its own: the second look settles it.
  const guess = midnight - offsetAt(midnight, zone);
  const settled = midnight - offsetAt(guess, zone);
  return offsetAt(settled, zone) === offsetAt(guess, zone) ? settled : Math.max(settled, guess);
}
