import type { Clock, UnixMs } from "../core/time.ts";

/** Counts wrong tokens per address, so that nobody can try them by the million. */
export interface SignInLimiter {
  /** @returns seconds to wait before this address may try again; 0: it may now */
  waitS(address: string): number;
  failed(address: string): void;
}

/** More addresses than this are not remembered at once: the oldest goes. */
const ADDRESSES_MAX = 10_000;

export function createSignInLimiter(clock: Clock, failuresMax: number, windowMs: number): SignInLimiter {
  const failures = new Map<string, { count: number; since: UnixMs }>();

  function current(address: string): { count: number; since: UnixMs } | undefined {
    const entry = failures.get(networkOf(address));
    return entry !== undefined && clock.now() < entry.since + windowMs ? entry : undefined;
  }

  return {
    waitS(address) {
      const entry = current(address);
      if (entry === undefined || entry.count < failuresMax) return 0;
      return Math.ceil((entry.since + windowMs - clock.now()) / 1000);
    },
    failed(address) {
      const { count, since } = current(address) ?? { count: 0, since: clock.now() };
      const key = networkOf(address);
      failures.delete(key);
      failures.set(key, { count: count + 1, since });
      const oldest = failures.keys().next();
      if (failures.size > ADDRESSES_MAX && oldest.done === false) failures.delete(oldest.value);
    },
  };
}

/** One IPv6 subscriber holds a whole /64: its addresses count as one. */
function networkOf(address: string): string {
  if (!address.includes(":") || /^::ffff:[\d.]+$/i.test(address)) return address;
  const [head = "", tail] = address.split("::", 2);
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? 0 : tail.split(":").length;
  while (tail !== undefined && groups.length + after < 8) groups.push("0");
  return groups.slice(0, 4).join(":");
}
