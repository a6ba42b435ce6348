import { spawnSync } from "node:child_process";
import { closeSync, fsyncSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A small file system of its own, in memory. */
export interface Mount {
  path: string;
  /** Leaves no byte free. */
  fill(): void;
  /** Removes what `fill` wrote. */
  free(): void;
  /** @returns false while a file on it is open for writing: then the kernel refuses */
  setReadOnly(readOnly: boolean): boolean;
  unmount(): void;
}

/** @returns null where this process may not mount: it takes Linux and root */
export function mountSmall(bytes: number): Mount | null {
  if (process.platform !== "linux" || process.geteuid?.() !== 0) return null;
  const path = mkdtempSync(join(tmpdir(), "relay-mount-"));
  const run = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;
  if (!run("mount", "-t", "tmpfs", "-o", `size=${String(bytes)},mode=700`, "tmpfs", path)) {
    rmdirSync(path);
    return null;
  }
  const ballast = join(path, "ballast");
  return {
    path,
    fill: () => fill(ballast),
    free: () => rmSync(ballast, { force: true }),
    setReadOnly: (readOnly) => run("mount", "-o", `remount,${readOnly ? "ro" : "rw"}`, path),
    unmount() {
      // Lazily: a relay that a failed test left behind may still hold it.
      run("umount", "-l", path);
      rmdirSync(path);
    },
  };
}

function fill(ballast: string): void {
  const file = openSync(ballast, "a");
  try {
    for (const bytes of [Buffer.alloc(64 * 1024), Buffer.alloc(4096)]) writeUntilFull(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function writeUntilFull(file: number, bytes: Buffer): void {
  try {
    for (;;) writeSync(file, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}
