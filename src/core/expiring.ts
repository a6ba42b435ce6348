import { z } from "zod";
import { wordsOr } from "./from-text.ts";
import type { UnixMs } from "./time.ts";

/**
 * A secret, or a token's hash, as a store keeps it. One that is good without end is the bare text, as ledgers have
 * kept them from the first; one that was rotated out stops by itself when its time comes.
 */
export type Expiring = string | { value: string; valid_until: UnixMs };

/** Those that count at this moment, the newest first as they were given; an empty one never does. */
export function validAt(entries: readonly Expiring[], now: UnixMs): string[] {
  return entries.filter((entry) => isValid(entry, now)).map(valueOf);
}

/** When the first of those that still count stops; null: none of them ever does. */
export function nextExpiry(entries: readonly Expiring[], now: UnixMs): UnixMs | null {
  const ends = entries
    .filter((entry) => isValid(entry, now))
    .map(endOf)
    .filter((end) => end !== null);
  return ends.length === 0 ? null : Math.min(...ends);
}

/** Whether something counts now, and there is a moment from which on nothing does. */
export function allExpire(entries: readonly Expiring[], now: UnixMs): boolean {
  const valid = entries.filter((entry) => isValid(entry, now));
  return valid.length > 0 && valid.every((entry) => endOf(entry) !== null);
}

/**
 * A new one in front; those that count now stay until then, unless they end sooner; what has expired is dropped.
 * @param until null: without end
 */
export function rotated(
  entries: readonly Expiring[],
  value: string,
  until: UnixMs | null,
  now: UnixMs,
): Expiring[] {
  const old = entries
    .filter((entry) => isValid(entry, now) && valueOf(entry) !== value)
    .map((entry) => expiring(valueOf(entry), earlier(endOf(entry), until)))
    .filter((entry) => isValid(entry, now));
  return [value, ...old];
}

export function expiring(value: string, until: UnixMs | null): Expiring {
  return until === null ? value : { value, valid_until: until };
}

export function valueOf(entry: Expiring): string {
  return typeof entry === "string" ? entry : entry.value;
}

export function endOf(entry: Expiring): UnixMs | null {
  return typeof entry === "string" ? null : entry.valid_until;
}

/** `valid_until` as files and forms write it. */
export const validUntil = wordsOr(
  { null: null },
  z.iso
    .datetime({ offset: true, error: "is not RFC 3339, such as 2026-11-24T02:13:00Z" })
    .transform((written) => Date.parse(written))
    .nullable(),
).default(null);

/** A bare text stands for an object with nothing but that under `name`, so that one schema reads both. */
export function orBare<Schema extends z.ZodType>(name: string, schema: Schema) {
  return z.preprocess(
    (given) => (typeof given === "object" && given !== null ? given : { [name]: given }),
    schema,
  );
}

function isValid(entry: Expiring, now: UnixMs): boolean {
  if (valueOf(entry).trim() === "") return false;
  const end = endOf(entry);
  return end === null || now < end;
}

function earlier(one: UnixMs | null, other: UnixMs | null): UnixMs | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
