import { MINUTE_MS, SECOND_MS, type UnixMs } from "./time.ts";

/**
 * The one retry law (CONTRACT, "Retries"): 2, 5, 10, 20, 40, 60 s, then every 60 s up to 15 min, then every
 * 5 min for as long as the delivery is useful. The list is the law; its last entry repeats.
 */
export const RETRY_DELAYS_MS: readonly number[] = [
  ...[2, 5, 10, 20, 40, 60].map((seconds) => seconds * SECOND_MS),
  // 137 s are gone by now; thirteen more minutes reach past the fifteenth.
  ...Array.from({ length: 13 }, () => MINUTE_MS),
  5 * MINUTE_MS,
];

/** After an `unknown` outcome paper may be out already: at most this many more, at least this far apart. */
export const REPEAT_DELAYS_MS: readonly number[] = [5, 30, 120].map((seconds) => seconds * SECOND_MS);

/** Jitter is only ever added, at most this share of the delay. */
export const JITTER_MAX = 0.2;

/** A `Retry-After` beyond this is held to be a mistake. */
export const RETRY_AFTER_MS_MAX = 60 * MINUTE_MS;

/** While the cloud is away, it is tried at least this often whether it is back. */
export const PROBE_EVERY_MS = 5 * SECOND_MS;

/** The first probe: as soon as the retry law lets the delivery that found out go again. */
export const FIRST_PROBE_MS = 2 * SECOND_MS;

/** A number from 0 (included) to 1 (excluded): the door by which chance comes in. */
export type Chance = () => number;

/**
 * @param step how many retries there were before this one, from 0
 * @returns when to try again: the law's delay or the server's `Retry-After`, whichever is longer, and jitter
 */
export function retryAt(
  step: number,
  now: UnixMs,
  chance: Chance,
  retryAfterMs: number | null = null,
): UnixMs {
  const delay = RETRY_DELAYS_MS[Math.min(step, RETRY_DELAYS_MS.length - 1)] ?? 5 * MINUTE_MS;
  return withJitter(Math.max(delay, askedMs(retryAfterMs)), now, chance);
}

/** @returns when a slip that may have printed may be sent again (`retryAt` for the rest), or null when it was sent often enough */
export function repeatAt(
  unknownCount: number,
  now: UnixMs,
  chance: Chance,
  retryAfterMs: number | null = null,
): UnixMs | null {
  const delay = REPEAT_DELAYS_MS[unknownCount - 1];
  return delay === undefined ? null : withJitter(Math.max(delay, askedMs(retryAfterMs)), now, chance);
}

function askedMs(retryAfterMs: number | null): number {
  return Math.min(retryAfterMs ?? 0, RETRY_AFTER_MS_MAX);
}

function withJitter(delayMs: number, now: UnixMs, chance: Chance): UnixMs {
  return now + Math.ceil(delayMs * (1 + JITTER_MAX * chance()));
}
