import { RelayError } from "../../src/core/errors.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { createBusyLedgers, everyCall } from "../fakes/busy-ledger.ts";
import { never, type Life } from "./life.ts";
import type { Medium } from "./medium.ts";

/** `full`: reads and no writes; `gone`: neither. */
export type DiskState = "well" | "full" | "gone";

/** The real ledger of one world, on a disk that can be slow, full or gone. */
export interface Disk extends Pick<Medium, "shared"> {
  state: DiskState;
  /** What a commit takes, at least; it may take up to twice as long. */
  delayMs: number;
  /** Nobody's life's: to look at the books. */
  ledger: Ledger;
  /** Sees every call that was done, and its result, also those whose caller is dead. */
  onDone: (call: DoneCall, life: Life) => void;
  /** In the middle of so many calls from now a server drops the connections: what was under way may have been done. */
  dropAfter: number;
  onDropped: () => void;
  busy(): boolean;
  /** The ledger as one life of the process has it. */
  open(life: Life): Promise<Ledger>;
  /** That life is over. What it was storing is now stored or never will be. */
  cutOff(life: Life): void;
}

export interface DoneCall {
  name: string;
  result: unknown;
  values: unknown[];
}

interface DiskDeps {
  medium: Medium;
  after: (delayMs: number, task: () => void) => unknown;
  chance: () => number;
}

/** Of the event loop, which turns fast while it waits: in about as many a call has its answer. */
const MIDDLE_TURNS_MAX = 60;

const READS = ["nextDueAt", "held", "overdue", "waitingBeyond", "abandoned", "counts"];
const isRead = (name: string): boolean => READS.includes(name) || /^(find|list)/.test(name);

export function createDisk({ medium, after, chance }: DiskDeps): Disk {
  const busyLedgers = createBusyLedgers();
  let opening = 0;
  const disk: Disk = {
    shared: medium.shared,
    state: "well",
    delayMs: 0,
    ledger: busyLedgers.watched(medium.ledger),
    onDone: () => undefined,
    dropAfter: Infinity,
    onDropped: () => undefined,
    busy: () => opening > 0 || busyLedgers.busy(),
    async open(life) {
      opening++;
      const opened = await medium.open(life.number).finally(() => opening--);
      return ofLife(life, busyLedgers.watched(opened));
    },
    cutOff: (life) => medium.cutOff(life.number),
  };

  /** A call to a server takes time of its own, in which the process may die: not the world's time, which stands still. */
  async function reachMiddle(life: Life, calling: Promise<unknown>): Promise<void> {
    const call = { isUnder: true };
    const end = (): void => void (call.isUnder = false);
    calling.then(end, end);
    for (let turns = Math.floor(chance() * MIDDLE_TURNS_MAX); turns > 0 && call.isUnder; turns--) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!call.isUnder) return;
    life.border();
    disk.dropAfter--;
    if (disk.dropAfter > 0 || !life.alive()) return;
    disk.dropAfter = Infinity;
    medium.drop(life.number);
    disk.onDropped();
  }

  function ofLife(life: Life, ledger: Ledger): Ledger {
    return everyCall(ledger, (name, call, values) =>
      life.cross(async () => {
        const wait = isRead(name) ? 0 : 2 * Math.round((disk.delayMs * (1 + chance())) / 2);
        // Half before the commit and half after it: a process that dies has or has not stored it.
        if (wait > 0) await new Promise<void>((resolve) => after(wait / 2, resolve));
        if (!life.alive()) return never();
        if (disk.state === "gone" || (disk.state === "full" && !isRead(name))) {
          throw new RelayError("ledger_unavailable", `the simulated disk is ${disk.state}`);
        }
        const calling = call();
        if (medium.shared) void reachMiddle(life, calling);
        const result = await calling;
        disk.onDone({ name, result, values }, life);
        if (name === "claim" && (result as unknown[]).length > 0) life.hasClaimed();
        if (wait > 0) await new Promise<void>((resolve) => after(wait / 2, resolve));
        return result;
      }),
    );
  }

  return disk;
}
