import { readFileSync } from "node:fs";

/** Linux counts processor time in hundredths of a second for /proc (USER_HZ). */
const TICK_MS = 10;

/** Processor time a process has taken since its start, all its threads, user and kernel. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name stands in brackets and may hold spaces; what follows it starts with field 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  return (userTicks + systemTicks) * TICK_MS;
}
