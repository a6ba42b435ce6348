import { ALIVE_FOR_MS } from "../../src/worker/leadership.ts";
import type { DoneCall } from "./disk.ts";
import type { Life } from "./life.ts";
import type { Stage } from "./stage.ts";

/** When several relays last told each other that they live. */
export interface Heard {
  done: (call: DoneCall, life: Life) => void;
  /**
   * Whether others may have taken up what a life began, as a dead one's: none of them has heard of it for long.
   * @param since when it began, by the time that passes
   * @param by whose it is now: its own again only by another that was there meanwhile
   */
  wasTakenUp(life: number, since: number, by: number): boolean;
}

/** Their clock may be set by so much meanwhile: `APART_MS_MAX` in faults.ts. */
const CLOCK_SET_MS_MAX = 3_000;
const SILENCE_MS = ALIVE_FOR_MS - CLOCK_SET_MS_MAX;

export function createHeard(stage: Stage): Heard {
  /** The latest beat of each life, and when a silence of it was last over; Infinity: it has left. */
  const lives = new Map<number, { at: number; silentUntil: number }>();

  const isSilent = (at: number): boolean => stage.clock.elapsed() - at >= SILENCE_MS;

  return {
    done({ name }, { number }) {
      const at = stage.clock.elapsed();
      const before = lives.get(number) ?? { at, silentUntil: -1 };
      if (name === "beat")
        lives.set(number, { at, silentUntil: isSilent(before.at) ? at : before.silentUntil });
      if (name === "leaveService") lives.set(number, { at, silentUntil: Infinity });
    },
    wasTakenUp(life, since, by) {
      const latest = lives.get(life);
      if (life === by && ![...lives].some(([other, { at }]) => other !== life && at >= since)) return false;
      return latest === undefined || isSilent(latest.at) || latest.silentUntil >= since;
    },
  };
}
