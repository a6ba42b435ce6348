import { DAY_MS, HOUR_MS, type UnixMs } from "./time.ts";

/**
 * How long a store is usually silent, learned from what it has sent. Stores sleep at night, and some on Sundays: an
 * average tells nothing. So marks are set every six hours over four weeks, and the silence around each is looked at: none
 * that is longer than six hours is missed. The longest of all may have been a holiday or a fault of then, so the second
 * longest is the habit. A store is silent for longer than its habit after twice that.
 */
const LOOKED_BACK_MS = 28 * DAY_MS;
const MARK_EVERY_MS = 6 * HOUR_MS;

/** Fewer webhooks in that time are no habit; nor is what began less than a week ago, which has seen no Sunday. */
export const HABIT_WEBHOOKS_MIN = 20;
const HABIT_SINCE_MS = 7 * DAY_MS;

const LONGER_THAN_HABIT = 2;
/** A busy store's lunch break is no alarm. */
const SILENT_MS_MIN = HOUR_MS;
/** A store so seldom heard of has no habit that would be of use. */
const SILENT_MS_MAX = 14 * DAY_MS;

/** What a store has sent, as far as its habit goes. */
export interface Heard {
  webhooks: number;
  silences: readonly { from: UnixMs; until: UnixMs }[];
}

/** @returns the moments around which silences are to be looked at, oldest first */
export function habitMarks(now: UnixMs): UnixMs[] {
  const count = LOOKED_BACK_MS / MARK_EVERY_MS;
  return Array.from({ length: count }, (_, index) => now - LOOKED_BACK_MS + index * MARK_EVERY_MS);
}

/** @returns after how long a silence is longer than the store's habit; null: it has none */
export function silentAfterMs({ webhooks, silences }: Heard, now: UnixMs): number | null {
  if (webhooks < HABIT_WEBHOOKS_MIN) return null;
  const first = silences[0]?.from;
  if (first === undefined || now - first < HABIT_SINCE_MS) return null;
  const longest = silences.map(({ from, until }) => until - from).toSorted((a, b) => b - a);
  const habitMs = longest[1];
  if (habitMs === undefined) return null;
  const silentMs = Math.max(SILENT_MS_MIN, LONGER_THAN_HABIT * habitMs);
  return silentMs > SILENT_MS_MAX ? null : silentMs;
}
