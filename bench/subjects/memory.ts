import { readFileSync } from "node:fs";

/** In bytes, as the kernel counts it (/proc: VmRSS, VmHWM). */
export interface Memory {
  resident: number;
  /** The most there has been since the start. Of several processes: the sum, though their peaks may differ in time. */
  peak: number;
}

export function memoryOfTree(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const own = { resident: kilobytes(status, "VmRSS") * 1024, peak: kilobytes(status, "VmHWM") * 1024 };
  return addMemory([own, ...childrenOf(pid).map(memoryOfTree)]);
}

export function addMemory(parts: readonly Memory[]): Memory {
  return {
    resident: parts.reduce((sum, { resident }) => sum + resident, 0),
    peak: parts.reduce((sum, { peak }) => sum + peak, 0),
  };
}

function kilobytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? NaN);
}

export function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return list === "" ? [] : list.split(" ").map(Number);
}
