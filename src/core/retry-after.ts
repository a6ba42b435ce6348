import { SECOND_MS, type UnixMs } from "./time.ts";

/**
 * Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or an HTTP date.
 * @param header of several the first counts
 * @param now by whichever clock a date is meant
 * @returns 0 or more; null when it is absent or neither
 */
export function retryAfterMs(header: string | string[] | undefined, now: UnixMs): number | null {
  const asked = (Array.isArray(header) ? header[0] : header)?.trim();
  if (asked !== undefined && /^\d{1,9}$/.test(asked)) return Number(asked) * SECOND_MS;
  const at = parseHttpDate(asked);
  return at === null ? null : Math.max(0, at - now);
}

/** RFC 9110 §5.6.7, the form every server sends: `Sun, 06 Nov 1994 08:49:37 GMT`. Anything else is null. */
export function parseHttpDate(text: string | undefined): UnixMs | null {
  if (text === undefined || !/^[A-Z][a-z]{2,8},? .{10,30} GMT$/.test(text.trim())) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}
