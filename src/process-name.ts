import { readFileSync, readlinkSync } from "node:fs";

// Which process this is among all that ever ran, as far as Linux tells, so that one that starts after a crash need not
// wait until the one before is missed.

/**
 * Boot of the machine, namespace of process ids (each container has one), id, and when it began. A boot's id is drawn at
 * random, so no two machines share it. Null: this system does not tell.
 * @see proc(5), namespaces(7)
 */
export function processName(pid = process.pid): string | null {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return [boot, readlinkSync("/proc/self/ns/pid"), pid, stateOf(pid).began].join(" ");
  } catch {
    return null;
  }
}

/** Whether the process of this name has surely ended; false too for one that cannot be seen from here. */
export function hasEnded(name: string): boolean {
  const [boot, space, id] = name.split(" ");
  const [ownBoot, ownSpace] = processName()?.split(" ") ?? [];
  if (ownBoot === undefined || boot !== ownBoot || space !== ownSpace) return false;
  const pid = Number(id);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  try {
    const { state, began } = stateOf(pid);
    return ENDED.includes(state) || !name.endsWith(` ${began}`);
  } catch {
    return false;
  }
}

/** A killed one whose parent has not asked for it yet, and one that is going. */
const ENDED = ["Z", "X"];
/** Of the words after its name, which may have any sign in it: its state, and when it began, in ticks since the boot. */
const BEGAN = 19;

function stateOf(pid: number): { state: string; began: string } {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const words = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state = "", began = ""] = [words[0], words[BEGAN]];
  return { state, began };
}
