import { SECOND_MS, toRfc3339, type Clock, type MachineClock, type UnixMs } from "./time.ts";

/** What the ledger's time may be off by before this clock is corrected: machines' clocks run apart all the time. */
export const TOLERANCE_MS = 50;

/** So much later by its clock than by how long it has run, the machine's clock was set, or the machine slept. */
const JUMP_MS = SECOND_MS;

/** Between this machine's clock and the ledger's: NTP keeps them closer, so that somebody should look. */
export const APART_MS = 5 * SECOND_MS;

/** Machines without a clock of their own begin in 1970, some in 2000, until they have asked the network. */
const SET_SINCE: UnixMs = Date.UTC(2020, 0);

export function isUnset(time: UnixMs): boolean {
  return time < SET_SINCE;
}

/** @param time as the database tells it */
export function unsetText(time: UnixMs): string {
  return `the database's clock says ${toRfc3339(time)}: set it by NTP; until then relays go by their machines' clocks`;
}

/** @param offsetMs the machine's clock minus the ledger's, beyond `APART_MS` */
export function apartText(offsetMs: number): string {
  const by = `${Math.round(Math.abs(offsetMs) / SECOND_MS)} s ${offsetMs < 0 ? "behind" : "ahead of"}`;
  return (
    `this machine's clock is ${by} the database's, by which all relays go: set both by NTP; ` +
    "until then the times of this machine's log lines are off"
  );
}

/** The clock of one of several relays: all go by the ledger's, so that they agree whatever their machines say. */
export interface LedgerClock extends Clock {
  /** Asks the ledger and goes by what it says. While it cannot be asked, goes on from what it said last. Never rejects. */
  follow(): Promise<void>;
  /**
   * False from when the machine slept or its clock was set until the ledger was asked: which of the two it was, and with
   * it what others have done meanwhile, cannot be known here.
   */
  isSure(): boolean;
  /** The machine's clock minus this one, in ms. */
  machineOffsetMs(): number;
}

export interface LedgerClockDeps {
  machine: MachineClock;
  /** Null: the ledger has no clock, so that the machine's at the beginning stays. */
  askTime: () => Promise<UnixMs | null>;
  /** Told once when the two have come seconds apart. @param offsetMs the machine's clock minus the ledger's */
  onApart: (offsetMs: number, detail: string) => void;
}

/**
 * Runs by how long the machine has run, so that setting the machine's clock changes nothing. When the ledger told its
 * time nobody knows but that it was after the question and before the answer: only what lies outside of that is
 * corrected, and only so far. However long an answer takes, it makes this clock no worse.
 */
export function createLedgerClock({ machine, askTime, onApart }: LedgerClockDeps): LedgerClock {
  /** What the machine's clock says beyond how long it has run. */
  const machineBase = (): number => machine.now() - machine.elapsed();
  let base = machineBase();
  /** Of the machine, when the ledger was last asked. */
  let knownBase = base;
  let asking: Promise<void> | null = null;
  let isApart = false;

  const now = (): UnixMs => machine.elapsed() + base;
  const machineOffsetMs = (): number => machineBase() - base;

  function look(offsetMs: number, detail: string): void {
    const apart = Math.abs(offsetMs);
    if (apart > APART_MS && !isApart) onApart(offsetMs, detail);
    // One that hovers about the limit is told once.
    isApart = apart > (isApart ? APART_MS / 2 : APART_MS);
  }

  async function ask(): Promise<void> {
    // Before: what happens to the machine's clock until the answer comes leaves it unsure.
    const [asked, baseThen] = [machine.elapsed(), machineBase()];
    const time = await askTime();
    if (time === null) return;
    // By such a one the cloud would refuse every slip, and what is open would be out of time once it is set.
    if (isUnset(time) && !isUnset(now())) {
      look(machine.now() - time, unsetText(time));
      return;
    }
    base = corrected(base, { earliest: time - machine.elapsed(), latest: time - asked });
    knownBase = baseThen;
    look(machineOffsetMs(), apartText(machineOffsetMs()));
  }

  return {
    now,
    after: (delayMs, task) => machine.after(delayMs, task),
    // Whoever works with the ledger hears that it is away.
    follow: () =>
      (asking ??= ask()
        .catch(() => undefined)
        .finally(() => (asking = null))),
    isSure: () => Math.abs(machineBase() - knownBase) < JUMP_MS,
    machineOffsetMs,
  };
}

function corrected(base: number, { earliest, latest }: { earliest: number; latest: number }): number {
  const isBorne = base >= earliest - TOLERANCE_MS && base <= latest + TOLERANCE_MS;
  return isBorne ? base : Math.min(Math.max(base, earliest), latest);
}
