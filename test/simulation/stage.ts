import type { ManualClock } from "../fakes/manual-clock.ts";
import type { Dice } from "./dice.ts";

/** What all actors of one world share. */
export interface Stage {
  clock: ManualClock;
  dice: Dice;
  /** Faults are over: from here on everything must come right. */
  calm: boolean;
  /** One line of what happened, with the time that has passed. */
  tell(line: string): void;
  /** The relay broke its word. */
  blame(what: string): void;
  sleep(ms: number): Promise<void>;
  /** What was blamed first; null as long as all is well. */
  blamed(): string | null;
  trace: string[];
}

export function createStage(clock: ManualClock, dice: Dice): Stage {
  const trace: string[] = [];
  let blamed: string | null = null;
  const stage: Stage = {
    clock,
    dice,
    calm: false,
    trace,
    tell(line) {
      trace.push(`${(clock.elapsed() / 1000).toFixed(3).padStart(9)}  ${line}`);
    },
    blame(what) {
      stage.tell(`BROKEN: ${what}`);
      blamed ??= what;
    },
    sleep: (ms) => new Promise((resolve) => void clock.after(ms, resolve)),
    blamed: () => blamed,
  };
  return stage;
}
