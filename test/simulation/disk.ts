import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { RelayError } from "../../src/core/errors.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/index.ts";
import { createBusyLedgers, everyCall } from "../fakes/busy-ledger.ts";
import { SEAL } from "../fakes/process.ts";
import { never, type Life } from "./life.ts";

/** `full`: reads and no writes; `gone`: neither. */
export type DiskState = "well" | "full" | "gone";

/** The real ledger on a file that is thrown away, with a disk that can be slow, full or gone. */
export interface Disk {
  state: DiskState;
  /** What a commit takes, at least; it may take up to twice as long. */
  delayMs: number;
  ledger: Ledger;
  /** Sees every call that was done, and its result, also those whose caller is dead. */
  onDone: (name: string, result: unknown, values: unknown[]) => void;
  busy(): boolean;
  /** The ledger as one life of the process has it. */
  ofLife(life: Life): Ledger;
  /** The same file by another connection, to see what is really in it. */
  eyes: Database.Database;
  close(): Promise<void>;
}

interface DiskDeps {
  after: (delayMs: number, task: () => void) => unknown;
  chance: () => number;
}

const READS = ["nextDueAt", "held", "overdue", "waitingBeyond", "abandoned", "counts"];
const isRead = (name: string): boolean => READS.includes(name) || /^(find|list)/.test(name);

export async function createDisk({ after, chance }: DiskDeps): Promise<Disk> {
  const path = await freshFile();
  const clock = { after: () => () => undefined };
  const real = await openSqliteLedger({ path, seal: SEAL, clock, pragmas: ["synchronous = OFF"] });
  const busyLedgers = createBusyLedgers();
  const eyes = new Database(path, { readonly: true });
  const disk: Disk = {
    state: "well",
    delayMs: 0,
    ledger: busyLedgers.watched(real),
    onDone: () => undefined,
    busy: () => busyLedgers.busy(),
    eyes,
    ofLife: (life) =>
      everyCall(disk.ledger, (name, call, values) =>
        life.cross(async () => {
          const wait = isRead(name) ? 0 : 2 * Math.round((disk.delayMs * (1 + chance())) / 2);
          // Half before the commit and half after it: a process that dies has or has not stored it.
          if (wait > 0) await new Promise<void>((resolve) => after(wait / 2, resolve));
          if (!life.alive()) return never();
          if (disk.state === "gone" || (disk.state === "full" && !isRead(name))) {
            throw new RelayError("ledger_unavailable", `the simulated disk is ${disk.state}`);
          }
          const result = await call();
          disk.onDone(name, result, values);
          if (wait > 0) await new Promise<void>((resolve) => after(wait / 2, resolve));
          return result;
        }),
      ),
    async close() {
      eyes.close();
      await real.close();
    },
  };
  return disk;
}

let folder: string | null = null;

/** Migrating takes longer than many a world: done once, and copied. */
async function freshFile(): Promise<string> {
  if (folder === null) {
    const made = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "relay-simulation-"));
    folder = made;
    process.once("exit", () => rmSync(made, { recursive: true, force: true }));
    const template = await openSqliteLedger({
      path: join(made, "template.db"),
      seal: SEAL,
      clock: { after: () => () => undefined },
    });
    await template.close();
  }
  const path = join(folder, "world.db");
  for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
  copyFileSync(join(folder, "template.db"), path);
  return path;
}
