import { SECOND_MS, type UnixMs } from "../../core/time.ts";

/**
 * Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or an HTTP date.
 * @returns from `now`, 0 or more; null when it is absent or neither
 */
export function retryAfterMs(header: string | string[] | undefined, now: UnixMs): number | null {
  const text = (Array.isArray(header) ? header[0] : header)?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * SECOND_MS;
  if (!/^[A-Za-z]{3,9}, .{15,30}GMT$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
