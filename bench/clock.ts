/** From this process's `performance.now()` to the machine's monotonic clock, which all processes share. */
const OFFSET_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds on a clock that is the same in load, cloud and driver, and that nobody can set. */
export function monotonicMs(): number {
  return performance.now() + OFFSET_MS;
}
