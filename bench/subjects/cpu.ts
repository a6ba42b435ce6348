import { readFileSync } from "node:fs";
import { childrenOf } from "./memory.ts";

/** Linux counts processor time in hundredths of a second for /proc (USER_HZ). */
const TICK_MS = 10;

/** Processor time a process has taken since its start, all its threads, user and kernel. */
export function cpuMs(pid: number): number {
  const [user = NaN, system = NaN] = timesOf(pid);
  return user + system;
}

/** The same of it and all it started, those that have ended too. */
export function cpuMsOfTree(pid: number): number {
  try {
    const own = timesOf(pid).reduce((sum, time) => sum + time, 0);
    return childrenOf(pid).reduce((sum, child) => sum + cpuMsOfTree(child), own);
  } catch {
    // It has ended since it was listed: its parent tells of it at the next look.
    return 0;
  }
}

/** User, kernel, and both of its children that have ended and were waited for. */
function timesOf(pid: number): number[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name stands in brackets and may hold spaces; what follows it starts with field 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).map((ticks) => Number(ticks) * TICK_MS);
}
