import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Bits and numbers as in disk.c. */
export const ON = { write: 1, sync: 2 } as const;
export const FILE = { ledger: 1, wal: 2, other: 4 } as const;
export const ACTION = {
  ...{ none: 0, kill_before: 1, kill_after: 2, kill_torn: 3, full: 4, fail: 5 },
  /** Nothing happens; `hits` tells how often it would have. */
  count: 6,
  read_only: 7,
} as const;

export interface Fault {
  /** Of `ON`, added up. */
  on: number;
  /** Of `FILE`, added up; `other` is any further file in the ledger's folder. */
  files: number;
  action: keyof typeof ACTION;
  /** At the n-th matching call from now, once; 0: at every one. */
  at?: number;
}

/** A disk under a child process, to be broken while it runs. */
export interface Disk {
  /** What the child must have in its environment. */
  env: Record<string, string>;
  break(fault: Fault): void;
  mend(): void;
  /** Every flush of the ledger or its log takes this much longer. */
  slowBy(us: number): void;
  /** How often the fault was met since `break`. */
  hits(): number;
  close(): void;
}

const SOURCE = fileURLToPath(new URL("./disk.c", import.meta.url));
const FIELDS = 6;
let library: string | null | undefined;

/** @returns the built library's path; null where there is no C compiler, or this is no Linux with glibc */
export function diskLibrary(): string | null {
  library ??= build();
  return library;
}

function build(): string | null {
  if (process.platform !== "linux") return null;
  const path = join(mkdtempSync(join(tmpdir(), "relay-disk-")), "disk.so");
  const { status } = spawnSync("cc", ["-shared", "-fPIC", "-O2", "-Wall", "-o", path, SOURCE, "-ldl"]);
  return status === 0 ? path : null;
}

/** @param ledger absolute path of the ledger the child will use; its folder must exist */
export function openDisk(ledger: string): Disk {
  const path = diskLibrary();
  if (path === null) throw new Error("a C compiler is needed to break the disk: install gcc");
  const control = join(mkdtempSync(join(dirname(path), "control-")), "control");
  const file = openSync(control, "w+");
  const put = (field: number, value: number): void => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    writeSync(file, bytes, 0, 4, field * 4);
  };
  const HITS = 5;
  for (let field = 0; field < FIELDS; field++) put(field, 0);
  return {
    env: { LD_PRELOAD: path, DISK_LEDGER: ledger, DISK_CONTROL: control },
    break({ on, files, action, at = 0 }) {
      // The action last: with it the fault is armed.
      [on, files, ACTION.none, at].forEach((value, field) => put(field, value));
      put(HITS, 0);
      put(2, ACTION[action]);
    },
    mend: () => put(2, ACTION.none),
    slowBy: (us) => put(4, us),
    hits() {
      const bytes = Buffer.alloc(4);
      readSync(file, bytes, 0, 4, HITS * 4);
      return bytes.readInt32LE();
    },
    close: () => closeSync(file),
  };
}
